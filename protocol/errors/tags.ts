// 3xx: patient tags and their keepers.
import { busy, type ErrorRow, malformed, unavailable, unknown } from './row.ts';

export const tags = {
  'tags/point': { wire: 301, ...malformed, text: 'A group element or scalar is malformed or the identity.' },
  'tags/share': {
    wire: 302,
    ...malformed,
    text: "The keepers' shares, indices or threshold of the index key do not fit together.",
  },
  'tags/proof': {
    wire: 303,
    http: 502,
    dimse: 0xc000,
    retry: true,
    text: "A keeper's proof does not match its commitment in the roster; it was blamed.",
  },
  'tags/generation': {
    wire: 304,
    http: 409,
    dimse: 0xc000,
    retry: true,
    text: 'The keeper holds another index key or generation; update the roster on both sides.',
  },
  'tags/no-keepers': {
    wire: 305,
    ...unavailable,
    text: "Too few keepers answered to look a patient up; try again or tell the keepers' hospitals.",
  },
  'tags/over-quota': {
    wire: 306,
    ...busy,
    text: 'This hospital has used up its look-ups for now; wait, or ask the authority for an allowance.',
  },
  'tags/identifier': {
    wire: 307,
    ...malformed,
    text: 'The patient identifier is empty, too long or holds characters that are not allowed.',
  },
  'tags/system': { wire: 308, ...malformed, text: 'The identifier system is not a URI that this federation can use.' },
  'tags/keeper-down': { wire: 309, ...unavailable, text: 'A keeper did not answer in time.' },
  'tags/not-keeper': { wire: 310, ...unknown, text: 'This peer keeps no share of that index key.' },
} as const satisfies Record<string, ErrorRow>;
