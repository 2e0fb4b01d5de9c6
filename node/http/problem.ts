// Errors as application/problem+json (RFC 9457). What isn't in the catalogue is our fault and says nothing of itself.
import { type ErrorCode, PeerError } from '../../protocol/errors.ts';
import type { Problem } from '../api/problem.ts';
import type { Language } from '../api/texts/language.ts';
import { errorText } from '../api/texts/texts.ts';
import { storageError } from '../system/errno.ts';

const byStatus: Readonly<Record<number, ErrorCode>> = {
  404: 'http/not-found',
  406: 'http/not-acceptable',
  413: 'http/too-large',
  414: 'http/too-large',
  415: 'http/media-type',
  429: 'http/too-many',
  431: 'http/too-large',
};

/** What fastify's own errors and those of its plugins have. */
interface FrameworkError extends Error {
  readonly statusCode?: number;
  readonly code?: string;
  readonly validationContext?: string;
  readonly validation?: readonly { readonly instancePath: string; readonly message?: string }[];
}

/** The coded error that a caller is told of; http/internal for whatever isn't the caller's doing. */
export function knownError(error: unknown): PeerError {
  if (error instanceof PeerError) return error;
  const storage = storageError(error);
  if (storage !== undefined) return storage;
  const { validation, validationContext, statusCode = 500, code, message } = error as FrameworkError;
  if (validation !== undefined) {
    const at = `${validationContext ?? ''}${validation[0]?.instancePath ?? ''}`;
    return new PeerError('http/invalid', { at, message: validation[0]?.message });
  }
  if (statusCode < 400 || statusCode >= 500) return new PeerError('http/internal', {}, { cause: error });
  return new PeerError(byStatus[statusCode] ?? 'http/invalid', code?.startsWith('FST_ERR') ? { message } : {});
}

/** The body for a coded error, its title in a language. */
export function problem({ code, row, data }: PeerError, language: Language): Problem {
  const detail = [data.at, data.message].filter((each) => typeof each === 'string' && each !== '').join(' ');
  const base = { type: `urn:dicomnet:error:${code}`, title: errorText(language, code), status: row.http, code };
  return detail === '' ? base : { ...base, detail };
}
