// 100x: pixels.
import { type ErrorRow, unavailable } from './row.ts';

export const pixels = {
  'pixels/none': {
    wire: 1000,
    http: 406,
    dimse: 0xc000,
    retry: false,
    text: 'The instance has no pixels that could be shown.',
  },
  'pixels/unsupported': {
    wire: 1001,
    http: 406,
    dimse: 0x0122,
    retry: false,
    text: 'These pixels cannot be decoded here; retrieve the instance as it is stored (transfer-syntax=*).',
  },
  'pixels/corrupt': {
    wire: 1002,
    http: 406,
    dimse: 0xc000,
    retry: false,
    text: 'The compressed frame is damaged, or is not of the size that its instance names; retrieve it as it is stored.',
  },
  'pixels/too-large': {
    wire: 1003,
    http: 406,
    dimse: 0xa700,
    retry: false,
    text: 'The frame is larger than is decoded here; retrieve it as it is stored.',
  },
  'pixels/busy': { wire: 1004, ...unavailable, text: 'Too many frames wait to be decoded; try again in a moment.' },
  'pixels/deadline': {
    wire: 1005,
    http: 503,
    dimse: 0xc000,
    retry: false,
    text: 'Decoding or encoding the frame took longer than is allowed; retrieve it as it is stored.',
  },
  'pixels/worker': {
    wire: 1006,
    http: 500,
    dimse: 0x0110,
    retry: true,
    text: 'The worker that decodes frames ended unexpectedly; try again.',
  },
  'pixels/cannot-encode': {
    wire: 1007,
    http: 406,
    dimse: 0x0122,
    retry: false,
    text: 'Pixels of this kind cannot be written in the transfer syntax asked for; ask for another one or as it is stored.',
  },
  'pixels/not-lossless': {
    wire: 1008,
    http: 406,
    dimse: 0x0122,
    retry: false,
    text: 'The encoded frame would not be the same as the stored one; ask for another transfer syntax.',
  },
} as const satisfies Record<string, ErrorRow>;
