import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import {
  needsStream,
  type ReceiverAction,
  type ReceiverEvent,
  type ReceiverPlan,
  type ReceiverState,
  startReceiver,
  stepReceiver,
  verifiedBytes,
} from '../../../protocol/transfer/receiver.ts';

const chunk = 100;

/** A receiver and honest senders in memory, every step of which is held against the invariants. */
class Model {
  readonly plan: ReceiverPlan;
  state: ReceiverState;
  readonly senders = new Map<number, { index: number; at: number; begun: boolean }[]>();
  readonly aborted = new Set<number>();
  readonly stored = new Map<number, number>();
  readonly complete = new Set<number>();
  readonly adopting: number[] = [];
  readonly adopted: number[] = [];
  readonly wantOrder: number[] = [];
  streams = 0;
  blamed = 0;
  fronts = 0;

  constructor(lengths: number[], windowBytes = 500, windowObjects = 4) {
    this.plan = { lengths, windowBytes, windowObjects };
    this.state = startReceiver(this.plan, [...lengths.keys()]);
  }

  step(event: ReceiverEvent): void {
    const [state, actions] = stepReceiver(this.plan, this.state, event);
    this.state = state;
    for (const action of actions) this.#act(action);
    this.#check();
  }

  #act(action: ReceiverAction): void {
    switch (action.type) {
      case 'send': {
        const queue = this.senders.get(action.stream);
        if (action.frame.type !== 'want' || queue === undefined) break;
        for (const { index, from } of action.frame.wants) {
          expect(from).toBe(this.stored.get(index) ?? 0); // never asks again for what is verified
          expect(this.complete.has(index)).toBe(false);
          queue.push({ index, at: from, begun: false });
          this.wantOrder.push(index);
        }
        break;
      }
      case 'abort':
        this.aborted.add(action.stream);
        break;
      case 'adopt':
        expect(this.complete.has(action.index)).toBe(true);
        this.adopting.push(action.index);
        break;
      case 'blame':
        this.blamed++;
    }
  }

  #check(): void {
    const owed = [...this.state.streams.values()].flat().map(({ index }) => index);
    const everywhere = [...owed, ...this.state.queue.slice(this.state.next), ...this.state.received];
    expect(new Set(everywhere).size).toBe(everywhere.length); // in one place only
    if (this.state.phase.is === 'running') {
      const known = everywhere.length + this.state.done.objects + this.state.refused.size;
      expect(known).toBe(this.plan.lengths.length); // and none is lost
    }
    for (const asked of this.state.streams.values()) {
      const bytes = asked.reduce((sum, { index, at }) => sum + this.plan.lengths[index]! - at, 0);
      const allowance = this.fronts > 0 ? limits.transferFront : 0;
      expect(asked.length).toBeLessThanOrEqual(this.plan.windowObjects + allowance);
      if (asked.length > 1 && allowance === 0) expect(bytes).toBeLessThanOrEqual(this.plan.windowBytes);
    }
    expect(this.state.done.objects).toBe(this.adopted.length);
  }

  open(): void {
    const stream = this.streams++;
    this.senders.set(stream, []);
    this.step({ type: 'opened', stream });
  }

  close(stream: number): void {
    this.senders.delete(stream);
    this.aborted.delete(stream);
    this.step({ type: 'closed', stream });
  }

  /** The sender of a stream sends one chunk; a false byte in it if `bad`. */
  deliver(stream: number, bad = false): void {
    const one = this.senders.get(stream)?.[0];
    if (one === undefined || this.aborted.has(stream)) return;
    const length = this.plan.lengths[one.index]!;
    const { index } = one;
    if (!one.begun) this.step({ type: 'object', stream, index, from: one.at, length: length - one.at });
    one.begun = true;
    if (bad) {
      this.step({ type: 'bad', stream, index, at: one.at });
      return;
    }
    one.at = Math.min(length, one.at + chunk);
    this.stored.set(index, one.at);
    this.step({ type: 'verified', stream, index, at: one.at });
    if (one.at < length) return;
    this.senders.get(stream)!.shift();
    this.complete.add(index);
    this.step({ type: 'received', stream, index });
  }

  refuse(stream: number): void {
    const one = this.senders.get(stream)?.[0];
    if (one === undefined || one.begun || this.aborted.has(stream)) return;
    this.senders.get(stream)!.shift();
    this.step({ type: 'refused', stream, index: one.index, code: 'transfer/missing' });
  }

  adopt(count: number): void {
    const indices = this.adopting.splice(0, count);
    this.adopted.push(...indices);
    this.step({ type: 'adopted', indices });
  }

  /** Everything goes well from now on. */
  finish(): void {
    for (let turn = 0; this.state.phase.is === 'running'; turn++) {
      expect(turn).toBeLessThan(10_000);
      for (const stream of [...this.aborted]) this.close(stream);
      if (this.senders.size === 0 && needsStream(this.state)) this.open();
      for (const stream of this.senders.keys()) this.deliver(stream);
      this.adopt(10);
    }
  }
}

const lengths = fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 25 });
const moves = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.record({ do: fc.constant('deliver' as const), stream: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), stream: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('close' as const), stream: fc.nat(5) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('adopt' as const), stream: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('bad' as const), stream: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const), stream: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('front' as const), stream: fc.nat(30) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('stale' as const), stream: fc.nat(5) }) },
  ),
  { maxLength: 150 },
);

