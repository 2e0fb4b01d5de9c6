import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  AssociateAc,
  AssociateRq,
  ControlPdu,
  Data,
  Pdu,
} from '../../../../../node/dicom/dimse/upper-layer/pdu.ts';
import { abortReason, PduReader, type ReceivedPdu } from '../../../../../node/dicom/dimse/upper-layer/pdu-reader.ts';
import { concat } from '../../../../../protocol/bytes.ts';
import { PeerError } from '../../../../../protocol/errors.ts';
import { limits } from '../../../../../protocol/limits.ts';
import { associateRq, bytesOf, dataPdu, errorCode } from '../helpers.ts';

const uid = fc.stringMatching(/^[1-9]{1,9}(\.[1-9]{1,6}){1,5}$/);
const ae = fc.stringMatching(/^[A-Z0-9_]{1,16}$/);
const byte = fc.nat(255);
const user = fc.record(
  {
    maxPduBytes: fc.nat(0x7fffffff),
    implementationClassUid: uid,
    implementationVersion: ae,
    asyncOps: fc.record({ invoked: fc.nat(65535), performed: fc.nat(65535) }),
    roles: fc.array(fc.record({ sopClassUid: uid, scu: fc.boolean(), scp: fc.boolean() }), { maxLength: 4 }),
    extended: fc.array(fc.record({ sopClassUid: uid, information: fc.uint8Array({ maxLength: 20 }) }), {
      maxLength: 4,
    }),
  },
  { requiredKeys: ['roles', 'extended'] },
);
const head = { protocolVersion: fc.nat(65535), calledAe: ae, callingAe: ae, applicationContext: uid, user };
const contextIds = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.array(arbitrary, { maxLength: 8 }).map((all) => all.map((one, index) => ({ ...one, id: 2 * index + 1 })));
const control: fc.Arbitrary<ControlPdu> = fc.oneof(
  fc.record({
    type: fc.constant('associate-rq' as const),
    ...head,
    contexts: contextIds(fc.record({ abstractSyntax: uid, transferSyntaxes: fc.array(uid, { maxLength: 5 }) })),
  }),
  fc.record({
    type: fc.constant('associate-ac' as const),
    ...head,
    contexts: contextIds(fc.record({ result: fc.nat(4), transferSyntax: uid })),
  }),
  fc.record({ type: fc.constant('associate-rj' as const), result: byte, source: byte, reason: byte }),
  fc.constant({ type: 'release-rq' as const }),
  fc.constant({ type: 'release-rp' as const }),
  fc.record({ type: fc.constant('abort' as const), source: byte, reason: byte }),
);
const value = fc.record({
  contextId: byte,
  command: fc.boolean(),
  last: fc.boolean(),
  parts: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 3 }),
});
const data: fc.Arbitrary<Data> = fc.record({
  type: fc.constant('data' as const),
  values: fc.array(value, { minLength: 1, maxLength: 4 }),
});
const pdus: fc.Arbitrary<Pdu[]> = fc.array(fc.oneof(control, data), { maxLength: 6 });

/** Everything that a reader gives for these bytes, fed in pieces of the given sizes (again and again). */
function readAll(bytes: Uint8Array, sizes: number[], maxPduBytes = 4096): ReceivedPdu[] {
  const reader = new PduReader({ maxPduBytes });
  const received: ReceivedPdu[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? bytes.length);
    reader.feed(bytes.subarray(at, at + size));
    at += size;
    for (let one = reader.next(); one !== undefined; one = reader.next()) received.push(one);
  }
  return received;
}

type Joined = ControlPdu | { contextId: number; command: boolean; last: boolean; bytes: number[] };

/** Fragments put together to their data values. */
function join(received: ReceivedPdu[]): Joined[] {
  const out: Joined[] = [];
  let bytes: number[] = [];
  for (const one of received) {
    if (one.type !== 'fragment') out.push(one);
    else {
      bytes.push(...one.bytes);
      const { contextId, command, last } = one;
      if (one.end) out.push({ contextId, command, last, bytes });
      if (one.end) bytes = [];
    }
  }
  return out;
}

