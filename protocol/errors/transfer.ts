// 7xx: transfer.
import { badAnswer, busy, conflict, denied, type ErrorRow, malformed, tooLong, unknown } from './row.ts';

export const transfer = {
  'transfer/framing': {
    wire: 701,
    ...malformed,
    text: 'A frame of the transfer is malformed or longer than its kind allows.',
  },
  'transfer/unexpected': {
    wire: 702,
    ...conflict,
    text: 'The other side of a transfer sent what was not asked for or does not belong there.',
  },
  'transfer/too-many-wants': {
    wire: 703,
    http: 429,
    dimse: 0xa700,
    retry: false,
    text: 'More objects were asked for at once than are queued.',
  },
  'transfer/too-many-streams': {
    wire: 704,
    ...busy,
    text: 'The peer has more transfer streams open than are served at once; it continues when one is free.',
  },
  'transfer/no-such-object': { wire: 705, ...unknown, text: 'The transfer has no object with this number.' },
  'transfer/missing': {
    wire: 706,
    http: 404,
    dimse: 0xc000,
    retry: true,
    text: 'The sending hospital cannot read this object now; its operator must repair it.',
  },
  'transfer/manifest': {
    wire: 707,
    ...badAnswer,
    text: 'The manifest is not the one that the grant names; the sending hospital was blamed.',
  },
  'transfer/bad-chunk': {
    wire: 708,
    http: 502,
    dimse: 0xc000,
    retry: true,
    text: 'A chunk does not verify; the sending hospital was blamed and is asked once more.',
  },
  'transfer/lying-source': {
    wire: 709,
    ...badAnswer,
    text: 'The sending hospital sent wrong bytes again; the transfer was stopped, tell its operator.',
  },
  'transfer/refused': {
    wire: 710,
    ...denied,
    text: 'The sending hospital ended the transfer for a reason that this version does not know; update it.',
  },
  'transfer/incomplete': {
    wire: 711,
    http: 502,
    dimse: 0xb000,
    retry: true,
    text: 'Some objects could not be had; what arrived is kept, try again later for the rest.',
  },
  'transfer/cancelled': {
    wire: 712,
    http: 499,
    dimse: 0xfe00,
    retry: true,
    text: 'The transfer was cancelled; what arrived is kept.',
  },
  'transfer/stalled': {
    wire: 713,
    http: 504,
    dimse: 0xa700,
    retry: true,
    text: 'Nothing arrived for too long; the stream is opened anew.',
  },
  'transfer/too-large': {
    wire: 714,
    ...tooLong,
    text: 'The manifest or the number of objects is larger than a transfer takes.',
  },
} as const satisfies Record<string, ErrorRow>;
