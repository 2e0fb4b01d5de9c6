// Objects that are written to their pack while they arrive: of any length, beside others, and when the disk won't.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { blockBytes, type DirectFile, type EarlyObject } from '../../../node/store/packs/early-pack.ts';
import type { PackFiles } from '../../../node/store/packs/pack-files.ts';
import { openPackFiles } from '../../../node/store/packs/pack-files.ts';
import { type PackPlace, packFrameBytes } from '../../../node/store/packs/pack-frame.ts';
import { Packs } from '../../../node/store/packs/packs.ts';
import { nativeBulk } from '../../../node/system/bulk.ts';
import { countingFrom, freshDir, removeDir, writesDirectly } from '../stores.ts';

let dir: string;
let files: PackFiles;
let packs: Packs;
let id = 0;

/** Notes stay as they are. */
const sealer = {
  seal: (_: Uint8Array, plain: Uint8Array) => plain,
  open: (_: Uint8Array, sealed: Uint8Array) => sealed,
};

beforeEach(async () => {
  dir = await freshDir();
  files = await openPackFiles(dir);
  packs = await open();
});

afterEach(async () => {
  await packs.close();
  await removeDir(dir);
});

async function open(over: Partial<PackFiles> = {}): Promise<Packs> {
  const { createDirect } = { ...files, ...over };
  const asked = Promise.withResolvers<void>();
  const opened = new Packs({
    files: { ...files, ...over, createDirect: (pack) => createDirect(pack).finally(() => setImmediate(asked.resolve)) },
    numbers: countingFrom((await files.list()).at(-1) ?? 0),
    sealer,
    bulk: nativeBulk,
  });
  opened.early();
  await asked.promise;
  return opened;
}

/** The place for an object, when whoever had it has given it back. */
function freePlace(): Promise<EarlyObject> {
  return vi.waitFor(() => {
    const free = packs.early();
    if (free === undefined) throw new Error('the place is taken');
    return free;
  });
}

const bytesOf = (length: number, seed: number): Uint8Array => new Uint8Array(length).map((_, i) => i * seed + (i >> 8));

/** Puts an object where it is written early, `step` bytes at a time, and keeps it. */
async function put(object: Uint8Array, note: Uint8Array, step = 10_000): Promise<PackPlace> {
  const early = await freePlace();
  for (let at = 0; at < object.length; at += step) {
    early.memory.set(object.subarray(at, at + step), at);
    early.ready(Math.min(at + step, object.length));
  }
  const [kept] = await packs.append([{ objectId: newId(), note, object: { pieces: [object], early } }]);
  early.release();
  return kept!;
}

const newId = (): string => String(++id).padStart(64, '0');

async function read(place: PackPlace): Promise<Uint8Array> {
  const reader = await packs.reader(place);
  const bytes = await reader.read(0, place.length);
  await reader.close();
  return new Uint8Array(bytes);
}

async function found(): Promise<{ objectId: string; place: PackPlace; note: Uint8Array }[]> {
  const all = [];
  for await (const { objectId, place, note } of packs.since({ pack: 0, at: 0 })) {
    all.push({ objectId, place, note: await note() });
  }
  return all;
}

