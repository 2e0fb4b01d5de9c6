import { afterEach, describe, expect, it } from 'vitest';
import { PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { failure, isWhole, type Trouble, World } from './transfer-kit.ts';
import { pieceBytes, Study, seeded } from './transfer-study.ts';

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

/** Flips a bit of the piece that holds the n-th byte to arrive, `times` times. */
function flipping(at: number, times: number): Trouble {
  let seen = 0;
  let left = times;
  return {
    onPiece(piece) {
      seen += piece.length;
      if (seen < at || left === 0) return piece;
      left--;
      const bad = piece.slice();
      bad[bad.length - 1]! ^= 1;
      return bad;
    },
  };
}

describe('a source that lies', () => {
  it('once is blamed, and only the bad chunk is asked for again', async () => {
    const world = await worldOf([[400_000]], flipping(200_000, 1));
    await world.fetcher({ streams: 1 }).fetch(world.job()).done;
    expect(world.blamed).toEqual(['transfer/bad-chunk']);
    expect(await isWhole(world)).toBe(true);
    expect(world.opened).toBe(world.study.chunks + 1);
  });

  it('again is given up, whatever the byte', async () => {
    for (const at of [120, 5000, 30_000]) {
      const world = await worldOf([[40_000]]);
      const [sealed] = world.study.objects;
      sealed![at]! ^= 1;
      expect(await failure(world.fetcher({ streams: 1 }).fetch(world.job()).done)).toBe('transfer/lying-source');
      expect(world.blamed).toEqual(['transfer/bad-chunk', 'transfer/lying-source']);
      expect(world.adopted).toEqual([]);
    }
  });

  it('about an object id is given up though every chunk opens', async () => {
    const world = await worldOf([[10_000, 10_001]]);
    const [first] = world.study.series[0]!.instances;
    const job = world.job({
      openManifest: () => ({
        series: [{ ...world.study.series[0]!, instances: [{ ...first!, objectId: 'ff'.repeat(32) }] }],
      }),
    });
    expect(await failure(world.fetcher().fetch(job).done)).toBe('transfer/lying-source');
  });

  it('about the manifest is given up before anything is asked for', async () => {
    const world = await worldOf([[10]]);
    const job = world.job({ manifestId: '00'.repeat(32) });
    expect(await failure(world.fetcher().fetch(job).done)).toBe('transfer/manifest');
    expect([world.blamed, world.checks]).toEqual([['transfer/manifest'], 0]);
  });

  it.each([1, -1])('about a length (by %i) is given up', async (by) => {
    const world = await worldOf([[10_000]]);
    const [instance] = world.study.instances;
    const series = [
      { ...world.study.series[0]!, instances: [{ ...instance!, sealedLength: instance!.sealedLength + by }] },
    ];
    const code = await failure(world.fetcher().fetch(world.job({ openManifest: () => ({ series }) })).done);
    expect(['transfer/unexpected', 'transfer/lying-source']).toContain(code);
    expect(world.adopted).toEqual([]);
  });

  it('by its framing is given up', async () => {
    const world = await worldOf([[10]], { onPiece: (piece) => piece.fill(0xff) });
    expect(await failure(world.fetcher().fetch(world.job()).done)).toBe('transfer/framing');
  });
});

describe('a grant', () => {
  it('that is revoked in the middle ends the transfer with its code, and nothing more leaves', async () => {
    const world = await worldOf([sizes(50, 20_000)]);
    const check = world.guard.check;
    world.guard.check = async (...args) => {
      if (world.checks === 20) throw new PeerError('access/revoked');
      await check(...args);
    };
    expect(await failure(world.fetcher().fetch(world.job()).done)).toBe('access/revoked');
    expect(world.checks).toBe(20);
    expect(world.adopted.length).toBeLessThanOrEqual(20);
  });

  it('that the guard does not open ends it at once', async () => {
    const world = await worldOf([[10]]);
    world.guard.admitTransfer = async () => {
      throw new PeerError('access/holder');
    };
    expect(await failure(world.fetcher().fetch(world.job()).done)).toBe('access/holder');
  });

  it('that has expired here is not even used', async () => {
    const world = await worldOf([[10]]);
    expect(await failure(world.fetcher().fetch(world.job({ until: 1 })).done)).toBe('access/expired');
  });
});

describe('trouble', () => {
  it('with one object at the owner costs that object only', async () => {
    const world = await worldOf([sizes(10, 20_000)]);
    const lost = world.study.instances[4]!.objectId;
    const read = world.served.read;
    world.served.read = async function* (objectId, from, to) {
      if (objectId === lost) throw new PeerError('store/object-missing');
      yield* read(objectId, from, to);
    };
    expect(await failure(world.fetcher().fetch(world.job()).done)).toBe('transfer/incomplete');
    expect(world.adopted).toHaveLength(9);
  });

  it('of our own import ends the fetch with it, and what arrived goes on later', async () => {
    const world = await worldOf([sizes(10, 20_000)]);
    const adopt = world.adopt;
    world.adopt = async (arrived) => {
      for (const { file } of arrived) await file?.close();
      throw new PeerError('store/full');
    };
    expect(await failure(world.fetcher().fetch(world.job()).done)).toBe('store/full');
    const before = world.opened;
    world.adopt = adopt;
    const again = world.fetcher().fetch(world.job());
    await again.done;
    expect(await isWhole(world)).toBe(true);
    expect(world.opened).toBe(world.study.chunks);
    expect(again.receivedBytes).toBeLessThan(world.study.bytes);
    expect(before).toBeGreaterThan(0);
  });

  it('cancelled by its signal stops, and can be forgotten', async () => {
    const stop = new AbortController();
    let left = 60_000;
    const world = await worldOf([[200_000]], {
      onPiece(piece) {
        left -= piece.length;
        if (left < 0) stop.abort();
        return piece;
      },
    });
    const fetcher = world.fetcher();
    expect(await failure(fetcher.fetch(world.job({ signal: stop.signal })).done)).toBe('transfer/cancelled');
    expect(await world.store.partials()).toHaveLength(1);
    await fetcher.forget(world.job().id);
    expect(await world.store.partials()).toEqual([]);
    expect(world.saved.get(world.job().id)?.size).toBe(0);
  });

  it('of too many streams at the owner delays, but does not end it', async () => {
    const world = await worldOf([sizes(30, 20_000)]);
    await world.fetcher({ streams: limits.transferStreams + 3 }).fetch(world.job()).done;
    expect(await isWhole(world)).toBe(true);
  });

  it('with a slow receiver keeps the owner from reading ahead more than two pieces', async () => {
    let read = 0;
    let most = 0;
    const world = await worldOf([[3_000_000]], {
      onPiece(bytes, self) {
        most = Math.max(most, read - self.received);
        return bytes;
      },
    });
    const inner = world.served.read;
    world.served.read = async function* (objectId, from, to) {
      for await (const bytes of inner(objectId, from, to)) {
        read += bytes.length;
        yield bytes;
      }
    };
    await world.fetcher({ streams: 1, windowBytes: 10_000_000 }).fetch(world.job()).done;
    // the channel's window and the piece that exceeds it, the piece being taken, and two of the owner's own
    expect(most).toBeLessThanOrEqual(256 * 1024 + 4 * pieceBytes);
  });
});