describe('the receiver', () => {
  it('loses nothing, asks nothing twice and ends, whatever happens in which order', () => {
    fc.assert(
      fc.property(lengths, moves, (sizes, list) => {
        const model = new Model(sizes);
        for (const { do: what, stream } of list) {
          const open = [...model.senders.keys()];
          const chosen = open[stream % Math.max(1, open.length)] ?? -1;
          if (what === 'open' && open.length < 4) model.open();
          else if (what === 'close') model.close(chosen);
          else if (what === 'deliver') model.deliver(chosen);
          else if (what === 'bad') model.deliver(chosen, true);
          else if (what === 'refuse') model.refuse(chosen);
          else if (what === 'adopt') model.adopt(stream);
          else if (what === 'front') {
            model.fronts++;
            model.step({ type: 'front', indices: [stream, stream + 1] });
          } else if (what === 'stale') {
            const before = model.state;
            model.step({ type: 'verified', stream: 999, index: 0, at: 1 });
            expect(model.state).toBe(before);
          }
        }
        model.finish();
        const { phase, refused } = model.state;
        if (phase.is === 'finished') {
          expect([...model.adopted].sort((a, b) => a - b)).toEqual([...sizes.keys()]);
          const total = sizes.reduce((sum, size) => sum + size, 0);
          expect(verifiedBytes(model.plan, model.state)).toBe(total);
        } else if (phase.is === 'stopped') {
          const reason =
            refused.size > 0 ? ['transfer/incomplete', 'transfer/lying-source'] : ['transfer/lying-source'];
          expect(reason).toContain(phase.code);
        }
        expect(phase.is === 'finished' || model.blamed > 1 || refused.size > 0).toBe(true);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('asks one stream alone until the first object is there, then all', () => {
    const model = new Model([100, 100, 100, 100, 100, 100, 100, 100, 100, 100]);
    model.open();
    model.open();
    expect(model.senders.get(1)).toEqual([]);
    model.deliver(0);
    expect(model.senders.get(1)).toHaveLength(4);
  });

  it('goes on with what is partly there, first and from where it ended', () => {
    const plan = { lengths: [300, 300, 300], windowBytes: 1000, windowObjects: 8 };
    const state = startReceiver(plan, [0, 1, 2], new Set([1]), new Map([[2, 200]]));
    expect(verifiedBytes(plan, state)).toBe(500);
    const [, actions] = stepReceiver(plan, state, { type: 'opened', stream: 0 });
    const wants = [
      { index: 2, from: 200 },
      { index: 0, from: 0 },
    ];
    expect(actions).toEqual([{ type: 'send', stream: 0, frame: { type: 'want', wants } }]);
  });

  it('moves objects to the front, asked for or not', () => {
    const model = new Model(Array.from({ length: 12 }, () => 100));
    model.open();
    const [, actions] = stepReceiver(model.plan, model.state, { type: 'front', indices: [9, 2] });
    expect(actions).toEqual([
      { type: 'send', stream: 0, frame: { type: 'want', wants: [{ index: 9, from: 0 }] } },
      { type: 'send', stream: 0, frame: { type: 'front', indices: [9, 2] } },
    ]);
  });

  it('blames a bad chunk once, and stops at the second in the same object', () => {
    const model = new Model([300]);
    model.open();
    model.deliver(0);
    model.deliver(0, true);
    expect([model.blamed, model.aborted.has(0), model.state.phase.is]).toEqual([1, true, 'running']);
    model.close(0);
    model.open();
    expect(model.senders.get(1)).toEqual([{ index: 0, at: 100, begun: false }]);
    model.deliver(1, true);
    expect(model.state.phase).toEqual({ is: 'stopped', code: 'transfer/lying-source' });
  });

  const running = () => {
    const model = new Model([300, 300]);
    model.open();
    return model;
  };
  it.each([
    ['an object that was not asked for', { index: 7, from: 0, length: 10 }],
    ['another offset than was asked for', { index: 0, from: 100, length: 200 }],
    ['more than the object has', { index: 0, from: 0, length: 301 }],
    ['nothing', { index: 0, from: 0, length: 0 }],
  ])('stops and blames a sender that sends %s', (_, frame) => {
    const model = running();
    model.step({ type: 'object', stream: 0, ...frame });
    expect([model.state.phase, model.blamed]).toEqual([{ is: 'stopped', code: 'transfer/unexpected' }, 1]);
  });

  it('stops at a sender that begins an object inside another', () => {
    const model = running();
    model.step({ type: 'object', stream: 0, index: 0, from: 0, length: 200 });
    model.step({ type: 'object', stream: 0, index: 1, from: 0, length: 300 });
    expect(model.state.phase).toEqual({ is: 'stopped', code: 'transfer/unexpected' });
  });

  it('counts nothing as received whose bytes are not verified', () => {
    const model = running();
    model.step({ type: 'object', stream: 0, index: 0, from: 0, length: 300 });
    model.step({ type: 'verified', stream: 0, index: 0, at: 299 });
    model.step({ type: 'received', stream: 0, index: 0 });
    expect([model.state.phase.is, model.adopting]).toEqual(['stopped', []]);
  });

  it('stops with the code of a grant that ended, and only breaks a stream whose trouble may pass', () => {
    const model = running();
    model.step({ type: 'error', stream: 0, code: 'transfer/too-many-streams', retry: true });
    expect([model.state.phase.is, model.aborted.has(0)]).toEqual(['running', true]);
    model.step({ type: 'error', stream: 0, code: 'access/revoked', retry: false });
    expect(model.state.phase).toEqual({ is: 'stopped', code: 'access/revoked' });
  });
});
