// Passwords are kept as scrypt's hashes. Each costs 32 MiB and a tenth of a second: few are computed at a time.
import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { hex, toBase64Url, unhex, utf8 } from '../../protocol/bytes.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import type { Random } from '../../protocol/ports.ts';
import { PeerSemaphore } from '../flow/peer-semaphore.ts';

export interface PasswordHash {
  readonly salt: string;
  readonly password: string;
}

const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const scryptAsync = promisify<Uint8Array, Uint8Array, number, ScryptOptions, Buffer>(scrypt);
/** What is compared where there is no such user. */
const nobody: PasswordHash = { salt: '00'.repeat(16), password: '00'.repeat(32) };
const queue = 'scrypt';
/** Computed at a time, and waiting for it; more are refused. */
const places = { active: 2, waiting: 32 };
/** The shortest password that a person may choose. */
const fewestCharacters = 12;

export class Passwords {
  readonly #places = new PeerSemaphore(places);
  readonly #never = new AbortController().signal;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  fresh(): string {
    return toBase64Url(this.#random(12));
  }

  /** @throws PeerError http/too-many */
  async hash(password: string): Promise<PasswordHash> {
    const salt = this.#random(16);
    return { salt: hex(salt), password: hex(await this.#derive(password, salt)) };
  }

  /**
   * Whether it is this one's password. Nobody's takes as long.
   * @throws PeerError http/too-many
   */
  async matches(password: string, kept: PasswordHash | undefined): Promise<boolean> {
    const against = kept ?? nobody;
    const given = await this.#derive(password, unhex(against.salt));
    return timingSafeEqual(given, unhex(against.password)) && kept !== undefined;
  }

  async #derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
    await this.#places.acquire(queue, this.#never).catch((cause) => {
      throw new PeerError('http/too-many', {}, { cause });
    });
    try {
      return await scryptAsync(utf8(password.normalize('NFKC')), salt, 32, cost);
    } finally {
      this.#places.release(queue);
    }
  }
}

/** What a person may choose (NIST SP 800-63B: length counts). @throws PeerError user/password-weak */
export function checkChosen(password: string, name: string): void {
  const enough = [...password].length >= fewestCharacters;
  must(enough && !password.toLowerCase().includes(name.toLowerCase()), 'user/password-weak');
}
