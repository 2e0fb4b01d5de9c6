// Any failure as a code and one sentence that says what happened and what to do.
import { type ErrorCode, PeerError } from '../../protocol/errors.ts';
import { sentence, t } from './text.ts';

/** What a command failed by, as --json prints it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Facts that help and say nothing of a patient. */
const shown = [
  'port',
  'path',
  'pid',
  'at',
  'message',
  'allowed',
  'number',
  'count',
  'k',
  'n',
  't',
  'keepers',
  'remaining',
  'members',
  'clock',
  'roster',
] as const;

export function failureOf(error: unknown): Failure {
  const coded = codedOf(error);
  const facts = shown.filter((name) => coded.data[name] !== undefined && coded.data[name] !== '');
  const list = facts.map((name) => `${t(`fact.${name}`)} ${factText(coded.data[name])}`).join(', ');
  const said = sentence(coded.code);
  return { code: coded.code, message: list === '' ? said : said.replace(/\.$/, ` (${list}).`) };
}

const factText = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(' ') : String(value).replace(/[\p{Cc}\p{Cf}]/gu, ' ');

const systemCodes: Readonly<Record<string, ErrorCode>> = {
  EADDRINUSE: 'net/port-taken',
  ENOSPC: 'store/full',
  EDQUOT: 'store/full',
  ENOENT: 'file/missing',
  ENOTDIR: 'file/missing',
  EEXIST: 'file/exists',
  EACCES: 'file/unreadable',
  EPERM: 'file/unreadable',
  EROFS: 'file/unreadable',
  EISDIR: 'file/unreadable',
  ECONNREFUSED: 'peer/not-running',
  ECONNRESET: 'net/closed',
  EPIPE: 'net/closed',
};

function codedOf(error: unknown): PeerError {
  if (error instanceof PeerError) return error;
  const { code, path, port } = (error ?? {}) as NodeJS.ErrnoException & { port?: number };
  const known = typeof code === 'string' ? systemCodes[code] : undefined;
  return new PeerError(known ?? 'cli/failed', { path, port }, { cause: error });
}
