// Connections that read into memory of their own, again and again. By itself node makes new memory for each 64 KiB of an
// accepted connection, which the processor has never seen: a tenth of the time of an instance. Sockets that one opens
// have an option for it (`onread`), accepted ones don't; what it sets is set here. Node's version is pinned, and a test
// notices when another one is made otherwise; connections then read as usual.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** So many are kept for connections to come: what is made anew for each is given back late, and 10,000 took a gigabyte. */
const mostKept = 64;
const kept: Uint8Array[] = [];

/** As long as the PDUs that senders like most; twice that is slower: it doesn't stay in the processor's cache. */
const memoryBytes = 128 * 1024;

interface Insides {
  readonly _handle?: { readonly useUserBuffer?: (memory: Uint8Array) => void } | null;
  [field: symbol]: unknown;
}

/**
 * Hands what comes to `take`, in views that are overwritten by what comes next; `pause` and `resume` work as they do.
 * @returns what gives the memory to another connection, to be called once: when the socket is closed and nobody reads
 * what came any more. Undefined, and nothing done, where this can't be: over TLS, and in a node that is made otherwise.
 */
export function readIntoOwnMemory(socket: Socket, take: (chunk: Uint8Array) => void): (() => void) | undefined {
  if (socket instanceof TLSSocket) return undefined;
  const insides = socket as unknown as Insides;
  const field = (name: string) => Object.getOwnPropertySymbols(insides).find(({ description }) => description === name);
  const [buffer, taken] = [field('kBuffer'), field('kBufferCb')];
  const { _handle: handle } = insides;
  if (buffer === undefined || taken === undefined || typeof handle?.useUserBuffer !== 'function') return undefined;
  // no Buffer: what slices a view to keep it must get a copy
  const memory = kept.pop() ?? new Uint8Array(memoryBytes);
  handle.useUserBuffer(memory);
  insides[buffer] = memory;
  insides[taken] = (length: number): void => take(memory.subarray(0, length));
  socket.resume();
  return () => {
    if (kept.length < mostKept) kept.push(memory);
  };
}