describe.skipIf(!(await writesDirectly()))(
  'early objects (where the file system lets files be written directly)',
  () => {
    it('keeps objects and notes of any length, and finds them again', async () => {
      const block = blockBytes - packFrameBytes;
      const lengths = [0, 1, block - 1, block, block + 1, 2 * block, 300_000, 1_300_000, 5, blockBytes];
      const kept: { place: PackPlace; object: Uint8Array; note: Uint8Array }[] = [];
      for (const [i, length] of lengths.entries()) {
        const [object, note] = [bytesOf(length, i + 3), bytesOf(length % 5000, i + 7)];
        kept.push({ place: await put(object, note), object, note });
      }
      for (const { place, object } of kept) expect(Buffer.compare(await read(place), object)).toBe(0);
      const again = await found();
      expect(again.map(({ place }) => place)).toEqual(kept.map(({ place }) => place));
      for (const [i, { note }] of again.entries()) expect(Buffer.compare(note, kept[i]!.note)).toBe(0);
    });

    it('gives its place to one object at a time, and what is dropped leaves no trace', async () => {
      const first = await freePlace();
      expect(packs.early()).toBeUndefined();
      first.memory.fill(7);
      first.ready(500_000);
      first.release();
      const [object, note] = [bytesOf(20_000, 3), bytesOf(9, 5)];
      const place = await put(object, note);
      expect(place.at).toBe(packFrameBytes);
      expect(Buffer.compare(await read(place), object)).toBe(0);
      expect((await found()).map((each) => each.place)).toEqual([place]);
    });

    it('takes objects in one call that came both ways', async () => {
      const early = await freePlace();
      const [one, two] = [bytesOf(30_000, 3), bytesOf(40_000, 5)];
      early.memory.set(one);
      early.ready(one.length);
      const entries = [
        { objectId: newId(), note: bytesOf(3, 1), object: { pieces: [two] } },
        { objectId: newId(), note: bytesOf(4, 1), object: { pieces: [one], early } },
        { objectId: newId(), note: bytesOf(5, 1), object: { pieces: [two] } },
      ];
      const places = await packs.append(entries);
      expect(places.map(({ length }) => length)).toEqual([40_000, 30_000, 40_000]);
      expect(new Set(places.map(({ pack }) => pack)).size).toBe(2);
      for (const [i, each] of [two, one, two].entries()) expect(Buffer.compare(await read(places[i]!), each)).toBe(0);
      expect(packs.end.open).toHaveLength(2);
    });

    it('finds only what came behind a mark, in both packs', async () => {
      const whole = { objectId: newId(), note: bytesOf(3, 1), object: { pieces: [bytesOf(100, 3)] } };
      await put(bytesOf(9_000, 3), bytesOf(2, 1));
      await packs.append([whole]);
      const mark = packs.end;
      const [two] = await packs.append([{ ...whole, objectId: newId() }]);
      const one = await put(bytesOf(8_000, 3), bytesOf(2, 1));
      const after: PackPlace[] = [];
      for await (const { place } of packs.since(mark)) after.push(place);
      expect(after).toEqual([one, two]);
    });

    const failing = (what: keyof DirectFile, after: number) => async (pack: number) => {
      const file = (await files.createDirect(pack))!;
      let left = after;
      const fail = async () => {
        if (left-- > 0) return;
        throw Object.assign(new Error('no'), { code: 'EINVAL' });
      };
      return {
        write: async (blocks: Uint8Array, at: number) => {
          if (what === 'write') await fail();
          await file.write(blocks, at);
        },
        datasync: async () => {
          if (what === 'datasync') await fail();
          await file.datasync();
        },
        close: () => file.close(),
      };
    };

    it.each([
      ['write', 0],
      ['write', 2],
      ['datasync', 0],
    ] as const)('keeps an object the other way when a %s fails after %d', async (what, after) => {
      await packs.close();
      packs = await open({ createDirect: failing(what, after) });
      const object = bytesOf(700_000, 3);
      const place = await put(object, bytesOf(9, 5), 200_000);
      expect(place.pack).toBeGreaterThan(1);
      expect(Buffer.compare(await read(place), object)).toBe(0);
      expect(packs.early()).toBeUndefined();
    });

    it('keeps a long note the other way', async () => {
      const note = bytesOf(1_500_000, 5);
      const place = await put(bytesOf(700_000, 3), note);
      const [only, ...more] = await found();
      expect(more).toEqual([]);
      expect(only!.place).toEqual(place);
      expect(Buffer.compare(only!.note, note)).toBe(0);
    });

    it('does without where files are always cached', async () => {
      await packs.close();
      packs = await open({ createDirect: async () => undefined });
      expect(packs.early()).toBeUndefined();
      await packs.close();
      packs = await open({ createDirect: () => Promise.reject(new Error('EINVAL')) });
      expect(packs.early()).toBeUndefined();
    });
  },
);
