// Writes vectors/transfer/*.json. Run with `node protocol/vectors/make-transfer.ts`; running it again changes nothing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { concat, hex, uintBytes, utf8 } from '../bytes.ts';
import { limits } from '../limits.ts';
import { encodeTransferFrame, type TransferFrame } from '../transfer/messages.ts';
import { defaultOrder } from '../transfer/order.ts';

const folder = new URL('transfer/', import.meta.url);
mkdirSync(folder, { recursive: true });
const write = (name: string, vector: { comment: string; what: string; input: unknown; expect: unknown }) =>
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(vector, null, 2)}\n`);

const grant = 'ab'.repeat(16);
const frames = (name: string, comment: string, list: readonly (TransferFrame | Uint8Array)[], expect?: unknown) => {
  const bytes = concat(...list.map((one) => (one instanceof Uint8Array ? one : encodeTransferFrame(one))));
  const parsed = list.map((one) => (one instanceof Uint8Array ? { type: 'body', bytes: hex(one) } : one));
  write(name, { comment, what: 'frames', input: hex(bytes), expect: expect ?? parsed });
};
const raw = (type: number, payload: Uint8Array, length = payload.length) =>
  concat(Uint8Array.of(type), uintBytes(length, 4), payload);
const wants = [
  { index: 60, from: 0 },
  { index: 61, from: 524_464 },
];

frames('receiver', 'All that a receiver says.', [
  { type: 'open', version: 1, grant },
  { type: 'manifest-wanted' },
  { type: 'want', wants },
  { type: 'front', indices: [61, 7] },
  { type: 'done' },
]);
frames('sender', 'A manifest, an object from its second chunk on, a refusal, the end.', [
  { type: 'manifest', length: 5 },
  utf8('bytes'),
  { type: 'object', index: 61, from: 524_464, length: 4 },
  utf8('more'),
  { type: 'refused', index: 60, wire: 706 },
  { type: 'error', wire: 617 },
]);
const done: TransferFrame = { type: 'done' };
frames(
  'unknown-type',
  'A frame of a later version is skipped.',
  [raw(200, utf8('later')), encodeTransferFrame(done)],
  [done],
);
frames(
  'too-long',
  'Refused by its length, before anything of it is there.',
  [raw(4, new Uint8Array(), limits.transferFrameBytes + 1)],
  'transfer/framing',
);
frames('half-a-want', 'The payload is no whole number of wants.', [raw(4, new Uint8Array(18))], 'transfer/framing');
frames('one-too-many', 'A byte behind the last field.', [raw(9, new Uint8Array(5))], 'transfer/framing');
frames(
  'unsafe-length',
  'A length of 2^53.',
  [raw(3, concat(uintBytes(2 ** 21, 4), new Uint8Array(4)))],
  'transfer/framing',
);
write('order', {
  comment: 'Instances of four series, in the order in which a receiver wants them.',
  what: 'order',
  input: [5, 2, 0, 4],
  expect: defaultOrder([5, 2, 0, 4]),
});
