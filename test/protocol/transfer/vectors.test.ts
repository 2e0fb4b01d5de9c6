import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { FrameParser } from '../../../protocol/transfer/frame-parser.ts';
import { defaultOrder } from '../../../protocol/transfer/order.ts';

const folder = new URL('../../../protocol/vectors/transfer/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function frames(input: string): unknown {
  try {
    const parsed = [...new FrameParser().feed(unhex(input))];
    return parsed.map((one) => (one.type === 'body' ? { ...one, bytes: hex(one.bytes) } : one));
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
}

it('has vectors', () => {
  expect(files.length).toBeGreaterThan(5);
});

it.each(files)('replays %s', (file) => {
  const { what, input, expect: expected } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  expect(what === 'order' ? defaultOrder(input) : frames(input)).toEqual(expected);
});
