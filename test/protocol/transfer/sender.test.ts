import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import type { TransferFrame } from '../../../protocol/transfer/messages.ts';
import { type SenderAction, type SenderEvent, startSender, stepSender } from '../../../protocol/transfer/sender.ts';

const grant = '00'.repeat(16);
const open: TransferFrame = { type: 'open', version: 1, grant };
const want = (...indices: number[]): TransferFrame => ({
  type: 'want',
  wants: indices.map((index) => ({ index, from: 0 })),
});

/** A sender whose actions are collected. */
function sender() {
  let state = startSender();
  const actions: SenderAction[] = [];
  const step = (event: SenderEvent): SenderAction[] => {
    const [next, made] = stepSender(state, event);
    state = next;
    actions.push(...made);
    return made;
  };
  return { step, frame: (frame: TransferFrame) => step({ type: 'frame', frame }), actions, state: () => state };
}

function opened() {
  const one = sender();
  one.frame(open);
  one.step({ type: 'opened' });
  return one;
}

describe('the sender', () => {
  it('lets nothing go that the guard was not asked about, whatever comes in which order', () => {
    const index = fc.nat(6);
    const frames: fc.Arbitrary<TransferFrame> = fc.oneof(
      fc
        .array(fc.record({ index, from: fc.nat(40) }), { maxLength: 4 })
        .map((wants) => ({ type: 'want' as const, wants })),
      fc.array(index, { maxLength: 3 }).map((indices) => ({ type: 'front' as const, indices })),
      fc.constantFrom<TransferFrame>({ type: 'manifest-wanted' }, { type: 'done' }, open),
    );
    const events: fc.Arbitrary<SenderEvent> = fc.oneof(
      { weight: 4, arbitrary: frames.map((frame) => ({ type: 'frame' as const, frame })) },
      { weight: 8, arbitrary: fc.constantFrom<SenderEvent>({ type: 'sent' }, { type: 'authorized', length: 50 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<SenderEvent>(
          { type: 'missing' },
          { type: 'denied', code: 'access/revoked' },
          { type: 'closed' },
        ),
      },
    );
    fc.assert(
      fc.property(fc.array(events, { maxLength: 60 }), fc.boolean(), (list, answered) => {
        const one = sender();
        one.frame(open);
        if (answered) one.step({ type: 'opened' });
        let asked: number | undefined;
        let ended = false;
        for (const event of list) {
          for (const action of one.step(event)) {
            expect(ended).toBe(false);
            if (action.type === 'send' || action.type === 'send-manifest' || action.type === 'authorize') {
              expect(answered).toBe(true);
            }
            if (action.type === 'send') expect([event.type, action.index]).toEqual(['authorized', asked]);
            if (action.type === 'authorize') asked = action.index;
            if (action.type === 'end') ended = true;
          }
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('asks the guard anew for every object and every segment of a long one', () => {
    const one = opened();
    const length = limits.transferSegmentBytes + 5;
    expect(one.frame(want(3, 4))).toEqual([{ type: 'authorize', index: 3 }]);
    const first = { type: 'send', index: 3, from: 0, to: limits.transferSegmentBytes };
    expect(one.step({ type: 'authorized', length })).toEqual([first]);
    one.frame({ type: 'front', indices: [4] }); // doesn't come between
    expect(one.step({ type: 'sent' })).toEqual([{ type: 'authorize', index: 3 }]);
    const second = { type: 'send', index: 3, from: limits.transferSegmentBytes, to: length };
    expect(one.step({ type: 'authorized', length })).toEqual([second]);
    expect(one.step({ type: 'sent' })).toEqual([{ type: 'authorize', index: 4 }]);
  });

  it('stops in the middle when the guard says so, and says why', () => {
    const one = opened();
    one.frame(want(1, 2));
    one.step({ type: 'authorized', length: 10 });
    one.step({ type: 'sent' });
    expect(one.step({ type: 'denied', code: 'access/revoked' })).toEqual([{ type: 'end', code: 'access/revoked' }]);
    expect(one.frame(want(1))).toEqual([]);
  });

  it('sends the manifest first, then in the order moved to, and ends when done', () => {
    const one = sender();
    one.frame(open);
    one.frame({ type: 'manifest-wanted' });
    one.frame(want(1, 2, 3));
    one.frame({ type: 'front', indices: [3] });
    expect(one.step({ type: 'opened' })).toEqual([{ type: 'send-manifest' }]);
    expect(one.step({ type: 'sent' })).toEqual([{ type: 'authorize', index: 3 }]);
    one.frame({ type: 'done' });
    const rest = [1, 2].flatMap((index) => [{ type: 'authorize', index }]);
    const made = [3, 1, 2].flatMap(() => {
      one.step({ type: 'authorized', length: 5 });
      return one.step({ type: 'sent' });
    });
    expect(made).toEqual([...rest, { type: 'end' }]);
  });

  it('refuses an object that it cannot read, or that there is not, and goes on', () => {
    const one = opened();
    one.frame(want(1, 2));
    one.step({ type: 'authorized', length: 5 });
    expect(one.step({ type: 'missing' })).toEqual([
      { type: 'frame', frame: { type: 'refused', index: 1, wire: 706 } },
      { type: 'authorize', index: 2 },
    ]);
    expect(one.step({ type: 'authorized', length: undefined })).toEqual([
      { type: 'frame', frame: { type: 'refused', index: 2, wire: 705 } },
    ]);
  });

  it.each<[string, TransferFrame[], string]>([
    ['a first frame that is not open', [want(1)], 'transfer/unexpected'],
    ['another version', [{ ...open, version: 9 } as TransferFrame], 'version/unsupported'],
    ['a second open', [open, open], 'transfer/unexpected'],
    [
      'a frame that only a sender sends',
      [open, { type: 'object', index: 0, from: 0, length: 1 }],
      'transfer/unexpected',
    ],
    ['wants without end', [open, want(...Array(limits.transferWants).keys()), want(1)], 'transfer/too-many-wants'],
    ['a want after done', [open, want(1), { type: 'done' }, want(2)], 'transfer/unexpected'],
  ])('ends at %s', (_, frames, code) => {
    const one = sender();
    for (const frame of frames) one.frame(frame);
    expect(one.actions.at(-1)).toEqual({ type: 'end', code });
    expect(one.state()).toEqual({ is: 'ended' });
  });
});
