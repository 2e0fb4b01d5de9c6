// The memory network in virtual time, as the simulator uses it: delays, partitions, the same run every time.
import { afterEach, expect, test } from 'vitest';
import { type LinkState, MemoryHub, MemoryNetwork } from '../../../../node/net/memory/network.ts';
import { systemClock } from '../../../../node/system/machine.ts';
import type { PeerError } from '../../../../protocol/errors.ts';
import { openDoors } from '../../../contract/network.ts';
import { type Hospital, hospital, TestAuthority } from '../federation.ts';
import { settle, VirtualTime } from '../virtual-time.ts';
import { peerOf } from '../worlds.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

/** Hospitals 1 to `count` in memory, all of whose cards everybody has. */
async function federation(count: number, link: LinkState) {
  const time = new VirtualTime(systemClock.now());
  const hub = new MemoryHub({ timers: time, link });
  const authority = new TestAuthority(count);
  const sites: Hospital[] = [];
  for (let n = 1; n <= count; n++) {
    const make = async (_: number, doorkeeper: typeof openDoors) => {
      const network = new MemoryNetwork({ self: peerOf(n) }, { hub, doorkeeper, timers: time });
      await network.start();
      return network;
    };
    sites.push(
      await hospital(n, authority.rosters, make, {
        redial: { minMs: 1000 },
        parts: { clock: time, timers: time, random: (l) => new Uint8Array(l) },
      }),
    );
  }
  running.push(...sites);
  const cards = sites.map(({ n, network }) => authority.card(n, network.addresses()));
  for (const each of sites) await each.exchange.takeFile({ rosters: [], cards });
  return { time, hub, authority, sites };
}

test('a request takes its round trips, no more and no less', async () => {
  const time = new VirtualTime(0);
  const hub = new MemoryHub({ timers: time, link: () => ({ delayMs: 50, up: true }) });
  const [a, b] = [1, 2].map(
    (n) => new MemoryNetwork({ self: peerOf(n) }, { hub, doorkeeper: openDoors, timers: time }),
  );
  await Promise.all([a!.start(), b!.start()]);
  b!.serve('/test/1', async (_, body) => body);
  const ask = async () => {
    const began = time.now();
    let took = -1;
    void a!.request(b!.self, '/test/1', Uint8Array.of(1)).then(() => {
      took = time.now() - began;
    });
    await time.advance(5000);
    return took;
  };
  const first = await ask();
  expect(first).toBe(300); // connect, open, ask
  expect(await ask()).toBe(200); // open, ask
});

test('12 hospitals find each other; a roster crosses a partition when it ends', async () => {
  let split = false;
  const south = new Set([1, 2, 3, 4, 5].map(peerOf));
  const { time, hub, authority, sites } = await federation(12, (from, to) => ({
    delayMs: 30,
    up: !split || south.has(from) === south.has(to),
  }));
  await time.advance(60_000);
  for (const each of sites) expect(each.network.connected().length).toBe(11);

  split = true;
  hub.refresh();
  authority.expel(12);
  await sites[0]!.exchange.takeFile({ rosters: authority.rosters, cards: [] });
  await time.advance(60_000);
  expect(sites.map((each) => each.exchange.membership().number)).toEqual([...Array(5).fill(1), ...Array(7).fill(0)]);
  const across = sites[0]!.network.request(sites[10]!.network.self, '/dicomnet/roster/1', new Uint8Array());
  expect(await across.catch((error: PeerError) => error.code)).toBe('net/unreachable');

  split = false;
  await time.advance(600_000);
  await settle();
  expect(sites.slice(0, 11).map((each) => each.exchange.membership().number)).toEqual(Array(11).fill(1));
  for (const each of sites.slice(0, 11)) expect(each.network.connected().length).toBe(10);
  expect(sites[11]!.network.connected()).toEqual([]);
}, 20_000);
