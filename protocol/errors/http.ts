// 99x: HTTP; 1126: its Host; 1010 and 1060: ranges and bodies.
import { busy, denied, type ErrorRow, malformed, notTaken, tooLong, unknown } from './row.ts';

export const http = {
  'http/unauthorized': {
    wire: 990,
    http: 401,
    dimse: 0x0124,
    retry: false,
    text: 'Sign in, or send a valid token as Authorization: Bearer.',
  },
  'http/forbidden': { wire: 991, ...denied, text: 'Your role does not allow this; ask an administrator.' },
  'http/not-found': { wire: 992, ...unknown, text: 'There is nothing at this address.' },
  'http/invalid': { wire: 993, ...malformed, text: 'The HTTP request is not valid.' },
  'http/internal': {
    wire: 994,
    http: 500,
    dimse: 0x0110,
    retry: true,
    text: 'The peer failed by a fault of its own; its log says how.',
  },
  'http/too-large': { wire: 995, ...tooLong, text: 'The request is longer than this route takes.' },
  'http/media-type': { wire: 996, ...notTaken, text: 'The body is of another media type than this route takes.' },
  'http/not-acceptable': {
    wire: 997,
    http: 406,
    dimse: 0x0122,
    retry: false,
    text: 'This cannot be given in the media type or transfer syntax asked for; ask for it as it is stored (transfer-syntax=*).',
  },
  'http/host': {
    wire: 1126,
    http: 421,
    dimse: 0x0122,
    retry: false,
    text: 'This peer is not known by the host name that it was called by; name it in http.names or http.publicUrl of peer.json.',
  },
  'http/too-many': { wire: 998, ...busy, text: 'Too many requests came from this address; wait a moment.' },
  'http/frames': {
    wire: 999,
    ...unknown,
    text: 'The instance has no such frame that can be read by itself; retrieve the whole instance.',
  },
  'http/range': {
    wire: 1010,
    http: 416,
    dimse: 0xc000,
    retry: false,
    text: 'The range of bytes asked for is not there.',
  },
  'http/multipart': {
    wire: 1060,
    ...malformed,
    text: 'The multipart body does not follow RFC 2046 or is longer in its parts than is allowed; send it again.',
  },
} as const satisfies Record<string, ErrorRow>;
