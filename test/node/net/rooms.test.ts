// What strangers and greedy members may take: handshakes by source, memory as it arrives, a share that is left to others.
import { describe, expect, test } from 'vitest';
import { FrameReader, frame } from '../../../node/net/frames.ts';
import { Entrance } from '../../../node/net/libp2p/entrance.ts';
import type { Channel } from '../../../node/net/network.ts';
import { RequestMemory } from '../../../node/net/request-memory.ts';
import { sourceOf } from '../../../node/net/source.ts';
import { limits } from '../../../protocol/limits.ts';
import { ManualTimers } from '../dicom/dimse/helpers.ts';

describe('a source', () => {
  test.each([
    ['/ip4/192.0.2.7/tcp/4101', '192.0.2.7'],
    ['/ip6/2001:db8:1:2:3:4:5:6/tcp/1', '2001:db8:1:2'],
    ['/ip6/2001:0db8:0001:0002::9/tcp/1', '2001:db8:1:2'],
    ['/ip6/2001:DB8::1/tcp/1', '2001:db8:0:0'],
    ['/ip6/::1/tcp/1', '0:0:0:0'],
    ['/ip6/::ffff:192.0.2.7/tcp/1', '192.0.2.7'],
    ['/dns4/peer.example.org/tcp/4101', undefined],
  ])('%s is %s', (address, source) => expect(sourceOf(address)).toBe(source));
});

describe('the entrance', () => {
  const perSecond = 20;
  class From extends EventTarget {
    readonly remoteAddr: { toString(): string };
    constructor(address: string) {
      super();
      this.remoteAddr = { toString: () => `/ip4/${address}/tcp/1` };
    }
    close = () => this.dispatchEvent(new Event('close'));
  }
  function entrance(members: readonly string[] = []) {
    const timers = new ManualTimers();
    const made = new Entrance(perSecond, { timers, isMember: (peer) => members.includes(peer) });
    const begin = (address: string, n: number) => {
      const connections = Array.from({ length: n }, () => new From(address));
      return connections.filter((each) => made.mayBegin(each as never));
    };
    return { timers, made, begin };
  }

  test('lets few handshakes of one source begin, and few of all strangers, again a second later', () => {
    const { timers, begin } = entrance();
    const first = begin('10.0.0.1', 10);
    expect(first.length).toBe(4);
    const all = Array.from({ length: 100 }, (_, i) => begin(`10.0.1.${i}`, 3)).flat();
    expect(all.length).toBe(perSecond - 4);
    for (const each of [...first, ...all]) each.close();
    expect(begin('10.0.2.1', 1).length).toBe(0);
    timers.fire(1000);
    expect(begin('10.0.2.1', 10).length).toBe(4);
  });

  test('holds the place of who says nothing until it is cut', () => {
    const { timers, begin } = entrance();
    const silent = begin('10.0.0.1', 4);
    timers.fire(1000);
    expect(begin('10.0.0.1', 1).length).toBe(0);
    for (const each of silent) each.close();
    expect(begin('10.0.0.1', 9).length).toBe(4);
  });

  test('takes nothing from where members are by their cards or have been', () => {
    const { made, begin } = entrance(['M', 'N']);
    made.learn('M', ['/ip4/10.9.0.1/tcp/4101', '/dns4/m.example.org/tcp/4101']);
    made.learn('Expelled', ['/ip4/10.9.0.3/tcp/4101']);
    const [home] = begin('10.9.0.2', 1);
    made.entered(home as never, 'N');
    for (let i = 0; i < 100; i++) begin(`10.0.1.${i}`, 5);
    expect(begin('10.9.0.1', 50).length).toBe(50);
    expect(begin('10.9.0.2', 50).length).toBe(50);
    expect(begin('10.9.0.3', 50).length).toBe(0);
  });

  test('has few places for the strangers of one source: for one more the oldest goes, and no member', () => {
    const members: string[] = ['M'];
    const { made } = entrance(members);
    const gone: string[] = [];
    const enter = (address: string, peer: string) => {
      const connection = Object.assign(new From(address), { abort: () => gone.push(peer) });
      made.entered(connection as never, peer);
      return connection;
    };
    enter('10.0.0.1', 'M');
    const inside = Array.from({ length: limits.gateStrangersOfSource }, (_, i) => enter('10.0.0.1', `S${i}`));
    enter('10.0.0.2', 'T');
    expect(gone).toEqual([]);
    enter('10.0.0.1', 'S4');
    expect(gone).toEqual(['S0']);
    inside[1]!.close();
    enter('10.0.0.1', 'S5');
    expect(gone).toEqual(['S0']);
    members.push('S2'); // who became a member is no stranger any more
    enter('10.0.0.1', 'S6');
    expect(gone).toEqual(['S0']);
    enter('10.0.0.1', 'S7');
    expect(gone).toEqual(['S0', 'S3']);
  });
});

describe('memory for requests', () => {
  const MiB = 1024 * 1024;
  const takes = (memory: RequestMemory, peer: string, bytes: number): boolean => {
    try {
      memory.of(peer).take(bytes);
      return true;
    } catch {
      return false;
    }
  };

  test('is taken as the body arrives, never by what was announced', async () => {
    const taken: number[] = [];
    const body = new Uint8Array(1_000_000).map((_, i) => i % 251);
    const whole = frame(body);
    const pieces = [
      whole.subarray(0, 5),
      whole.subarray(5, 100),
      whole.subarray(100, 300_000),
      whole.subarray(300_000),
    ];
    let sent = 0;
    async function* read() {
      for (const piece of pieces) {
        sent += piece.length;
        yield piece;
        const total = taken.reduce((a, b) => a + b, 0);
        expect(total).toBeLessThanOrEqual(Math.max(4096, 2 * sent));
      }
    }
    const channel = { read } as unknown as Channel;
    const got = await new FrameReader(channel).next(2_000_000, (bytes) => taken.push(bytes));
    expect(Buffer.compare(got!, body)).toBe(0);
    expect(taken.reduce((a, b) => a + b, 0)).toBe(body.length);
  });

  test('is never used up: however many take what they can, the next one gets some', () => {
    const memory = new RequestMemory(128 * MiB, 32 * MiB);
    for (let n = 0; n < 8; n++) while (takes(memory, `P${n}`, 64 * 1024));
    expect(takes(memory, 'honest', 256 * 1024)).toBe(true);
  });

  test('of one peer is its share, and comes back', () => {
    const memory = new RequestMemory(128 * MiB, 32 * MiB);
    const mine = memory.of('P');
    mine.take(32 * MiB);
    expect(takes(memory, 'P', 1)).toBe(false);
    mine.free();
    expect(takes(memory, 'P', 32 * MiB)).toBe(true);
  });
});
