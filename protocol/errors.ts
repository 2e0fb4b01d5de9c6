// The one catalogue of everything that can be refused or go wrong. A code is API: it never changes its meaning.
// Wire numbers: 1xx encoding and envelopes, 2xx federation, 3xx tags, 4xx advertisements and summaries, 5xx sealing and
// manifests, 6xx asking and granting, 7xx transfer, 8xx audit, 9xx the peer itself (network, store, DIMSE, HTTP, user).

/** What each code becomes elsewhere: number on the wire, HTTP status, DIMSE status (PS3.7 C), whether trying again helps. */
export interface ErrorRow {
  readonly wire: number;
  readonly http: number;
  readonly dimse: number;
  readonly retry: boolean;
  /** One English sentence: what happened and, where somebody can act, what to do next. */
  readonly text: string;
}

const row = (wire: number, http: number, dimse: number, retry: boolean, text: string): ErrorRow => ({
  wire,
  http,
  dimse,
  retry,
  text,
});

export const catalogue = {
  // 1xx: encoding and envelopes
  'cbor/malformed': row(101, 400, 0xc000, false, 'The message is not well-formed deterministic CBOR.'),
  'cbor/too-long': row(102, 413, 0xa700, false, 'The message is longer than its kind allows.'),
  'cbor/too-deep': row(103, 400, 0xc000, false, 'The message is nested deeper or has more items than is allowed.'),
  'field/missing': row(104, 400, 0xc000, false, 'A required field is missing.'),
  'field/invalid': row(105, 400, 0xc000, false, 'A field has a value that is not allowed.'),
  'crit/unknown': row(106, 400, 0xc000, false, 'The message needs something that this version does not understand.'),
  'kind/unsupported': row(107, 501, 0x0122, false, 'This kind of message is known but not served by this version.'),
  'kind/unexpected': row(108, 400, 0xc000, false, 'The message is of another kind than was expected here.'),
  'version/unsupported': row(
    109,
    426,
    0x0122,
    false,
    'The other side speaks a version that is not supported; update it.',
  ),
  'envelope/signature': row(110, 403, 0x0124, false, 'The signature does not match the message.'),
  'envelope/signer': row(111, 403, 0x0124, false, 'The message is signed by somebody else than it should be.'),
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

/** Throws the coded error unless the condition holds. */
export function must(condition: unknown, code: ErrorCode, data?: Record<string, unknown>): asserts condition {
  if (!condition) throw new PeerError(code, data);
}
