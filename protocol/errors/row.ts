// What an error is elsewhere, and the answers that many errors share.

/** What each code becomes elsewhere, and says. */
export interface ErrorRow {
  /** Number on the wire; never used again for another code. */
  readonly wire: number;
  /** HTTP status. */
  readonly http: number;
  /** DIMSE status (PS3.7 C). */
  readonly dimse: number;
  /** Whether the same again may succeed. */
  readonly retry: boolean;
  /** One English sentence: what happened and, where somebody can act, what to do next. */
  readonly text: string;
}

/** What was sent cannot be read, or says what it may not. */
export const malformed = { http: 400, dimse: 0xc000, retry: false } as const;
/** Not allowed, or not proven to come from who may. */
export const denied = { http: 403, dimse: 0x0124, retry: false } as const;
/** Nothing of this name is here. */
export const unknown = { http: 404, dimse: 0xc000, retry: false } as const;
/** It does not fit what is here already. */
export const conflict = { http: 409, dimse: 0xc000, retry: false } as const;
/** More than is taken. */
export const tooLong = { http: 413, dimse: 0xa700, retry: false } as const;
/** Of a kind that is not taken. */
export const notTaken = { http: 415, dimse: 0xc000, retry: false } as const;
/** It can be read, but contradicts itself or was altered. */
export const damaged = { http: 422, dimse: 0xc000, retry: false } as const;
/** Too much at once. */
export const busy = { http: 429, dimse: 0xa700, retry: true } as const;
/** Something of this peer's own has to be mended first. */
export const broken = { http: 500, dimse: 0xa700, retry: false } as const;
/** The other side answered, but not as it should. */
export const badAnswer = { http: 502, dimse: 0xc000, retry: false } as const;
/** Not there now, or too much is waiting. */
export const unavailable = { http: 503, dimse: 0xa700, retry: true } as const;
