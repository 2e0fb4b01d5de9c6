// The one catalogue of everything that can be refused or go wrong, by family in errors/. A code is API: it never changes
// its meaning. Wire numbers: 1xx encoding and envelopes, 2xx federation, 3xx tags, 4xx advertisements and summaries, 5xx
// sealing and manifests, 6xx asking and granting, 7xx transfer, 8xx audit, from 900 on the peer itself (network, store,
// DICOM, HTTP, user).
import { access } from './errors/access.ts';
import { adverts } from './errors/adverts.ts';
import { audit } from './errors/audit.ts';
import { deidentify } from './errors/deidentify.ts';
import { dicom } from './errors/dicom.ts';
import { dimse } from './errors/dimse.ts';
import { encoding } from './errors/encoding.ts';
import { federation } from './errors/federation.ts';
import { http } from './errors/http.ts';
import { imports } from './errors/import.ts';
import { net } from './errors/net.ts';
import { orders } from './errors/orders.ts';
import { pixels } from './errors/pixels.ts';
import type { ErrorRow } from './errors/row.ts';
import { seal } from './errors/seal.ts';
import { store } from './errors/store.ts';
import { tags } from './errors/tags.ts';
import { transfer } from './errors/transfer.ts';
import { user } from './errors/user.ts';

export const catalogue = {
  ...encoding,
  ...federation,
  ...tags,
  ...adverts,
  ...seal,
  ...access,
  ...transfer,
  ...audit,
  ...net,
  ...store,
  ...dicom,
  ...dimse,
  ...imports,
  ...user,
  ...http,
  ...pixels,
  ...deidentify,
  ...orders,
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof catalogue;

/** The one error class. `data` carries facts for machines and logs and must never hold anything about a patient. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, data: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(`${code}: ${catalogue[code].text}`, options);
    this.code = code;
    this.data = data;
  }

  get row(): ErrorRow {
    return catalogue[this.code];
  }
}

const byWire = new Map<number, ErrorCode>(Object.entries(catalogue).map(([code, r]) => [r.wire, code as ErrorCode]));

/** The code behind a wire number, or undefined when a newer peer sent one that this version does not know. */
export const codeOfWire = (wire: number): ErrorCode | undefined => byWire.get(wire);

/** Whether a text is a code of this version's catalogue. */
export const isErrorCode = (text: unknown): text is ErrorCode =>
  typeof text === 'string' && Object.hasOwn(catalogue, text);

/** Throws the coded error unless the condition holds. */
export function must(condition: unknown, code: ErrorCode, data?: Record<string, unknown>): asserts condition {
  if (!condition) throw new PeerError(code, data);
}
