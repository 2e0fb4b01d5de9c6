import { afterEach, describe, expect, it } from 'vitest';
import type { FetchProgress } from '../../../../node/exchange/transfer/fetch-job.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { failure, isWhole, type Trouble, World } from './transfer-kit.ts';
import { Study, seeded } from './transfer-study.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function worldOf(series: number[][], trouble: Trouble = {}, seed = 1): Promise<World> {
  const world = await World.open(new Study(series), trouble, seed);
  worlds.push(world);
  return world;
}

const random = seeded(5);
const sizes = (count: number, most: number) => Array.from({ length: count }, () => random(most));
const mixed = () => [sizes(20, 30_000), sizes(5, 100_000), [0, 1, 4096, 4097, 200_000], sizes(40, 500)];

const cut = (): never => {
  throw new PeerError('net/closed');
};

describe('a transfer', () => {
  it('brings every object to the byte, the middle of each series first, and leaves nothing behind', async () => {
    const world = await worldOf(mixed());
    const seen: FetchProgress[] = [];
    const fetcher = world.fetcher({ streams: 3 });
    const fetch = fetcher.fetch(world.job({ onProgress: (progress) => seen.push(progress) }));
    await fetch.done;
    expect(await isWhole(world)).toBe(true);
    expect(world.adopted.slice(0, 1)).toEqual([10]);
    expect(world.opened).toBe(world.study.chunks);
    expect(fetch.receivedBytes).toBe(world.study.bytes);
    expect(world.checks).toBe(world.study.objects.length);
    expect(seen.at(-1)).toMatchObject({
      objects: { done: 70, total: 70 },
      bytes: { done: world.study.bytes, total: world.study.bytes },
      secondsLeft: 0,
    });
    await fetcher.forget(world.job().id);
    expect(world.saved.get(world.job().id)?.size).toBe(0);
    expect(await world.store.partials()).toEqual([]);
  });

  it('that a crash kept from being told to have ended brings nothing again', async () => {
    const world = await worldOf(mixed());
    await world.fetcher().fetch(world.job()).done;
    const again = world.fetcher().fetch(world.job());
    await again.done;
    expect(again.receivedBytes).toBe(0);
    expect(again.progress.bytes.done).toBe(world.study.bytes);
  });

  it('of an empty study ends', async () => {
    const world = await worldOf([]);
    await world.fetcher().fetch(world.job()).done;
    expect(world.adopted).toEqual([]);
  });

  it('whose link is cut again and again ends, and no chunk is sent or hashed twice', async () => {
    const pick = seeded(9);
    let budget = 100_000;
    let cuts = 0;
    const world = await worldOf(mixed(), {
      onPiece(piece) {
        budget -= piece.length;
        if (budget > 0 || cuts === 20) return piece;
        budget = pick(100_000);
        cuts++;
        return cut();
      },
    });
    await world.fetcher({ streams: 2 }).fetch(world.job()).done;
    expect(cuts).toBeGreaterThan(5);
    expect(await isWhole(world)).toBe(true);
    expect(world.opened).toBe(world.study.chunks);
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'killed at random (seed %i) goes on with at most a chunk a stream',
    async (seed) => {
      const pick = seeded(seed + 100);
      const streams = 1 + pick(3);
      const kills = 3;
      let next = 0;
      let killed: () => void = () => undefined;
      const world = await worldOf(
        mixed(),
        {
          onPiece(piece, self) {
            next -= piece.length;
            if (next < 0) {
              next = Number.POSITIVE_INFINITY;
              void self.kill().then(killed);
            }
            return piece;
          },
        },
        seed,
      );
      const bytes = world.study.bytes;
      for (let i = 0; i < kills; i++) {
        next = pick(Math.floor(bytes / kills));
        const death = new Promise<void>((resolve) => {
          killed = resolve;
        });
        await Promise.race([world.fetcher({ streams }).fetch(world.job()).done, death]);
      }
      next = Number.POSITIVE_INFINITY;
      await world.fetcher({ streams }).fetch(world.job()).done;
      expect(await isWhole(world)).toBe(true);
      expect(world.opened - world.study.chunks).toBeLessThanOrEqual(kills * streams);
      expect(await world.store.partials()).toEqual([]);
    },
  );

  it('after a power cut looks at what is on disk and takes again only what is not sound', async () => {
    let left = 150_000;
    const world = await worldOf([[200_000]], {
      onPiece(piece) {
        left -= piece.length;
        return left < 0 ? cut() : piece;
      },
    });
    const first = world.fetcher({ backoffMs: { first: 60_000, most: 60_000 } }).fetch(world.job());
    while (left > 0) await new Promise(setImmediate);
    await new Promise(setImmediate);
    first.cancel();
    expect(await failure(first.done)).toBe('transfer/cancelled');
    left = Number.POSITIVE_INFINITY;
    const before = world.opened;
    expect(before).toBeGreaterThan(30);
    const [name] = await world.store.partials();
    const file = await world.store.partial(name!);
    await file.writeAt(80 + 20 * 4112 + 5, Uint8Array.of(1, 2, 3)); // in chunk 20
    await file.truncate(80 + 25 * 4112);
    await file.close();
    world.bootId = 'boot-2';
    const second = world.fetcher().fetch(world.job());
    await second.done;
    expect(await isWhole(world)).toBe(true);
    expect(world.opened - before).toBe(world.study.chunks - 20);
  });

  it('takes over what the store holds already', async () => {
    const world = await worldOf([[5000, 6000, 7000]]);
    const held = world.study.instances[1]!.objectId;
    const fetch = world.fetcher().fetch(world.job({ held: (objectId) => objectId === held }));
    await fetch.done;
    expect(world.adopted[0]).toBe(1);
    expect(fetch.receivedBytes).toBe(world.study.bytes - world.study.instances[1]!.sealedLength);
  });

  it('moves instances to the front when asked', async () => {
    const world = await worldOf([sizes(200, 9000)]);
    const moved = [199, 3];
    const fetch = world.fetcher({ streams: 1, windowObjects: 4 }).fetch(world.job({ onProgress: () => undefined }));
    while (world.adopted.length === 0) await new Promise(setImmediate);
    fetch.front(moved);
    await fetch.done;
    const places = moved.map((index) => world.adopted.indexOf(index));
    expect(Math.max(...places)).toBeLessThan(60);
  });
});
