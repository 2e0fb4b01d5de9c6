// 4xx: advertisements and summaries.
import { badAnswer, busy, conflict, denied, type ErrorRow, malformed, tooLong, unknown } from './row.ts';

export const adverts = {
  'advert/size': { wire: 401, ...malformed, text: 'The advertisement is not of one of the fixed sizes.' },
  'advert/not-member': { wire: 402, ...denied, text: 'The advertisement is not signed by the member that it names.' },
  'advert/epoch': {
    wire: 403,
    ...conflict,
    text: 'The advertisement is for a week that is not published now; check the clock.',
  },
  'advert/expiry': {
    wire: 404,
    ...malformed,
    text: 'The advertisement has lapsed or asks to be kept longer than is allowed.',
  },
  'advert/over-quota': { wire: 405, ...busy, text: 'The publisher has used up its room on this peer.' },
  'advert/superseded': { wire: 406, ...conflict, text: 'A newer version of this advertisement is stored already.' },
  'advert/conflict': { wire: 407, ...conflict, text: 'Another advertisement with the same version is stored already.' },
  'advert/rolled-back': {
    wire: 408,
    http: 502,
    dimse: 0xc000,
    retry: true,
    text: 'A peer served an older version of an advertisement than is known.',
  },
  'advert/wrong-tag': { wire: 409, ...badAnswer, text: 'A peer served an advertisement that was not asked for.' },
  'advert/summary': { wire: 410, ...badAnswer, text: 'The summary does not open with this key or is malformed.' },
  'advert/too-large': { wire: 411, ...tooLong, text: 'The summary does not fit into the largest advertisement.' },
  'advert/no-purpose': {
    wire: 412,
    ...denied,
    text: 'A summary is released only for a stated purpose and reason; give both.',
  },
  'advert/not-addressed': { wire: 413, ...denied, text: 'The summary request is addressed to another hospital.' },
  'advert/request-time': {
    wire: 414,
    ...denied,
    text: 'The summary request was issued too long ago or in the future; check the clocks.',
  },
  'advert/replayed': {
    wire: 415,
    http: 409,
    dimse: 0x0124,
    retry: false,
    text: 'This summary request was received before; make a new one.',
  },
  'advert/unknown': { wire: 416, ...unknown, text: 'Nothing is advertised here under this tag.' },
  'advert/denied': { wire: 417, ...denied, text: 'The hospital does not release this summary.' },
} as const satisfies Record<string, ErrorRow>;