const expected = (pdu: Pdu): Joined[] =>
  pdu.type === 'data'
    ? pdu.values.map((v) => ({
        contextId: v.contextId,
        command: v.command,
        last: v.last,
        bytes: [...concat(...v.parts)],
      }))
    : [pdu];

const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });

describe('PDU codec', () => {
  test('what is encoded is read again, however the bytes are split', () => {
    fc.assert(
      fc.property(pdus, sizes, (all, pieces) => {
        expect(join(readAll(concat(...all.map(bytesOf)), pieces))).toEqual(all.flatMap(expected));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('any bytes give values or a coded error, the same whole and byte by byte', () => {
    const outcome = (bytes: Uint8Array, pieces: number[]) => {
      let count = 0;
      const code = errorCode(() => {
        count = join(readAll(bytes, pieces)).length;
      });
      return { code, count };
    };
    const plausible = fc
      .tuple(fc.integer({ min: 0, max: 8 }), fc.nat(80), fc.uint8Array({ maxLength: 200 }))
      .map(([type, length, rest]) => concat(Uint8Array.of(type, 0, 0, 0, 0, length), rest));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), plausible), (bytes) => {
        expect(outcome(bytes, [1])).toEqual(outcome(bytes, [bytes.length]));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('a PDU with any byte changed gives values or a coded error', () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(control, fc.nat(), byte, sizes, (pdu, where, change, pieces) => {
        const bytes = bytesOf(pdu);
        bytes[where % bytes.length] = change;
        codes.add(errorCode(() => readAll(bytes, pieces)));
      }),
      { seed: 1, numRuns: 2000 },
    );
    expect([...codes].sort()).toEqual(['dimse/pdu-length', 'dimse/pdu-malformed', 'dimse/pdu-type', 'no error']);
  });

  test('lengths are refused as soon as the header is there, without the body', () => {
    const header = (type: number, length: number) => {
      const bytes = new Uint8Array(6);
      bytes[0] = type;
      new DataView(bytes.buffer).setUint32(2, length);
      return bytes;
    };
    const refused = (type: number, length: number) => errorCode(() => readAll(header(type, length), [6]));
    expect(refused(1, limits.dimseAssociateBytes)).toBe('no error');
    expect(refused(1, limits.dimseAssociateBytes + 1)).toBe('dimse/pdu-length');
    expect(refused(2, 0xffffffff)).toBe('dimse/pdu-length');
    expect(refused(1, 67)).toBe('dimse/pdu-length');
    expect(refused(4, 4096)).toBe('no error');
    expect(refused(4, 4097)).toBe('dimse/pdu-length');
    expect(refused(4, 5)).toBe('dimse/pdu-length');
    for (const type of [3, 5, 6, 7]) {
      expect(refused(type, 4)).toBe('no error');
      expect(refused(type, 5)).toBe('dimse/pdu-length');
    }
    expect(refused(0, 4)).toBe('dimse/pdu-type');
    expect(refused(8, 4)).toBe('dimse/pdu-type');
  });

  test('a data value must fit into its PDU exactly', () => {
    const good = bytesOf(dataPdu(1, new Uint8Array(10), true));
    const withValueLength = (length: number) => {
      const bytes = good.slice();
      new DataView(bytes.buffer).setUint32(6, length);
      return errorCode(() => readAll(bytes, [bytes.length]));
    };
    expect(withValueLength(12)).toBe('no error');
    expect(withValueLength(13)).toBe('dimse/pdu-length');
    expect(withValueLength(1)).toBe('dimse/pdu-length');
    expect(withValueLength(0xffffffff)).toBe('dimse/pdu-length');
    // leaves 3 bytes, too few for another value
    expect(withValueLength(9)).toBe('dimse/pdu-length');
  });

  test('data is handed on as it arrives, as views of what was fed', () => {
    const reader = new PduReader({ maxPduBytes: 4096 });
    const bytes = bytesOf(
      dataPdu(
        1,
        Uint8Array.from({ length: 1000 }, (_, i) => i % 251),
        true,
      ),
    );
    const first = bytes.subarray(0, 112);
    reader.feed(first);
    const fragment = reader.next();
    expect(fragment).toMatchObject({ type: 'fragment', contextId: 1, command: false, last: true, end: false });
    expect(fragment?.type === 'fragment' && fragment.bytes.buffer === first.buffer).toBe(true);
    expect(fragment?.type === 'fragment' && fragment.bytes.length).toBe(100);
    expect(reader.next()).toBeUndefined();
    reader.feed(bytes.subarray(112));
    expect(reader.next()).toMatchObject({ end: true });
  });

  test('after an error nothing more is read', () => {
    const reader = new PduReader({ maxPduBytes: 4096 });
    reader.feed(concat(Uint8Array.of(9, 0, 0, 0, 0, 4), bytesOf({ type: 'release-rq' })));
    expect(errorCode(() => reader.next())).toBe('dimse/pdu-type');
    reader.feed(bytesOf({ type: 'release-rq' }));
    expect(reader.next()).toBeUndefined();
  });

  test('contexts, transfer syntaxes and user items are counted', () => {
    const read = (more: Partial<AssociateRq>) => errorCode(() => readAll(bytesOf(associateRq(more)), [70000]));
    const context = (id: number, syntaxes: number) => ({
      id,
      abstractSyntax: '1.2',
      transferSyntaxes: Array.from({ length: syntaxes }, (_, i) => `1.2.${i + 1}`),
    });
    const contexts = (count: number) => Array.from({ length: count }, (_, i) => context(2 * i + 1, 1));
    const items = (count: number) => ({
      roles: Array.from({ length: count }, () => ({ sopClassUid: '1.2', scu: true, scp: false })),
      extended: [],
    });
    expect(read({ contexts: contexts(limits.dimseContexts) })).toBe('no error');
    expect(read({ contexts: [...contexts(limits.dimseContexts), context(1, 1)] })).toBe('dimse/pdu-malformed');
    expect(read({ contexts: [context(1, limits.dimseTransferSyntaxes)] })).toBe('no error');
    expect(read({ contexts: [context(1, limits.dimseTransferSyntaxes + 1)] })).toBe('dimse/pdu-malformed');
    expect(read({ contexts: [context(1, 1), context(1, 1)] })).toBe('dimse/pdu-malformed');
    expect(read({ contexts: [context(2, 1)] })).toBe('dimse/pdu-malformed');
    expect(read({ user: items(limits.dimseUserItems) })).toBe('no error');
    expect(read({ user: items(limits.dimseUserItems + 1) })).toBe('dimse/pdu-malformed');
  });

  test('UIDs padded with NUL and AE titles with leading spaces are read without them', () => {
    const bytes = bytesOf(associateRq({ callingAe: '  X', applicationContext: '1.2' }));
    const [pdu] = readAll(bytes, [bytes.length]);
    expect(pdu).toMatchObject({ type: 'associate-rq', callingAe: 'X', applicationContext: '1.2' });
    const text = String.fromCharCode(...bytes).replace('\x10\0\0\x031.2', '\x10\0\0\x031.\0');
    const padded = Uint8Array.from(text, (character) => character.charCodeAt(0));
    expect(readAll(padded, [padded.length])[0]).toMatchObject({ applicationContext: '1.' });
  });

  test('a refused context may come without its transfer syntax', () => {
    const answer: AssociateAc = {
      ...associateRq(),
      type: 'associate-ac',
      contexts: [{ id: 1, result: 3, transferSyntax: 'X' }],
    };
    const bytes = bytesOf(answer);
    const at = String.fromCharCode(...bytes).indexOf('\x21\0\0\x09');
    const without = concat(
      bytes.subarray(0, at),
      Uint8Array.of(0x21, 0, 0, 4),
      bytes.subarray(at + 4, at + 8),
      bytes.subarray(at + 13),
    );
    new DataView(without.buffer).setUint32(2, without.length - 6);
    expect(readAll(without, [without.length])[0]).toMatchObject({
      contexts: [{ id: 1, result: 3, transferSyntax: '' }],
    });
  });

  test('abort reasons are those of PS3.8 table 9-26', () => {
    expect(abortReason(new PeerError('dimse/pdu-type'))).toBe(1);
    expect(abortReason(new PeerError('dimse/sequence'))).toBe(2);
    expect(abortReason(new PeerError('dimse/pdu-malformed'))).toBe(6);
    expect(abortReason(new Error('x'))).toBe(0);
  });
});
