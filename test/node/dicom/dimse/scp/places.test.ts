// Places for associations, and who goes when there are too many connections without one.
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Places } from '../../../../../node/dicom/dimse/scp/places.ts';
import { WaitingRoom } from '../../../../../node/dicom/dimse/scp/waiting-room.ts';
import { limits } from '../../../../../protocol/limits.ts';

const each = limits.dimseAddressAssociations;
const pinned = { aeTitle: 'CT1', host: '10.0.0.1', maxAssociations: 100 };
const titled = { aeTitle: 'CT2' };

/** Takes places until there is none; gives how many. */
function fill(places: Places<object>, caller: typeof pinned | typeof titled | undefined, address: string): number {
  let count = 0;
  while (places.take({}, { caller, address })) count++;
  return count;
}
const fillFromAll = (places: Places<object>, caller: typeof titled | undefined): number =>
  Array.from({ length: 50 }, (_, i) => fill(places, caller, `10.1.0.${i}`)).reduce((a, b) => a + b);

describe('places', () => {
  test('an address without proof has its few, whatever it calls itself', () => {
    expect(fill(new Places(64, undefined), undefined, '10.1.0.1')).toBe(each);
    expect(fill(new Places(64, [titled]), titled, '10.1.0.1')).toBe(each);
    expect(fill(new Places(64, [pinned]), pinned, '10.0.0.1')).toBe(64);
  });

  test('whoever is not listed, and whoever only claims a title, leaves room for those who are', () => {
    const places = new Places(64, [pinned, titled]);
    expect(fillFromAll(places, undefined)).toBe(32);
    expect(fillFromAll(places, titled)).toBe(16);
    expect(fill(places, pinned, '10.0.0.1')).toBe(16);
    expect(places.size).toBe(64);
  });

  test('without a list all places are for everybody; a place that was left is free', () => {
    const places = new Places(20, undefined);
    const holder = {};
    expect(places.take(holder, { caller: undefined, address: '10.2.0.1' })).toBe(true);
    expect(fillFromAll(places, undefined)).toBe(19);
    expect([places.leave(holder), places.leave(holder)]).toEqual([true, false]);
    expect(fillFromAll(places, undefined)).toBe(1);
  });
});

describe('the waiting room', () => {
  const socket = () => ({}) as Socket;
  test('lets go of the oldest of the address that has most, and of known addresses last', () => {
    const room = new WaitingRoom(4, new Set(['10.0.0.1']));
    const [one, two, three, known] = [socket(), socket(), socket(), socket()];
    for (const [each, address] of [
      [known, '10.0.0.1'],
      [one, '10.1.0.1'],
      [two, '10.1.0.2'],
      [three, '10.1.0.2'],
    ] as const) {
      expect(room.enter(each, address)).toBeUndefined();
    }
    expect(room.enter(socket(), '10.0.0.1')).toBe(two);
    expect(room.enter(socket(), '10.1.0.9')).toBe(one);
    room.leave(three);
    expect(room.enter(socket(), '10.0.0.1')).toBeUndefined();
    expect(room.size).toBe(4);
  });

  test('with known addresses alone the oldest of them goes', () => {
    const room = new WaitingRoom(1, new Set(['10.0.0.1']));
    const first = socket();
    room.enter(first, '10.0.0.1');
    expect(room.enter(socket(), '10.0.0.1')).toBe(first);
  });
});
