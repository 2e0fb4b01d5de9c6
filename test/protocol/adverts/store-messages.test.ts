import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeTagsRequest,
  encodeTagsRequest,
  fitGetReply,
  getReply,
  putReply,
  putRequests,
} from '../../../protocol/adverts/store-messages.ts';
import { encodeCbor } from '../../../protocol/cbor.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';

const tag = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => bytes.reduce((s, b) => s + b.toString(16).padStart(2, '0'), ''));
const member = 'ab'.repeat(16);

describe('messages between storing peers', () => {
  it('come back as they went', () => {
    const records = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 20 });
    const property = fc.property(records, fc.array(tag, { minLength: 1, maxLength: 20 }), (list, tags) => {
      const put = { type: 'put', records: list } as const;
      expect(decodeTagsRequest(encodeTagsRequest(put))).toEqual(put);
      const get = { type: 'get', tags, from: { tag: tags[0]!, member } } as const;
      expect(decodeTagsRequest(encodeTagsRequest(get))).toEqual(get);
      const reply = { records: list, more: { tag: tags[0]!, member } };
      expect(getReply.decode(getReply.encode(reply))).toEqual(reply);
    });
    fc.assert(property, { seed: 1, numRuns: 100 });
    expect(putReply.decode(putReply.encode({ results: Array(256).fill(417) })).results).toHaveLength(256);
  });

  it('have at most 256 records or tags', () => {
    const one = new Uint8Array(1);
    for (const count of [0, 257]) {
      expect(() => decodeTagsRequest(encodeTagsRequest({ type: 'put', records: Array(count).fill(one) }))).toThrow(
        'field/invalid',
      );
      const tags = Array(count).fill('00'.repeat(32));
      expect(() => decodeTagsRequest(encodeTagsRequest({ type: 'get', tags }))).toThrow('field/invalid');
    }
    const tags = Array(256).fill('ff'.repeat(32));
    expect(decodeTagsRequest(encodeTagsRequest({ type: 'get', tags }))).toMatchObject({ tags });
  });

  it('are refused when too long or of another type', () => {
    expect(() => decodeTagsRequest(new Uint8Array(limits.advertMessageBytes + 17))).toThrow('cbor/too-long');
    expect(() => decodeTagsRequest(encodeCbor([2, new Uint8Array(1)]))).toThrow('kind/unsupported');
    const large = Array(2).fill(new Uint8Array(limits.advertBytes + 1));
    expect(() => decodeTagsRequest(encodeTagsRequest({ type: 'put', records: large }))).toThrow('field/invalid');
  });

  it('are a value or a coded error, whatever the bytes', () => {
    const valid = encodeTagsRequest({ type: 'get', tags: ['00'.repeat(32)] });
    const mutated = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => valid.with(at, byte));
    const property = fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), mutated), (bytes) => {
      for (const decode of [decodeTagsRequest, getReply.decode, putReply.decode]) {
        try {
          decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(PeerError);
        }
      }
    });
    fc.assert(property, { seed: 1, numRuns: 1000 });
  });
});

describe('paging', () => {
  const place = (i: number) => ({ tag: i.toString(16).padStart(64, '0'), member });

  it('fills a reply up to its limit, reads no further, and goes on where it stopped', () => {
    let read = 0;
    function* source(from: number) {
      for (let i = from; i < 150; i++) {
        read++;
        yield { ...place(i), bytes: new Uint8Array(limits.advertBytes) };
      }
    }
    const first = fitGetReply(source(0));
    expect(read).toBe(first.records.length + 1);
    expect(first.more).toEqual(place(first.records.length));
    expect(getReply.encode(first).length).toBeLessThanOrEqual(limits.advertMessageBytes);
    const second = fitGetReply(source(first.records.length));
    const third = fitGetReply(source(first.records.length + second.records.length));
    expect(third.more).toBeUndefined();
    expect(first.records.length + second.records.length + third.records.length).toBe(150);
    expect(first.records.length).toBeGreaterThan(60);
  });

  it('splits what is to be put by number and by size', () => {
    const small = Array.from({ length: 600 }, () => new Uint8Array(1024));
    expect([...putRequests(small)].map(({ records }) => records.length)).toEqual([256, 256, 88]);
    const large = Array.from({ length: 100 }, () => new Uint8Array(limits.advertBytes));
    const requests = [...putRequests(large)];
    for (const request of requests) {
      expect(encodeTagsRequest(request).length).toBeLessThanOrEqual(limits.advertMessageBytes);
      expect(decodeTagsRequest(encodeTagsRequest(request)).type).toBe('put');
    }
    expect(requests.flatMap(({ records }) => records)).toHaveLength(100);
    expect([...putRequests([])]).toEqual([]);
  });
});
