// Users, their passwords and tokens: what ends, when, and what guessing costs.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tokenKey } from '../../../node/access/account-rows.ts';
import { Accounts } from '../../../node/access/accounts.ts';
import { encodeRecord } from '../../../node/store/records.ts';
import { systemRandom } from '../../../node/system/machine.ts';
import { freshDir, openStores, removeDir } from '../stores.ts';

const day = 24 * 3600 * 1000;
const started = Date.UTC(2026, 10, 29, 12);

let dir: string;
let stores: Awaited<ReturnType<typeof openStores>>;
let accounts: Accounts;
let now = started;
beforeAll(async () => {
  dir = await freshDir();
  stores = await openStores(dir);
});
afterAll(async () => {
  await stores.close();
  await removeDir(dir);
});
beforeEach(async () => {
  now = started;
  const bucket = stores.kv.bucket('account');
  for await (const [key] of bucket.range()) await bucket.del(key);
  accounts = new Accounts({ bucket, clock: { now: () => now }, random: systemRandom });
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );
const rows = async () => (await Array.fromAsync(accounts.tokens())).map(({ row }) => row);

describe('tokens', () => {
  it('are listed without themselves, with the day of their last use', async () => {
    const token = await accounts.createToken('pacs', 'imaging');
    const [row] = await rows();
    const listed = { name: 'pacs', role: 'imaging', kind: 'program', created: now, expires: now + 365 * day };
    expect(row).toEqual({ ...listed, id: expect.stringMatching(/^[0-9a-f]{16}$/), used: undefined });
    expect(JSON.stringify(await rows())).not.toContain(token);
    now += 3 * day;
    await Promise.all([accounts.authenticate(token), accounts.authenticate(token)]);
    expect((await rows())[0]!.used).toBe('2026-12-02');
  });

  it('end within a year, or sooner if so made; what lapsed is swept', async () => {
    const bounds = [now, now - 1, now + 366 * day];
    for (const expires of bounds) {
      expect(await codeOf(accounts.createToken('x', 'device', undefined, { expires }))).toBe('field/invalid');
    }
    const token = await accounts.createToken('x', 'device', undefined, { expires: now + day });
    now += day - 1;
    expect(await codeOf(accounts.authenticate(token))).toBe('none');
    now += 1;
    expect(await codeOf(accounts.authenticate(token))).toBe('http/unauthorized');
    expect(await rows()).toEqual([]);
    expect(await stores.kv.bucket('account').get(tokenKey(token))).toBeDefined();
    await accounts.createToken('another', 'device');
    expect(await stores.kv.bucket('account').get(tokenKey(token))).toBeUndefined();
  });

  it('of before that do not end do so a year after they were made; the console keeps its own', async () => {
    const bucket = stores.kv.bucket('account');
    for (const token of ['program', 'folder']) {
      const record = { name: 'local administrator', role: 'admin', created: now - 364 * day };
      await bucket.put(tokenKey(token), encodeRecord(record));
    }
    await accounts.adoptConsole('folder');
    expect((await accounts.authenticate('program')).may.has('view')).toBe(true);
    now += day;
    expect(await codeOf(accounts.authenticate('program'))).toBe('http/unauthorized');
    now += 10 * 365 * day;
    expect(await accounts.authenticate('folder')).toMatchObject({ name: 'local administrator', role: 'console' });
    const [row] = await rows();
    expect(await codeOf(accounts.endToken(row!.id))).toBe('user/token-console');
    expect(await codeOf(accounts.signOut('folder'))).toBe('user/token-console');
    await accounts.adoptConsole('one that is not there');
    expect(await codeOf(accounts.authenticate('one that is not there'))).toBe('http/unauthorized');
  });

  it('end once, after it was written down, and tell who holds them', async () => {
    const token = await accounts.createToken('pacs', 'imaging');
    const seen: string[] = [];
    const stop = accounts.hold(token, () => seen.push('first'));
    accounts.hold(token, () => seen.push('second'));
    stop();
    const { id } = (await rows())[0]!;
    const full = () => Promise.reject(new Error('full'));
    await expect(accounts.endToken(id, full)).rejects.toThrow('full');
    expect([seen, await codeOf(accounts.authenticate(token))]).toEqual([[], 'none']);
    expect(await accounts.endToken(id)).toMatchObject({ id, name: 'pacs' });
    expect([seen, await codeOf(accounts.authenticate(token))]).toEqual([['second'], 'http/unauthorized']);
    expect(await codeOf(accounts.endToken(id))).toBe('user/token-unknown');
  });

  it('that are ended while they are used stay ended', async () => {
    for (let i = 0; i < 20; i++) {
      const token = await accounts.createToken('pacs', 'imaging');
      const { id } = (await rows())[0]!;
      await Promise.all([accounts.authenticate(token).catch(() => undefined), accounts.endToken(id)]);
      expect(await rows()).toEqual([]);
    }
  });
});

describe('users', () => {
  const name = 'dr.ursu';
  const user = async () => (await accounts.createUser(name, 'imaging')).password;
  const enter = async (password: string) => (await accounts.signIn(name, password)).token;

  it('sign out here, or everywhere', async () => {
    const password = await user();
    const [one, two, three] = [await enter(password), await enter(password), await enter(password)];
    const program = await accounts.createToken('pacs', 'imaging');
    expect(await accounts.signOut(one)).toEqual({ ended: 1 });
    expect(await codeOf(accounts.authenticate(one))).toBe('http/unauthorized');
    expect(await accounts.signOutEverywhere(two)).toEqual({ ended: 2 });
    expect(await codeOf(accounts.authenticate(three))).toBe('http/unauthorized');
    expect(await codeOf(accounts.authenticate(program))).toBe('none');
    expect(await codeOf(accounts.signOutEverywhere(program))).toBe('user/not-signed-in');
  });

  it('that are shut out have no token left, and come in again when they may', async () => {
    const password = await user();
    const token = await enter(password);
    const own = await accounts.createToken(name, 'imaging');
    let ended = false;
    accounts.hold(token, () => {
      ended = true;
    });
    expect(await accounts.disable(name)).toEqual({ ended: 2 });
    expect(ended).toBe(true);
    for (const each of [token, own]) expect(await codeOf(accounts.authenticate(each))).toBe('http/unauthorized');
    expect(await codeOf(enter(password))).toBe('http/unauthorized');
    const listed = async () => (await Array.fromAsync(accounts.users())).map(({ row }) => row);
    expect(await listed()).toMatchObject([{ name, role: 'imaging', disabled: true }]);
    await accounts.enable(name);
    expect(await listed()).toMatchObject([{ name, role: 'imaging', disabled: false }]);
    expect(await codeOf(enter(password))).toBe('none');
    expect(await codeOf(accounts.disable('nobody'))).toBe('user/unknown');
  });

  it('that are shut out in the middle of signing in do not come in', async () => {
    const password = await user();
    const entering = enter(password);
    await accounts.disable(name);
    expect(await codeOf(entering)).toBe('http/unauthorized');
    expect(await rows()).toEqual([]);
  });

  it('change their password by the old one; their other tokens end', async () => {
    const password = await user();
    const [here, there] = [await enter(password), await enter(password)];
    const chosen = 'the quiet heron 7';
    expect(await codeOf(accounts.changePassword(here, 'wrong', chosen))).toBe('http/unauthorized');
    expect(await codeOf(accounts.changePassword(here, password, 'short'))).toBe('user/password-weak');
    expect(await codeOf(accounts.changePassword(here, password, `${name} and more`))).toBe('user/password-weak');
    expect(await accounts.changePassword(here, password, chosen)).toEqual({ ended: 1 });
    expect(await codeOf(accounts.authenticate(here))).toBe('none');
    expect(await codeOf(accounts.authenticate(there))).toBe('http/unauthorized');
    expect(await codeOf(enter(password))).toBe('http/unauthorized');
    expect(await codeOf(enter(chosen))).toBe('none');
    const program = await accounts.createToken('pacs', 'imaging');
    expect(await codeOf(accounts.changePassword(program, chosen, password))).toBe('user/not-signed-in');
  });

  it('get a fresh password when theirs is lost', async () => {
    const password = await user();
    const token = await enter(password);
    const fresh = await accounts.resetPassword(name);
    expect(await codeOf(accounts.authenticate(token))).toBe('http/unauthorized');
    expect(await codeOf(enter(password))).toBe('http/unauthorized');
    expect(await codeOf(enter(fresh.password))).toBe('none');
  });
});

describe('guessing', () => {
  const guess = (name: string, password = 'wrong') =>
    accounts.signIn(name, password).then(
      () => 'in',
      ({ code, data }) => (code === 'user/wait' ? data.seconds : code),
    );

  it.each(['dr.ursu', 'nobody'])('waits from the fifth wrong password on: %s', async (name) => {
    const { password } = await accounts.createUser('dr.ursu', 'imaging');
    for (let i = 0; i < 5; i++) expect(await guess(name)).toBe('http/unauthorized');
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      expect(await guess(name)).toBe(seconds);
      expect(await guess(name, password)).toBe(seconds);
      now += seconds * 1000;
      expect(await guess(name)).toBe('http/unauthorized');
    }
    now += 900_000;
    expect(await guess('dr.ursu', password)).toBe('in');
    expect(await guess('dr.ursu')).toBe('http/unauthorized');
    expect(await guess('dr.ursu', password)).toBe('in');
  });

  it('at once is not more guesses than one after the other, and others are let in meanwhile', async () => {
    await accounts.createUser('dr.ursu', 'imaging');
    const { password } = await accounts.createUser('dr.rusu', 'imaging');
    const all = await Promise.all([...Array.from({ length: 30 }, () => guess('dr.ursu')), guess('dr.rusu', password)]);
    expect(all.filter((each) => each === 'http/unauthorized')).toHaveLength(5);
    expect(all.at(-1)).toBe('in');
  });

  it('computes few passwords at a time, and lets few wait', async () => {
    const places = 2 + 32;
    const all = await Promise.all(Array.from({ length: places + 6 }, (_, i) => guess(`name ${i}`)));
    expect(all.filter((each) => each === 'http/too-many')).toHaveLength(6);
    expect(all.filter((each) => each === 'http/unauthorized')).toHaveLength(places);
  });

  it('holds nobody longer when the clock was set back', async () => {
    const { password } = await accounts.createUser('dr.ursu', 'imaging');
    for (let i = 0; i < 5; i++) await guess('dr.ursu');
    now -= 30 * day;
    expect(await guess('dr.ursu', password)).toBe('in');
  });
});
