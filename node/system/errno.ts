// What the system refuses, by its code (errno), and what this is called here.
import { type ErrorCode, PeerError } from '../../protocol/errors.ts';

/** What a disk may refuse whatever is asked of it. */
const storage: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'store/full',
  EDQUOT: 'store/full',
  EROFS: 'store/read-only',
  EIO: 'store/failing',
};

/** The same in the words of the database's library, which gives no codes. */
const words: readonly (readonly [RegExp, string])[] = [
  [/No space left on device/, 'ENOSPC'],
  [/Disk quota exceeded/, 'EDQUOT'],
  [/Read-only file system/, 'EROFS'],
  [/Input\/output error/, 'EIO'],
];

const others: Readonly<Record<string, ErrorCode>> = {
  EADDRINUSE: 'net/port-taken',
  EADDRNOTAVAIL: 'net/address',
  ENOENT: 'file/missing',
  ENOTDIR: 'file/missing',
  EEXIST: 'file/exists',
  EACCES: 'file/unreadable',
  EPERM: 'file/unreadable',
  EISDIR: 'file/unreadable',
  ECONNREFUSED: 'peer/not-running',
  ECONNRESET: 'net/closed',
  EPIPE: 'net/closed',
};

interface SystemError extends Error {
  readonly code?: unknown;
  readonly path?: string;
  readonly port?: number;
  readonly address?: string;
}

/** That a disk refused, wherever in the chain of causes that stands; undefined for anything else. */
export function storageError(error: unknown): PeerError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof PeerError) return undefined; // says itself what it is
    const { code, message, path } = at as SystemError;
    const known = words.find(([said]) => said.test(message))?.[1] ?? code;
    const named = typeof known === 'string' ? storage[known] : undefined;
    if (named !== undefined) return new PeerError(named, path === undefined ? {} : { path }, { cause: error });
  }
  return undefined;
}

/** Anything that the system refuses, with the path, port or address that it names. */
export function systemError(error: unknown): PeerError | undefined {
  const { code, path, port, address } = (error ?? {}) as SystemError;
  const named = typeof code === 'string' ? others[code] : undefined;
  if (named === undefined) return storageError(error);
  return new PeerError(named, { path, port, ...(named === 'net/address' && { address }) }, { cause: error });
}
