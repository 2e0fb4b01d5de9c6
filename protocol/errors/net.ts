// 90x, 91x: the network between peers.
import { badAnswer, busy, denied, type ErrorRow, malformed, tooLong, unavailable } from './row.ts';

export const net = {
  'net/unreachable': {
    wire: 900,
    ...unavailable,
    text: 'The other peer cannot be reached; it may be off line or its address wrong.',
  },
  'net/timeout': { wire: 901, http: 504, dimse: 0xa700, retry: true, text: 'The other peer did not answer in time.' },
  'net/refused': { wire: 902, ...denied, text: 'The roster does not let these two peers talk about this.' },
  'net/closed': {
    wire: 903,
    http: 502,
    dimse: 0xa700,
    retry: true,
    text: 'The connection broke before everything had arrived.',
  },
  'net/too-large': { wire: 904, ...tooLong, text: 'The message is larger than this protocol allows.' },
  'net/busy': { wire: 905, ...busy, text: 'Too many requests are under way with this peer; try again in a moment.' },
  'net/framing': { wire: 906, ...malformed, text: 'The other peer sent something that does not follow the protocol.' },
  'net/internal': {
    wire: 907,
    http: 502,
    dimse: 0xc000,
    retry: true,
    text: 'The other peer failed while it handled the request; its log says why.',
  },
  'net/unknown-error': {
    wire: 908,
    ...badAnswer,
    text: 'The other peer answered with an error that this version does not know.',
  },
  'net/no-protocol': {
    wire: 909,
    http: 501,
    dimse: 0x0122,
    retry: false,
    text: 'The other peer does not serve this protocol; one of the two needs an update.',
  },
  'net/stopped': { wire: 910, ...unavailable, text: 'The peer is not running or is shutting down.' },
  'net/address': {
    wire: 911,
    http: 500,
    dimse: 0xc000,
    retry: false,
    text: 'This machine does not have the address, or it is not written as it must be (for peers like /ip4/192.0.2.1/tcp/4101); correct it in peer.json.',
  },
  'net/worker': {
    wire: 912,
    http: 500,
    dimse: 0xc000,
    retry: true,
    text: 'The worker that evaluates tags ended unexpectedly and is started again.',
  },
  'net/no-card': {
    wire: 919,
    ...unavailable,
    text: 'The card of that member has not arrived yet; try again when its peer is on line.',
  },
  'net/port-taken': {
    wire: 967,
    http: 500,
    dimse: 0x0110,
    retry: false,
    text: 'The port is in use; stop the other program or configure another port.',
  },
} as const satisfies Record<string, ErrorRow>;
