// Users and tokens. A token is shown once; only its hash is kept. Nothing answers without one but health.
import { toBase64Url } from '../../protocol/bytes.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import type { GivenRole, Role } from '../api/roles.ts';
import { KeyedQueue } from '../flow/keyed-queue.ts';
import type { Bucket } from '../store/kv.ts';
import { decodeRecord, encodeRecord } from '../store/records.ts';
import { isoTime } from '../system/machine.ts';
import {
  checkName,
  checkRole,
  endOf,
  isUser,
  kindOf,
  type ListedToken,
  type ListedUser,
  listedToken,
  longestMs,
  rightsOf,
  type TokenRecord,
  tokenId,
  tokenKey,
  type UserRecord,
  userKey,
} from './account-rows.ts';
import { HeldTokens } from './held-tokens.ts';
import { checkChosen, Passwords } from './passwords.ts';
import type { Holder, Principal } from './roles.ts';
import { WrongPasswords } from './wrong-passwords.ts';

/** Writes down what is about to be done, or who enters; only then it is so. */
type Note<About = Principal> = (about: About) => Promise<void>;

interface TokenOptions {
  readonly expires?: number | undefined;
  readonly narrow?: true | undefined;
}

/** A sign-in's token ends after a working day. */
const sessionMs = 12 * 3600 * 1000;

export class Accounts {
  readonly #bucket: Bucket;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #passwords: Passwords;
  readonly #wrong: WrongPasswords;
  readonly #held = new HeldTokens();
  /** What changes a row waits for its turn: one that was ended is not written again. */
  readonly #turn = new KeyedQueue();

  constructor(parts: { bucket: Bucket; clock: Clock; random: Random }) {
    this.#bucket = parts.bucket;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#passwords = new Passwords(parts.random);
    this.#wrong = new WrongPasswords(parts.clock);
  }

  /**
   * Makes a token for `name` acting as `role`.
   * @param options.expires unix ms; a year from now if absent, which is the most; a console's has no end
   * @param options.narrow an administrator's is one without images
   * @throws PeerError field/invalid
   */
  async createToken(name: string, role: string, note?: Note, options: TokenOptions = {}): Promise<string> {
    const { expires, narrow } = options;
    const made = { name: checkName(name), role: checkRole(role) };
    const now = this.#clock.now();
    const last = now + longestMs;
    must(expires === undefined || (expires > now && expires <= last), 'field/invalid', { at: 'expires' });
    await note?.(made);
    const end = made.role === 'console' ? undefined : (expires ?? last);
    return this.#token({ ...made, kind: 'program', expires: end, narrow });
  }

  /** The data folder's own token is the console's, also where it was made as an administrator's. */
  async adoptConsole(token: string): Promise<void> {
    await this.#changeToken(tokenKey(token), (record) => ({ ...record, role: 'console', expires: undefined }));
  }

  async #token(record: Omit<TokenRecord, 'created'>): Promise<string> {
    await this.#sweep();
    const token = toBase64Url(this.#random(32));
    await this.#bucket.put(tokenKey(token), encodeRecord({ ...record, created: this.#clock.now() }));
    return token;
  }

