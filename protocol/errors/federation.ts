// 2xx: the federation: roster, members, cards, the authority; the boxes that only a member opens.
import { conflict, denied, type ErrorRow, malformed, unknown } from './row.ts';

export const federation = {
  'roster/form': { wire: 200, ...malformed, text: 'The roster contradicts itself.' },
  'roster/lower-number': { wire: 201, ...conflict, text: 'The roster is older than the one that is followed already.' },
  'roster/broken-chain': { wire: 202, ...conflict, text: 'The roster does not follow the one that is known.' },
  'roster/too-few-signatures': {
    wire: 203,
    ...denied,
    text: 'Too few authorities have signed the roster; collect more.',
  },
  'roster/signer-twice': { wire: 204, ...denied, text: 'One authority signed the roster twice; each counts once.' },
  'roster/signer-unknown': { wire: 205, ...denied, text: 'The roster is signed by a key that is no authority of it.' },
  'roster/other-federation': { wire: 206, ...denied, text: 'The roster belongs to another federation.' },
  'roster/index-key': {
    wire: 207,
    ...malformed,
    text: 'The shares of the index key in the roster do not make one key.',
  },
  'roster/succession': {
    wire: 208,
    ...denied,
    text: 'A member changes its peer id without a succession signed by the old key or a mark that it was reissued.',
  },
  'roster/fork': {
    wire: 209,
    ...conflict,
    text: 'The authorities have signed two different rosters under one number; nobody new is admitted until they resolve it.',
  },
  'roster/expired': {
    wire: 210,
    ...denied,
    text: 'The roster has expired; ask the authority for a new one within 30 days, then the network stops.',
  },
  'roster/none': {
    wire: 211,
    http: 409,
    dimse: 0x0124,
    retry: false,
    text: 'This peer has joined no federation yet; join one with its roster file.',
  },
  'roster/key-change': {
    wire: 212,
    ...denied,
    text: 'The index key may not change like this: it stays the same within a generation, generations do not fall, and no roster leaves it out.',
  },
  'roster/dates': {
    wire: 213,
    ...conflict,
    text: 'The roster is dated before the one that it follows; the authority must set its clock and make it anew.',
  },
  'member/unknown': { wire: 215, ...denied, text: 'The peer is not a member that the current roster names.' },
  'member/exists': { wire: 216, ...conflict, text: 'The peer or member is in the roster already.' },
  'member/ambiguous': { wire: 217, ...conflict, text: 'More than one member has this name; use the member id.' },
  'card/validity': {
    wire: 220,
    ...malformed,
    text: 'The card has lapsed, is not valid yet or claims more than 90 days.',
  },
  'card/member': { wire: 221, ...denied, text: 'The card names another member than the one whose peer signed it.' },
  'join/card': { wire: 225, ...malformed, text: 'The card in the join request is not signed by the peer that asks.' },
  'authority/keepers': {
    wire: 230,
    ...conflict,
    text: 'Fewer keepers than the threshold would remain; deal a new index key to other keepers.',
  },
  'authority/payload': { wire: 231, ...conflict, text: 'The signatures to assemble are for different rosters.' },
  'authority/missing': {
    wire: 232,
    ...unknown,
    text: 'There is no federation in this folder; make one with federation create, or name another with --dir.',
  },
  'authority/exists': {
    wire: 233,
    ...conflict,
    text: 'There is a federation in this folder already; use another --dir folder.',
  },
  'authority/key': {
    wire: 234,
    http: 500,
    dimse: 0xc000,
    retry: false,
    text: 'The authority key is missing, malformed or readable by others; restore it and make it readable by its owner alone (chmod 600).',
  },
  'authority/pending': {
    wire: 235,
    ...conflict,
    text: 'Another roster with this number was signed here already: finish it with sign and assemble, or say --replace if it will never be published.',
  },
  'authority/busy': {
    wire: 236,
    http: 503,
    dimse: 0xc000,
    retry: true,
    text: 'Another command works on this federation folder; wait until it has ended.',
  },
  'authority/threshold': {
    wire: 237,
    ...malformed,
    text: 'The threshold must be more than half of the authority keys, and each key may be named once.',
  },
  'authority/card': {
    wire: 238,
    ...conflict,
    text: 'No card of this member is in the roster file, so no share can be sealed to it; choose another keeper.',
  },
  'authority/file': {
    wire: 239,
    ...malformed,
    text: 'This is not the public key file of an authority; federation key writes one.',
  },
  'authority/clock': {
    wire: 240,
    ...conflict,
    text: "This machine's clock is behind the last roster's date; set the clock, then do this again.",
  },
  'box/key': { wire: 250, ...malformed, text: 'The box keys are malformed or weak, so nothing is sealed to them.' },
  'box/unopenable': { wire: 251, ...denied, text: 'The sealed box is not for this key or was altered.' },
  'box/too-long': {
    wire: 252,
    http: 413,
    dimse: 0xc000,
    retry: false,
    text: 'This is more than a sealed box may hold.',
  },
} as const satisfies Record<string, ErrorRow>;
