// 1xx: encoding and envelopes.
import { denied, type ErrorRow, malformed, tooLong } from './row.ts';

export const encoding = {
  'cbor/malformed': { wire: 101, ...malformed, text: 'The message is not well-formed deterministic CBOR.' },
  'cbor/too-long': { wire: 102, ...tooLong, text: 'The message is longer than its kind allows.' },
  'cbor/too-deep': { wire: 103, ...malformed, text: 'The message is nested deeper or has more items than is allowed.' },
  'field/missing': { wire: 104, ...malformed, text: 'A required field is missing.' },
  'field/invalid': { wire: 105, ...malformed, text: 'A field has a value that is not allowed.' },
  'crit/unknown': {
    wire: 106,
    ...malformed,
    text: 'The message needs something that this version does not understand.',
  },
  'kind/unsupported': {
    wire: 107,
    http: 501,
    dimse: 0x0122,
    retry: false,
    text: 'This kind of message is known but not served by this version.',
  },
  'kind/unexpected': { wire: 108, ...malformed, text: 'The message is of another kind than was expected here.' },
  'version/unsupported': {
    wire: 109,
    http: 426,
    dimse: 0x0122,
    retry: false,
    text: 'The other side speaks a version that is not supported; update it.',
  },
  'envelope/signature': { wire: 110, ...denied, text: 'The signature does not match the message.' },
  'envelope/signer': { wire: 111, ...denied, text: 'The message is signed by somebody else than it should be.' },
} as const satisfies Record<string, ErrorRow>;