  /** Who holds this token. @throws PeerError http/unauthorized */
  async authenticate(token: string): Promise<Holder> {
    const key = tokenKey(token);
    const record = token.length <= 100 ? await this.#tokenRecord(key) : undefined;
    if (record === undefined || this.#hasEnded(record)) throw new PeerError('http/unauthorized');
    const used = isoTime(this.#clock.now()).slice(0, 10);
    if (record.used !== used) await this.#changeToken(key, (now) => ({ ...now, used }));
    return { name: record.name, role: record.role, may: rightsOf(record) };
  }

  /** Has `end` called when this token is ended by somebody. Gives what stops that. */
  hold(token: string, end: () => void): () => void {
    return this.#held.hold(tokenId(tokenKey(token)), end);
  }

  /** All tokens that have not ended. @param after key behind which to go on */
  async *tokens(after?: Uint8Array): AsyncGenerator<{ readonly place: Uint8Array; readonly row: ListedToken }> {
    for await (const { key, record } of this.#records(after)) {
      if (!isUser(record) && !this.#hasEnded(record)) yield { place: key, row: listedToken(key, record) };
    }
  }

  /** Ends a token. @throws PeerError user/token-unknown, user/token-console */
  async endToken(id: string, note?: Note<ListedToken>): Promise<ListedToken> {
    for await (const { place, row } of this.tokens()) {
      if (row.id !== id) continue;
      must(row.role !== 'console', 'user/token-console');
      await note?.(row);
      await this.#end(place);
      return row;
    }
    throw new PeerError('user/token-unknown');
  }

  /** Ends the token that is shown. @throws PeerError user/token-console, http/unauthorized */
  async signOut(token: string, note?: Note): Promise<{ ended: number }> {
    const { name, role } = await this.authenticate(token);
    must(role !== 'console', 'user/token-console');
    await note?.({ name, role });
    await this.#end(tokenKey(token));
    return { ended: 1 };
  }

  /** Ends all of the user's who shows a token. @throws PeerError user/not-signed-in, http/unauthorized */
  async signOutEverywhere(token: string, note?: Note): Promise<{ ended: number }> {
    const { name, role } = await this.#userOf(token);
    await note?.({ name, role });
    return { ended: await this.#endAllOf(name) };
  }

  /** Makes a user with a fresh password. @throws PeerError field/invalid, user/exists */
  async createUser(
    name: string,
    role: string,
    note?: Note,
    also?: readonly GivenRole[],
  ): Promise<{ username: string; password: string }> {
    const password = this.#passwords.fresh();
    const made = { name: checkName(name), role: checkRole(role) };
    must((await this.#user(name)) === undefined, 'user/exists');
    const hash = await this.#passwords.hash(password);
    return this.#turn.run(`user ${name}`, async () => {
      must((await this.#user(name)) === undefined, 'user/exists');
      await note?.(made);
      await this.#bucket.put(userKey(name), encodeRecord({ ...made, ...hash, also }));
      return { username: name, password };
    });
  }

  /** @param after key behind which to go on */
  async *users(after?: Uint8Array): AsyncGenerator<{ readonly place: Uint8Array; readonly row: ListedUser }> {
    for await (const { key, record } of this.#records(after)) {
      if (!isUser(record)) continue;
      const { name, role, also, disabled } = record;
      yield { place: key, row: { name, role, also, disabled: disabled === true } };
    }
  }

  /** Shuts a user out, with all that goes on in their name. @throws PeerError user/unknown */
  async disable(name: string, note?: Note): Promise<{ ended: number }> {
    await this.#changeUser(name, (user) => ({ ...user, disabled: true }), note);
    return { ended: await this.#endAllOf(name) };
  }

  /** Lets a user in again. @throws PeerError user/unknown */
  async enable(name: string, note?: Note): Promise<void> {
    await this.#changeUser(name, ({ disabled: _, ...user }) => user, note);
  }

  /** A fresh password in place of one that was lost; whoever came in with that is out. @throws PeerError user/unknown */
  async resetPassword(name: string, note?: Note): Promise<{ username: string; password: string }> {
    must((await this.#user(name)) !== undefined, 'user/unknown');
    const password = this.#passwords.fresh();
    const hash = await this.#passwords.hash(password);
    await this.#changeUser(name, (user) => ({ ...user, ...hash }), note);
    this.#wrong.right(accountOf(name));
    await this.#endAllOf(name);
    return { username: name, password };
  }

  /**
   * Changes the password of the user who shows a token, and ends their other tokens.
   * @throws PeerError http/unauthorized, user/not-signed-in, user/wait, user/password-weak, http/too-many
   */
  async changePassword(token: string, old: string, chosen: string, note?: Note): Promise<{ ended: number }> {
    const user = await this.#userOf(token);
    checkChosen(chosen, user.name);
    await this.#check(user.name, old, user);
    const hash = await this.#passwords.hash(chosen);
    await this.#changeUser(user.name, (now) => ({ ...now, ...hash }), note);
    return { ended: await this.#endAllOf(user.name, tokenKey(token)) };
  }

  /** Exchanges name and password for a token of twelve hours. @throws PeerError http/unauthorized, user/wait, http/too-many */
  async signIn(name: string, password: string, note?: Note): Promise<{ token: string; role: Role }> {
    const kept = await this.#user(name);
    const user = kept?.disabled === true ? undefined : kept;
    await this.#check(name, password, user);
    return this.#turn.run(`user ${name}`, async () => {
      // meanwhile the user may have been shut out, or the password changed
      const now = await this.#user(name);
      const same = now !== undefined && now.disabled !== true && now.password === user!.password;
      if (!same) throw new PeerError('http/unauthorized');
      const { role, also } = now;
      await note?.({ name: now.name, role });
      const expires = this.#clock.now() + sessionMs;
      return { token: await this.#token({ name: now.name, role, also, kind: 'session', expires }), role };
    });
  }

  /** An unknown name costs, waits and is refused as a wrong password. */
  async #check(name: string, password: string, user: UserRecord | undefined): Promise<void> {
    const account = accountOf(name);
    this.#wrong.attempt(account);
    if (!(await this.#passwords.matches(password, user))) throw new PeerError('http/unauthorized');
    this.#wrong.right(account);
  }

  async #user(name: string): Promise<UserRecord | undefined> {
    const row = await this.#bucket.get(userKey(name));
    return row === undefined ? undefined : decodeRecord<UserRecord>(row);
  }

  async #tokenRecord(key: Uint8Array): Promise<TokenRecord | undefined> {
    const row = await this.#bucket.get(key);
    return row === undefined ? undefined : decodeRecord<TokenRecord>(row);
  }

  /** Who signed in for this token. */
  async #userOf(token: string): Promise<UserRecord> {
    const { name } = await this.authenticate(token);
    const record = await this.#tokenRecord(tokenKey(token));
    must(record !== undefined, 'http/unauthorized');
    const user = kindOf(record) === 'session' ? await this.#user(name) : undefined;
    must(user !== undefined, 'user/not-signed-in');
    return user;
  }

  async #changeUser(name: string, change: (user: UserRecord) => UserRecord, note?: Note): Promise<void> {
    await this.#turn.run(`user ${name}`, async () => {
      const user = await this.#user(name);
      must(user !== undefined, 'user/unknown');
      await note?.({ name: user.name, role: user.role });
      await this.#bucket.put(userKey(name), encodeRecord(change(user)));
    });
  }

  async #changeToken(key: Uint8Array, change: (record: TokenRecord) => TokenRecord): Promise<void> {
    await this.#turn.run(tokenId(key), async () => {
      const record = await this.#tokenRecord(key);
      if (record !== undefined) await this.#bucket.put(key, encodeRecord(change(record)));
    });
  }

  async #end(key: Uint8Array): Promise<void> {
    await this.#turn.run(tokenId(key), () => this.#bucket.del(key));
    this.#held.ended(tokenId(key));
  }

  /** What a user signed in for, and what carries the user's name. @param but a token that stays */
  async #endAllOf(name: string, but?: Uint8Array): Promise<number> {
    const theirs: Uint8Array[] = [];
    for await (const { place, row } of this.tokens()) {
      if (row.name === name && row.role !== 'console' && tokenId(place) !== (but && tokenId(but))) theirs.push(place);
    }
    for (const key of theirs) await this.#end(key);
    return theirs.length;
  }

  /** Takes away what has ended by itself. */
  async #sweep(): Promise<void> {
    for await (const { key, record } of this.#records()) {
      if (!isUser(record) && this.#hasEnded(record)) await this.#end(key);
    }
  }

  async *#records(after?: Uint8Array) {
    for await (const [key, value] of this.#bucket.range(new Uint8Array(), { after })) {
      yield { key, record: decodeRecord<TokenRecord | UserRecord>(value) };
    }
  }

  #hasEnded(record: TokenRecord): boolean {
    const end = endOf(record);
    return end !== undefined && this.#clock.now() >= end;
  }
}

/** What waits after wrong passwords, of any length that was typed. */
const accountOf = (name: string): string => Buffer.from(userKey(name)).toString('base64');
