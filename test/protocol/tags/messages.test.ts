import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerError } from '../../../protocol/errors.ts';
import { evaluateReply, evaluateRequest } from '../../../protocol/tags/messages.ts';

const element = fc.uint8Array({ minLength: 32, maxLength: 32 });
const batch = fc.array(element, { minLength: 1, maxLength: 8 });

describe('messages between a peer and a keeper', () => {
  it('come back as they went', () => {
    const property = fc.property(batch, fc.maxSafeNat(), (points, generation) => {
      const request = { key: 'ab'.repeat(16), generation, blinded: points };
      expect(evaluateRequest.decode(evaluateRequest.encode(request))).toEqual(request);
      const reply = { generation, evaluated: points, proof: new Uint8Array(64) };
      expect(evaluateReply.decode(evaluateReply.encode(reply))).toEqual(reply);
    });
    fc.assert(property, { seed: 1, numRuns: 100 });
  });

  it('of 256 points fit their limit', () => {
    const blinded = Array.from({ length: 256 }, () => new Uint8Array(32));
    const request = { key: 'ab'.repeat(16), generation: Number.MAX_SAFE_INTEGER, blinded };
    expect(evaluateRequest.decode(evaluateRequest.encode(request)).blinded).toHaveLength(256);
    const reply = { generation: Number.MAX_SAFE_INTEGER, evaluated: blinded, proof: new Uint8Array(64) };
    expect(evaluateReply.decode(evaluateReply.encode(reply)).evaluated).toHaveLength(256);
  });

  it('are a value or a coded error, whatever the bytes', () => {
    const valid = evaluateRequest.encode({ key: 'ab'.repeat(16), generation: 1, blinded: [new Uint8Array(32)] });
    const broken = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => valid.with(at, byte));
    const property = fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), broken), (bytes) => {
      for (const message of [evaluateRequest, evaluateReply]) {
        try {
          message.decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(PeerError);
        }
      }
    });
    fc.assert(property, { seed: 1, numRuns: 2000 });
  });
});
