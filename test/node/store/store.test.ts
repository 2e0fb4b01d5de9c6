import { chmod, cp, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { indexAttributesOf, levels } from '../../../node/dicom/model/index-attributes.ts';
import { buckets } from '../../../node/store/buckets.ts';
import { Kv, openLevel } from '../../../node/store/kv.ts';
import { migrate } from '../../../node/store/migrations/migrate.ts';
import { firstColumns, type Migration, migrations } from '../../../node/store/migrations/steps.ts';
import { openObjects } from '../../../node/store/objects.ts';
import { createVault, openVault, Vault } from '../../../node/store/vault.ts';
import { systemRandom } from '../../../node/system/machine.ts';
import { utf8 } from '../../../protocol/bytes.ts';
import { freshDir, removeDir } from '../stores.ts';

let dir: string;
beforeEach(async () => {
  dir = await freshDir();
});
afterEach(() => removeDir(dir));

const textOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

const sealer = new Vault(new Uint8Array(32).fill(9), systemRandom);

describe('the vault', () => {
  const path = () => join(dir, 'vault.json');

  it('opens again with its passphrase, and with no other', async () => {
    const made = await createVault(path(), systemRandom, { passphrase: 'correct horse' });
    const place = utf8('place');
    const sealed = made.seal(place, utf8('secret'));
    const again = await openVault(path(), systemRandom, 'correct horse');
    expect(textOf(again.open(place, sealed))).toBe('secret');
    await expect(openVault(path(), systemRandom, 'wrong')).rejects.toMatchObject({ code: 'vault/passphrase' });
    await expect(openVault(path(), systemRandom)).rejects.toMatchObject({ code: 'vault/passphrase' });
    expect((await readFile(path(), 'utf8')).includes('correct')).toBe(false);
  });

  it('is refused when others can read its file', async () => {
    await createVault(path(), systemRandom);
    await openVault(path(), systemRandom);
    await chmod(path(), 0o644);
    await expect(openVault(path(), systemRandom)).rejects.toMatchObject({ code: 'vault/readable' });
  });

  it('is missing before init, and never overwritten', async () => {
    await expect(openVault(path(), systemRandom)).rejects.toMatchObject({ code: 'vault/missing' });
    await createVault(path(), systemRandom);
    await expect(createVault(path(), systemRandom)).rejects.toMatchObject({ code: 'EEXIST' });
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  it('opens a value only in its own place', () => {
    const sealed = sealer.seal(utf8('here'), utf8('value'));
    expect(() => sealer.open(utf8('there'), sealed)).toThrow(/store\/corrupt/);
    sealed[sealed.length - 1]! ^= 1;
    expect(() => sealer.open(utf8('here'), sealed)).toThrow(/store\/corrupt/);
  });
});

describe('the database', () => {
  it('keeps what was committed, in key spaces that do not mix', async () => {
    const kv = new Kv({ db: await openLevel(join(dir, 'db')), sealer });
    await kv.commit([
      { bucket: 'patient', key: utf8('a'), value: utf8('1') },
      { bucket: 'patient', key: Uint8Array.of(255, 255), value: utf8('2') },
      { bucket: 'study', key: utf8('a'), value: utf8('3') },
    ]);
    await kv.bucket('study').del(utf8('a'));
    const rows: string[] = [];
    for await (const [, value] of kv.bucket('patient').range()) rows.push(new TextDecoder().decode(value));
    expect(rows).toEqual(['1', '2']);
    expect(await kv.bucket('study').get(utf8('a'))).toBeUndefined();
    await kv.close();
  });

  it('says in one sentence that another process has it', async () => {
    const db = await openLevel(join(dir, 'db'));
    await expect(openLevel(join(dir, 'db'))).rejects.toMatchObject({ code: 'store/locked' });
    await db.close();
  });

  it('writes values that nobody can read', async () => {
    const db = await openLevel(join(dir, 'db'));
    const kv = new Kv({ db, sealer });
    await kv.bucket('patient').put(utf8('k'), utf8('Zebulon'));
    const raw = await db.get(new Uint8Array([buckets.patient, ...utf8('k')]));
    expect(Buffer.from(raw!).includes('Zebulon')).toBe(false);
    await kv.close();
  });

  it('has every bucket number once', () => {
    const numbers = Object.values(buckets);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('migrations', () => {
  const path = () => join(dir, 'db');
  const steps = (run: Migration['run']): Migration[] => [{ from: 1, what: 'test', ...(run && { run }) }];
  const open = async (at = path()) => new Kv({ db: await openLevel(at), sealer });
  const secret = async (kv: Kv, name: string) => textOf(await kv.bucket('secret').get(utf8(name)));

  it('takes a snapshot, then runs each step once', async () => {
    let kv = await open();
    expect(await migrate(kv, path(), { steps: [] })).toBe(1);
    await kv.bucket('secret').put(utf8('old'), utf8('1'));
    let runs = 0;
    const change = steps(async (old) => {
      runs++;
      await old.bucket('secret').put(utf8('new'), utf8('2'));
    });
    expect(await migrate(kv, path(), { steps: change })).toBe(2);
    expect(await migrate(kv, path(), { steps: change })).toBe(2);
    expect(runs).toBe(1);
    expect(await secret(kv, 'new')).toBe('2');
    await kv.close();
    await cp(`${path()}.before-2`, join(dir, 'restored'), { recursive: true });
    kv = await open(join(dir, 'restored'));
    expect(await secret(kv, 'old')).toBe('1');
    expect(await kv.bucket('secret').get(utf8('new'))).toBeUndefined();
    await kv.close();
  });

  it('is taken up again after a crash, over the first snapshot', async () => {
    const kv = await open();
    await migrate(kv, path(), { steps: [] });
    const crash = steps(() => Promise.reject(new Error('power cut')));
    await expect(migrate(kv, path(), { steps: crash })).rejects.toThrow('power cut');
    let runs = 0;
    const count = steps(async () => {
      runs++;
    });
    await migrate(kv, path(), { steps: count });
    expect(runs).toBe(1);
    await kv.close();
  });

  it('refuses what a newer version wrote', async () => {
    const kv = await open();
    await migrate(kv, path(), { steps: steps(async () => undefined) });
    await expect(migrate(kv, path(), { steps: [] })).rejects.toMatchObject({ code: 'store/format' });
    await kv.close();
  });

  it('names the step that filled each column for what was stored before', () => {
    const columns = levels.flatMap((level) => indexAttributesOf[level]).filter(({ column }) => column !== undefined);
    const named = [...firstColumns, ...migrations.flatMap((step) => step.columns ?? [])];
    expect([...named].sort()).toEqual(columns.map(({ keyword }) => keyword).sort());
  });
});

describe('objects', () => {
  const id = 'ab'.repeat(32);

  it('have a name only when they are complete, and take up a partial file after a restart', async () => {
    const objects = await openObjects(dir);
    const first = await objects.partial('0a');
    await first.append([utf8('hel')]);
    await first.close();
    const again = await (await openObjects(dir)).partial('0a');
    expect(again.length).toBe(3);
    await again.append([utf8('l'), utf8('o')]);
    expect(await objects.has(id)).toBe(false);
    await again.commit(id);
    expect(await objects.has(id)).toBe(true);
    const pieces: Uint8Array[] = [];
    for await (const piece of objects.read(id, 1, 4)) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe('ell');
    expect(await objects.partials()).toEqual([]);
  });

  it('cannot be named out of their folder', async () => {
    const objects = await openObjects(dir);
    await mkdir(join(dir, 'other'));
    for (const name of ['../x', '..', 'a/b', '', 'AB'.repeat(32), `${id}/..`]) {
      await expect(objects.partial(name)).rejects.toMatchObject({ code: 'field/invalid' });
      await expect(objects.has(name)).rejects.toMatchObject({ code: 'field/invalid' });
    }
  });
});
