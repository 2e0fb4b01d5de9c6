// What may happen to bytes and to JSON on their way here.
import type { Chance } from './chance.ts';

/** Numbers that lengths and counts are often compared to. */
const edges = [0, 1, 2, 7, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0x80000000];
const longest = [0xfffffffe, 0xffffffff];
/** Item, item's end, sequence's end, pixel data. */
const marks = [
  [0xfe, 0xff, 0x00, 0xe0],
  [0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0],
  [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0],
  [0xe0, 0x7f, 0x10, 0x00],
  [0x0d, 0x0a, 0x2d, 0x2d],
  [0x0d, 0x0a, 0x0d, 0x0a],
];

type Change = (bytes: Buffer, at: number, chance: Chance) => Buffer;

const changes: readonly Change[] = [
  (bytes, at, chance) => put(bytes, at, [bytes[at]! ^ (1 << chance.below(8))]),
  (bytes, at, chance) => put(bytes, at, [chance.below(256)]),
  (bytes, at, chance) => put(bytes, at, [chance.pick(edges), chance.pick(edges)]),
  (bytes, at, chance) => {
    const number = Buffer.alloc(4);
    const value = chance.pick([...edges, ...longest, bytes.length, bytes.length - at]);
    if (chance.oneIn(2)) number.writeUInt32LE(value >>> 0);
    else number.writeUInt32BE(value >>> 0);
    return put(bytes, at, number);
  },
  (bytes, at, chance) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + chance.below(40))]),
  (bytes, at, chance) => Buffer.concat([bytes.subarray(0, at), chance.bytes(1 + chance.below(20)), bytes.subarray(at)]),
  (bytes, at, chance) => Buffer.concat([bytes.subarray(0, at + 1 + chance.below(200)), bytes.subarray(at)]),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, chance) => Buffer.concat([bytes.subarray(0, at), Buffer.from(chance.pick(marks)), bytes.subarray(at)]),
  (bytes, at, chance) => put(bytes, at, new Uint8Array(1 + chance.below(16))),
];

function put(bytes: Buffer, at: number, what: ArrayLike<number>): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(Array.from(what).slice(0, copy.length - at), at);
  return copy;
}

/** How many changes, and of which kinds: the first three leave everything in its place. */
const ways = [
  { most: 1, kinds: 3 },
  { most: 2, kinds: changes.length },
  { most: 5, kinds: changes.length },
] as const;

/**
 * Bytes with some changes, half of them gentle: what is refused at once teaches little. Half are in the first `head`
 * bytes behind `from`: what is in front decides what the rest is.
 */
export function mutated(original: Uint8Array, chance: Chance, { from = 0, head = 600 } = {}): Buffer {
  let bytes = Buffer.from(original);
  const { most, kinds } = chance.pick([ways[0], ...ways]);
  for (let left = 1 + chance.below(most); left > 0 && bytes.length > from; left--) {
    const room = bytes.length - from;
    const at = from + chance.below(chance.oneIn(2) ? room : Math.min(room, head));
    bytes = Buffer.from(chance.pick(changes.slice(0, kinds))(bytes, at, chance));
  }
  return bytes;
}

const deep = (depth: number): unknown => Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 0);

const values: readonly ((chance: Chance) => unknown)[] = [
  () => null,
  () => true,
  () => [],
  () => ({}),
  () => '',
  () => -1,
  () => 1e308,
  () => 0.5,
  () => '\0\u001b\ufffd\ud800',
  () => '../../../etc/passwd',
  () => '1.2.3.4.'.repeat(20),
  (chance) => 'x'.repeat(chance.pick([64, 1025, 70_000])),
  (chance) => deep(chance.pick([3, 100, 3_000])),
  () => [{ vr: 'SQ', Value: [{ '00100010': { vr: 'PN', Value: ['a', { Alphabetic: 1 }] } }] }],
  () => ({ vr: 'UN', InlineBinary: '%%%' }),
  () => ({ vr: 'OW', BulkDataURI: 'nowhere' }),
  (chance) => ({ vr: chance.pick(['SQ', 'PN', 'AT', 'US', 'ZZ', 'DS', 'IS', 'UI']), Value: ['x', 1, null, {}] }),
];

type Place = readonly [holder: Record<string, unknown>, key: string];

function places(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Object.keys(value)) {
    const holder = value as Record<string, unknown>;
    found.push([holder, key]);
    places(holder[key], found);
  }
  return found;
}

/** A JSON value with one to three of its values replaced, taken away or named otherwise. */
export function mutatedJson(original: unknown, chance: Chance): unknown {
  const copy: unknown = structuredClone(original);
  for (let left = 1 + chance.below(3); left > 0; left--) {
    const all = places(copy);
    if (all.length === 0) return chance.pick(values)(chance);
    const [holder, key] = chance.pick(all);
    const change = chance.below(5);
    if (change === 0) delete holder[key];
    else if (change === 1) holder[chance.pick(['__proto__', '00080018', 'ZZZZZZZZ', '7FE00010', 'constructor'])] = 1;
    else if (change === 2) holder[key] = [holder[key], holder[key]];
    else holder[key] = chance.pick(values)(chance);
  }
  return copy;
}
