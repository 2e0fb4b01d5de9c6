// The one place that takes time, randomness and native signatures from the machine. Everything else is handed them.
import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import type { Signer, Verify } from '../../protocol/identity.ts';
import type { Clock, Random } from '../../protocol/ports.ts';

/** Waiting, as a part that the simulator replaces. */
export interface Timers {
  /** Resolves after `ms`; rejects with the signal's reason when that comes first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms`; the returned function cancels it. Doesn't keep the process alive. */
  after(ms: number, run: () => void): () => void;
  /** Calls `run` every `ms` until cancelled. Doesn't keep the process alive. */
  every(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A moment (unix ms) in UTC as ISO 8601 writes it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** The system is asked for so many at a time: nonces and salts are small and many, and asking costs more than they do. */
const pooledBytes = 4096;
let pool = new Uint8Array();

/** A moment as DICOM writes it (PS3.5 6.2): DA, TM, and DT with its offset from UTC. */
export interface DicomMoment {
  readonly date: string;
  readonly time: string;
  readonly dateTime: string;
}

/** A moment (unix ms) in this machine's time zone, as the times of a study made here are. */
export function dicomMoment(ms: number): DicomMoment {
  const offset = -new Date(ms).getTimezoneOffset();
  const [date = '', rest = ''] = isoTime(ms + offset * 60_000).split('T');
  const [day, time] = [date.replaceAll('-', ''), rest.slice(0, 8).replaceAll(':', '')];
  const two = (count: number) => String(count).padStart(2, '0');
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  return { date: day, time, dateTime: `${day}${time}${zone}` };
}

/** Bytes that nobody else gets. */
export const systemRandom: Random = (length) => {
  if (length > pooledBytes / 16) return new Uint8Array(randomBytes(length));
  if (pool.length < length) pool = new Uint8Array(randomBytes(pooledBytes));
  const taken = pool.slice(0, length);
  pool.fill(0, 0, length); // no key lies about longer than whoever took it keeps it
  pool = pool.subarray(length);
  return taken;
};

/** Resolves when what is ready now has run. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** The longest that the system's timers wait; what is longer fires at once there. */
const longestMs = 2 ** 31 - 1;

/** Calls `run` once after `ms`, however long that is; the returned function cancels it. */
function wait(ms: number, run: () => void, keepsAlive: boolean): () => void {
  let timer: NodeJS.Timeout;
  const begin = (left: number): void => {
    timer = setTimeout(() => (left > longestMs ? begin(left - longestMs) : run()), Math.min(left, longestMs));
    if (!keepsAlive) timer.unref();
  };
  begin(ms);
  return () => clearTimeout(timer);
}

export const systemTimers: Timers = {
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const stop = () => {
        cancel();
        reject(signal?.reason as Error);
      };
      const done = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const cancel = wait(ms, done, true);
      signal?.addEventListener('abort', stop, { once: true });
    }),
  after: (ms, run) => wait(ms, run, false),
  every(ms, run) {
    const timer = setInterval(run, Math.min(ms, longestMs));
    timer.unref();
    return () => clearInterval(timer);
  },
};

// DER of PKCS#8 and SubjectPublicKeyInfo up to the raw key (RFC 8410 section 7)
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const spki = Buffer.from('302a300506032b6570032100', 'hex');

/** An Ed25519 signer in OpenSSL: the same signatures as protocol/identity.ts, 20 times faster. */
export function nativeSigner(seed: Uint8Array): Signer {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(spki.length);
  return { publicKey: new Uint8Array(publicKey), sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** Strict Ed25519 verification in OpenSSL (refuses s >= L); malformed keys do not verify. */
export const nativeVerify: Verify = (signature, message, publicKey) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const key = createPublicKey({ key: Buffer.concat([spki, publicKey]), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
};
