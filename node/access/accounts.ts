// Users and tokens. A token is shown once; only its hash is kept. Nothing answers without one but health.
import { createHash, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { hex, toBase64Url, unhex, utf8 } from '../../protocol/bytes.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import { type Role, roles } from '../api/roles.ts';
import type { Bucket } from '../store/kv.ts';
import { decodeRecord, encodeRecord } from '../store/records.ts';
import type { Principal } from './roles.ts';

/** Writes down what is about to be made, or who enters; only then it is so. */
type Note = (who: Principal) => Promise<void>;

interface TokenRecord extends Principal {
  readonly created: number;
  readonly expires?: number | undefined;
}

interface UserRecord extends Principal {
  readonly salt: string;
  readonly password: string;
}

const scryptCost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
/** A sign-in's token ends after a working day. */
const sessionMs = 12 * 3600 * 1000;
const namePattern = /^[\p{L}\p{M}\p{N} .,'’_@()-]{1,100}$/u;

export class Accounts {
  readonly #bucket: Bucket;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: { bucket: Bucket; clock: Clock; random: Random }) {
    this.#bucket = parts.bucket;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** Makes a token for `name` acting as `role`. @throws PeerError field/invalid */
  async createToken(name: string, role: string, note?: Note): Promise<string> {
    const made = { name: checkName(name), role: checkRole(role) };
    await note?.(made);
    return this.#token(made);
  }

  async #token(holder: Principal, expires?: number): Promise<string> {
    const token = toBase64Url(this.#random(32));
    const record: TokenRecord = { ...holder, created: this.#clock.now(), expires };
    await this.#bucket.put(tokenKey(token), encodeRecord(record));
    return token;
  }

  /** Who holds this token. @throws PeerError http/unauthorized */
  async authenticate(token: string): Promise<Principal> {
    const row = token.length <= 100 ? await this.#bucket.get(tokenKey(token)) : undefined;
    if (row === undefined) throw new PeerError('http/unauthorized');
    const { name, role, expires } = decodeRecord<TokenRecord>(row);
    must(expires === undefined || this.#clock.now() < expires, 'http/unauthorized');
    return { name, role };
  }

  /** Makes a user with a fresh password. @throws PeerError field/invalid, user/exists */
  async createUser(name: string, role: string, note?: Note): Promise<{ username: string; password: string }> {
    const password = toBase64Url(this.#random(12));
    const salt = this.#random(16);
    const key = userKey(checkName(name));
    must((await this.#bucket.get(key)) === undefined, 'user/exists');
    const record: UserRecord = {
      name,
      role: checkRole(role),
      salt: hex(salt),
      password: hex(await derive(password, salt)),
    };
    await note?.({ name, role: record.role });
    await this.#bucket.put(key, encodeRecord(record));
    return { username: name, password };
  }

  /** Exchanges name and password for a token of twelve hours. @throws PeerError http/unauthorized */
  async signIn(name: string, password: string, note?: Note): Promise<{ token: string; role: Role }> {
    const row = await this.#bucket.get(userKey(name));
    const user = row === undefined ? undefined : decodeRecord<UserRecord>(row);
    // an unknown name costs as much as a wrong password
    const given = await derive(password, user === undefined ? new Uint8Array(16) : unhex(user.salt));
    if (user === undefined || !timingSafeEqual(given, unhex(user.password))) throw new PeerError('http/unauthorized');
    const { role } = user;
    await note?.({ name: user.name, role });
    return { token: await this.#token({ name: user.name, role }, this.#clock.now() + sessionMs), role };
  }
}

const tokenKey = (token: string): Uint8Array => createHash('sha256').update(`token\0${token}`).digest();

const userKey = (name: string): Uint8Array => createHash('sha256').update(`user\0${name}`).digest();

const scryptAsync = promisify<Uint8Array, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

const derive = (password: string, salt: Uint8Array): Promise<Uint8Array> =>
  scryptAsync(utf8(password.normalize('NFKC')), salt, 32, scryptCost);

function checkName(name: string): string {
  must(namePattern.test(name), 'field/invalid', { at: 'name' });
  return name;
}

function checkRole(role: string): Role {
  must((roles as readonly string[]).includes(role), 'field/invalid', { at: 'role', allowed: roles });
  return role as Role;
}
