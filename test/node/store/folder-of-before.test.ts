// A data folder that format 1 wrote (make-folder.ts) opens, and shows what it showed: perhaps more, where something was
// added since, and nothing less.
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { indexAttributesOf, levels } from '../../../node/dicom/model/index-attributes.ts';
import type { DicomJson, JsonAttribute, JsonPersonName } from '../../../node/dicom/model/json.ts';
import { Aside } from '../../../node/exchange/import/aside.ts';
import { replayPacks } from '../../../node/exchange/import/replay.ts';
import { openData } from '../../../node/setup/data-folder.ts';
import { Additions } from '../../../node/store/additions.ts';
import { Index } from '../../../node/store/index.ts';
import { Kv, type KvDb, openLevel } from '../../../node/store/kv.ts';
import { migrate } from '../../../node/store/migrations/migrate.ts';
import { firstColumns, type Migration, migrations } from '../../../node/store/migrations/steps.ts';
import { openObjects } from '../../../node/store/objects.ts';
import { openPackFiles } from '../../../node/store/packs/pack-files.ts';
import { decodeNote, encodeNote } from '../../../node/store/packs/pack-note.ts';
import { PackNumbers } from '../../../node/store/packs/pack-numbers.ts';
import { withPacks } from '../../../node/store/packs/packed-objects.ts';
import { PackedRows } from '../../../node/store/packs/packed-rows.ts';
import { Packs } from '../../../node/store/packs/packs.ts';
import { decodeRecord, encodeRecord, type InstanceRecord } from '../../../node/store/records.ts';
import { StudyKeys } from '../../../node/store/study-keys.ts';
import { openVault } from '../../../node/store/vault.ts';
import { nativeBulk } from '../../../node/system/bulk.ts';
import { systemClock, systemRandom } from '../../../node/system/machine.ts';
import { utf8 } from '../../../protocol/bytes.ts';
import { freshDir, removeDir } from '../stores.ts';
import { contentsOf } from './folder-contents.ts';

const before = join(import.meta.dirname, 'folders/v1');

/** The layout that the steps lead to. */
const newest = migrations.at(-1)!.from + 1;

/** Attributes, and columns, that may have come since: they stand beside what the folder showed, which must stay. */
const attributes = levels.flatMap((level) => indexAttributesOf[level]);
const columnsSince = attributes.filter(({ keyword }) => !firstColumns.some((first) => first === keyword));
const maybeSince = new Set([...attributes.map(({ tag }) => tag), ...columnsSince.map(({ column }) => column)]);

