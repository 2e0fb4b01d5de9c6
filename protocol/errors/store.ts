// 92x: what is stored; 97x: the vault.
import { broken, type ErrorRow } from './row.ts';

export const store = {
  'store/locked': {
    wire: 920,
    http: 503,
    dimse: 0xa700,
    retry: false,
    text: 'The data folder is in use by another process; stop that one or use another --data folder.',
  },
  'store/unreadable': {
    wire: 921,
    ...broken,
    text: 'The database in the data folder cannot be opened; check the disk and its permissions, or restore a backup.',
  },
  'store/corrupt': {
    wire: 922,
    ...broken,
    text: 'Something stored does not verify; restore it from a backup, or fetch it again from another hospital.',
  },
  'store/object-missing': {
    wire: 923,
    http: 404,
    dimse: 0xa700,
    retry: false,
    text: 'A stored object is not there; restore it from a backup, or fetch it again from another hospital.',
  },
  'store/full': {
    wire: 924,
    http: 507,
    dimse: 0xa700,
    retry: true,
    text: 'The disk is full or below storage.minFreeBytes; free some space, then send again.',
  },
  'store/format': {
    wire: 925,
    ...broken,
    text: 'The data folder was written by a newer version; install that version.',
  },
  'store/absent': {
    wire: 926,
    http: 507,
    dimse: 0xa700,
    retry: false,
    text: 'A folder of this peer is missing, empty, incomplete or of another peer, and was left as it is: mount or restore what belongs there and start again; storage adopt takes over what has only lost its store.id.',
  },
  'store/read-only': {
    wire: 927,
    http: 507,
    dimse: 0xa700,
    retry: true,
    text: 'The disk has become read-only, as after a fault; mend it and mount it for writing, then start the peer again.',
  },
  'store/failing': {
    wire: 928,
    http: 507,
    dimse: 0xa700,
    retry: true,
    text: 'The disk fails to read or write; look at the system log, mend or replace it, then start the peer again.',
  },
  'vault/missing': {
    wire: 970,
    ...broken,
    text: 'There is no peer in this data folder; run init first or name another with --data.',
  },
  'vault/readable': {
    wire: 971,
    ...broken,
    text: 'The vault file can be read by others on this machine; make it readable by its owner alone (chmod 600).',
  },
  'vault/passphrase': {
    wire: 972,
    http: 401,
    dimse: 0xa700,
    retry: false,
    text: 'The passphrase is missing or wrong; set DICOMNET_PASSPHRASE to the one that was used at init.',
  },
  'vault/damaged': {
    wire: 929,
    ...broken,
    text: 'The file vault.json is empty or damaged, and nothing here opens without it; restore it from a backup.',
  },
} as const satisfies Record<string, ErrorRow>;
