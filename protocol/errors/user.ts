// 94x, 97x, 98x, 112x: what somebody at this peer names or is told: configuration, command line, files, users.
import { badAnswer, conflict, denied, type ErrorRow, malformed, unavailable, unknown } from './row.ts';

export const user = {
  'study/unknown': {
    wire: 944,
    http: 404,
    dimse: 0xa801,
    retry: false,
    text: 'No study with this Study Instance UID is kept here; look it up in the portal or by QIDO-RS.',
  },
  'patient/unknown': { wire: 976, ...unknown, text: 'No such patient record here; see the list that patients prints.' },
  'patient/decision': {
    wire: 945,
    ...conflict,
    text: 'There is nothing of the kind to decide or undo for this record; see doubt in the list that patients prints.',
  },
  'config/invalid': {
    wire: 980,
    http: 400,
    dimse: 0xa700,
    retry: false,
    text: 'The configuration peer.json is not valid; mend what is named.',
  },
  'user/exists': { wire: 981, ...conflict, text: 'There is a user with this name already.' },
  'peer/exists': {
    wire: 982,
    http: 409,
    dimse: 0xa700,
    retry: false,
    text: 'There is a peer in this data folder already; use another --data folder.',
  },
  'peer/not-running': {
    wire: 983,
    ...unavailable,
    text: 'No peer is running on this data folder; start it with: npm run -s dicomnet -- start --data DIR (or npm start for ./data).',
  },
  'peer/answer': {
    wire: 984,
    ...badAnswer,
    text: 'The peer answered in a way that this command does not understand; use the same version of both.',
  },
  'file/missing': { wire: 985, ...unknown, text: 'There is no such file or folder; check the path.' },
  'file/unreadable': {
    wire: 986,
    http: 403,
    dimse: 0xc000,
    retry: false,
    text: 'The file or folder cannot be read or written; check its permissions and kind.',
  },
  'file/exists': { wire: 987, ...conflict, text: 'There is a file of this name already; name an empty folder.' },
  'cli/misuse': {
    wire: 988,
    ...malformed,
    text: 'The command line is not right; add --help to see what the command takes.',
  },
  'cli/failed': {
    wire: 989,
    http: 500,
    dimse: 0xc000,
    retry: false,
    text: 'Something failed that should not; run it again with DICOMNET_LOG=debug and report what it prints.',
  },
  'user/unknown': { wire: 1120, ...unknown, text: 'There is no user with this name; see user list.' },
  'user/wait': {
    wire: 1121,
    http: 401,
    dimse: 0x0124,
    retry: true,
    text: 'Too many wrong passwords for this account; wait the seconds that are named, then try again.',
  },
  'user/password-weak': {
    wire: 1122,
    ...malformed,
    text: 'The password needs 12 characters or more, and not the name in it.',
  },
  'user/not-signed-in': {
    wire: 1123,
    ...denied,
    text: 'This is for users who signed in with a password; the token of a program has none.',
  },
  'user/token-unknown': { wire: 1124, ...unknown, text: 'There is no token with this id; see token list.' },
  'user/token-console': {
    wire: 1125,
    ...denied,
    text: 'This is the token of the data folder, which the commands need; it is not ended.',
  },
} as const satisfies Record<string, ErrorRow>;