/** What is shown now without attributes and columns that were not shown then. */
function asThen(now: unknown, then: unknown): unknown {
  if (Array.isArray(now) && Array.isArray(then)) return now.map((each, i) => asThen(each, then[i]));
  if (!isObject(now) || !isObject(then)) return now;
  const kept = Object.keys(now).filter((name) => name in then || !maybeSince.has(name));
  return Object.fromEntries(kept.map((name) => [name, asThen(now[name], then[name])]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

let dir: string;
let contents: Awaited<ReturnType<typeof contentsOf>>;

beforeEach(async () => {
  dir = await freshDir();
  await cp(before, dir, { recursive: true });
  await chmod(join(dir, 'vault.json'), 0o600);
  // the audit log is not among what was kept of it; that it is there is looked at
  await mkdir(join(dir, 'audit'));
  await writeFile(join(dir, 'audit', 'log'), 'of before');
  contents = JSON.parse(await readFile(join(before, 'contents.json'), 'utf8'));
});
afterEach(() => removeDir(dir));

/** What a peer shows of a folder, by its database. */
async function shown(kv: Kv) {
  const vault = await openVault(join(dir, 'vault.json'), systemRandom);
  const files = await openPackFiles(join(dir, 'packs'));
  const packs = new Packs({ files, numbers: await PackNumbers.open(kv, files), sealer: vault, bulk: nativeBulk });
  const packed = new PackedRows({ packs, kv });
  const index = new Index({ kv, vault });
  await index.load();
  const objects = withPacks(await openObjects(join(dir, 'objects')), { packs, kv });
  const keys = new StudyKeys({ kv, random: systemRandom, clock: systemClock });
  const aside = new Aside({ kv, clock: systemClock, random: systemRandom });
  const additions = new Additions({ index, kv, packed, vault });
  const replayed = await replayPacks({ rows: packed, packs, index, additions, keys, aside, bulk: nativeBulk });
  const found = await contentsOf({ index, objects, keys, aside });
  await packs.close();
  return { replayed, ...(asThen(found, contents) as typeof found) };
}

/** The folder's database, over which `db` may stand. */
async function openKv(over: (db: KvDb) => KvDb = (db) => db): Promise<Kv> {
  const vault = await openVault(join(dir, 'vault.json'), systemRandom);
  return new Kv({ db: over(await openLevel(join(dir, 'db'))), sealer: vault });
}

const db = () => join(dir, 'db');

it('has what format 1 could have', () => {
  const { patients, studies, instances, aside } = contents;
  expect(patients.map(({ identifiers }) => identifiers.length)).toContain(2);
  expect(studies.filter(({ origin }) => origin === 'copy')).toHaveLength(1);
  expect(studies.filter(({ series }) => series.some(({ modality }) => modality === 'SR'))).toHaveLength(1);
  expect(new Set(aside.map(({ reason }) => reason)).size).toBe(3);
  expect(instances.length).toBeGreaterThan(15);
});

it('opens, and shows the same patients, studies, instances and answers, to the byte', async () => {
  const { kv } = await openData(dir);
  expect(await shown(kv)).toMatchObject({ replayed: 0, ...contents });
  await kv.close();
  const again = await openData(dir);
  expect(await shown(again.kv)).toMatchObject({ replayed: 0, ...contents });
  await again.kv.close();
});

it('says of each study whose it is by its own headers', async () => {
  const { kv } = await openData(dir);
  const index = new Index({ kv, vault: await openVault(join(dir, 'vault.json'), systemRandom) });
  await index.load();
  for (const study of index.studies()) {
    for await (const instance of index.instances(study.id)) {
      const said = decodeRecord<DicomJson>(await index.header(instance));
      expect(study).toMatchObject({
        patientName: textOf(said['00100010']),
        patientId: textOf(said['00100020']),
        patientBirthDate: textOf(said['00100030']),
      });
    }
  }
  await kv.close();
});

/** A name's alphabetic form, or a text. */
const textOf = (attribute: JsonAttribute | undefined): string | undefined => {
  const [value] = attribute?.Value ?? [];
  return typeof value === 'object' ? (value as JsonPersonName).Alphabetic : (value as string | undefined);
};

it('gives its instances back from the notes in its packs alone', async () => {
  const old = await openKv();
  await migrate(old, db());
  const known = await shown(old);
  await old.close();
  await rm(db(), { recursive: true });
  const kv = await openKv();
  await migrate(kv, db());
  const { replayed, studies, instances } = await shown(kv);
  await kv.close();
  const own = (all: typeof instances) => all.filter(({ source }) => source === undefined).map(({ bytes }) => bytes);
  expect(replayed).toBe(own(instances).length);
  expect([...own(instances)].sort()).toEqual([...own(known.instances)].sort());
  expect(studies).toHaveLength(known.studies.length - 1);
});

it('reads a note that was written before a column was kept', async () => {
  const kv = await openKv();
  await migrate(kv, db());
  const [, row] = (await kv.bucket('instance').range()[Symbol.asyncIterator]().next()).value!;
  const instance = decodeRecord<InstanceRecord>(row);
  const header = await new Index({ kv, vault: await openVault(join(dir, 'vault.json'), systemRandom) }).header(
    instance,
  );
  await kv.close();
  const study = contents.studies.find(({ id }) => id === instance.study)!;
  const note = {
    patient: contents.patients[0]!,
    study: { ...study, description: undefined },
    series: { uid: instance.seriesUid },
    instance,
    ...{ header, also: [] },
  };
  const read = decodeNote(encodeNote(note));
  expect(read.study.description).toBe(study.description);
  expect(read.series).toMatchObject({ uid: instance.seriesUid, modality: expect.any(String) });
  expect(read.patient).toEqual(note.patient);
});

/** A database that fails at its n-th write, as if the process had been killed there: nothing after it happens. */
const killedAt = (n: number) => (real: KvDb) => {
  let left = n;
  return new Proxy(real, {
    get: (target, name: keyof KvDb) => {
      if (name === 'batch') {
        return async (...args: Parameters<KvDb['batch']>) => {
          if (left <= 0) throw new Error('killed');
          left -= 1;
          await target.batch(...args);
        };
      }
      return target[name].bind(target);
    },
  });
};

describe('columns that come later', () => {
  const columns = firstColumns.filter((keyword) => !keyword.startsWith('Patient'));
  const later: readonly Migration[] = [...migrations, { from: newest, what: 'columns', columns }];
  const names = ['date', 'time', 'accession', 'referring', 'description', 'studyId', 'modality', 'number', 'bodyPart'];

  /** As if this version had not known them. */
  async function forget(): Promise<void> {
    const kv = await openKv();
    await migrate(kv, db());
    for (const bucket of ['study', 'series', 'instance'] as const) {
      for await (const [key, row] of kv.bucket(bucket).range()) {
        const kept = Object.entries(decodeRecord<object>(row)).filter(
          ([name]) => ![...names, 'station'].includes(name),
        );
        await kv.bucket(bucket).put(key, encodeRecord(Object.fromEntries(kept)));
      }
    }
    await kv.close();
  }

  it('are filled from the stored headers, and nothing else changes', async () => {
    await forget();
    const kv = await openKv();
    expect((await shown(kv)).studies).not.toMatchObject(contents.studies);
    expect(await migrate(kv, db(), { steps: later })).toBe(newest + 1);
    expect(await shown(kv)).toMatchObject({ replayed: 0, ...contents });
    await kv.close();
  });

  it('are filled for patients by their first instance', async () => {
    const kv = await openKv();
    await migrate(kv, db());
    for await (const [key, row] of kv.bucket('patient').range()) {
      await kv.bucket('patient').put(key, encodeRecord({ ...decodeRecord<object>(row), sex: undefined }));
    }
    await migrate(kv, db(), { steps: [...migrations, { from: newest, what: 'sex', columns: ['PatientSex'] }] });
    expect((await shown(kv)).patients).toMatchObject(contents.patients);
    await kv.close();
  });

  it('are filled after a kill at any write, and from where it was', async () => {
    await forget();
    for (let n = 0; ; n += 1) {
      const dying = await openKv(killedAt(n));
      const ended = await migrate(dying, db(), { steps: later, together: 3 }).then(
        () => true,
        (error: Error) => {
          expect(error.message).toBe('killed');
          return false;
        },
      );
      await dying.close();
      if (ended) break;
      expect(n).toBeLessThan(40);
    }
    const kv = await openKv();
    expect(await kv.bucket('meta').get(utf8('migration'))).toBeUndefined();
    expect(await shown(kv)).toMatchObject({ replayed: 0, ...contents });
    await kv.close();
  });
});

it('is brought to this layout after a kill at any write', async () => {
  for (let n = 0; ; n += 1) {
    const dying = await openKv(killedAt(n));
    const ended = await migrate(dying, db(), { together: 1 }).then(
      () => true,
      () => false,
    );
    await dying.close();
    if (ended) break;
    expect(n).toBeLessThan(20);
  }
  const kv = await openKv();
  expect(await shown(kv)).toMatchObject({ replayed: 0, ...contents });
  await kv.close();
});

it('tells how far it has come', async () => {
  const kv = await openKv();
  const told: number[] = [];
  await migrate(kv, db(), { steps: migrations.slice(0, 2), together: 2, progress: (rows) => told.push(rows) });
  expect(told).toContain(contents.studies.length);
  expect(told.at(-1)).toBe(contents.studies.length + contents.instances.length);
  expect(told.length).toBeGreaterThan(1);
  await kv.close();
});
