import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AuditEntry,
  auditEntry,
  auditKinds,
  entryLeaf,
  openEntry,
  sealEntry,
} from '../../../protocol/audit/entry.ts';
import { attachedHead, auditHead, auditHeadKind, checkNewHead } from '../../../protocol/audit/head.ts';
import {
  appendLeaf,
  consistencyPlan,
  emptyEdge,
  leafHash,
  positionOf,
  proofOf,
  rootOf,
} from '../../../protocol/audit/merkle.ts';
import { hex, uintBytes } from '../../../protocol/bytes.ts';
import { decodeCbor, encodeCbor } from '../../../protocol/cbor.ts';
import { signEnvelope, verifyEnvelope } from '../../../protocol/envelope.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { purposes } from '../../../protocol/practitioner.ts';
import { memberOf, peer, t0 } from '../../../protocol/vectors/federation-fixture.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';

const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined });
const text = fc.string({ maxLength: 40 });
const entries: fc.Arbitrary<AuditEntry> = fc.record({
  at: fc.maxSafeNat(),
  kind: fc.constantFrom(...auditKinds),
  act: maybe(fc.string({ maxLength: 8 })),
  outcome: fc.constantFrom('success', 'pending', 'denied', 'failed'),
  person: maybe(fc.record({ reference: maybe(text), name: text, role: text })),
  purpose: maybe(fc.constantFrom(...purposes)),
  reason: maybe(text),
  patient: maybe(text),
  study: maybe(text),
  peer: maybe(text),
  request: maybe(fc.uint8Array({ minLength: 16, maxLength: 16 }).map(hex)),
  detail: maybe(fc.dictionary(text, fc.oneof(fc.integer(), text, fc.boolean()), { maxKeys: 3 })),
});
const defined = (value: AuditEntry) => JSON.parse(JSON.stringify(value)) as unknown;
const key = seeded('entry key')(32);
const nonce = seeded('entry nonce')(16);
const code = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
  return undefined;
};

test('an entry comes back as it was sealed, and its leaf can be computed again', () => {
  fc.assert(
    fc.property(entries, fc.nat(2 ** 40), (entry, index) => {
      const sealed = sealEntry(auditEntry.encode(entry), index, key, nonce);
      expect(defined(openEntry(sealed, index, key))).toEqual(defined(entry));
      expect(entryLeaf(key, index, nonce, sealed.sealed)).toEqual(sealed.leaf);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('with another key, index or nonce, or any bit changed, an entry does not open and its leaf differs', () => {
  const { sealed, leaf } = sealEntry(auditEntry.encode({ at: t0, kind: 'view', outcome: 'success' }), 7, key, nonce);
  const attempts = [
    { sealed, nonce, index: 8, key },
    { sealed, nonce, index: 7, key: seeded('another')(32) },
    { sealed, nonce: seeded('another')(16), index: 7, key },
    ...Array.from(sealed, (byte, i) => ({ sealed: sealed.with(i, byte ^ 1), nonce, index: 7, key })),
  ];
  for (const each of attempts) {
    expect(code(() => openEntry(each, each.index, each.key))).toBe('audit/unreadable');
    expect(hex(entryLeaf(each.key, each.index, each.nonce, each.sealed))).not.toBe(hex(leaf));
  }
});

test('any bytes are an entry or a head, or refused by code', () => {
  const decoders = [
    auditEntry.decode,
    auditHead.decode,
    (bytes: Uint8Array) => attachedHead.decode(decodeCbor(bytes), ''),
  ];
  const spoilt = fc
    .tuple(entries, fc.nat(), fc.nat(255))
    .map(([entry, at, byte]) => auditEntry.encode(entry).map((old, i, all) => (i === at % all.length ? byte : old)));
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    spoilt,
    fc.object().map((each) => encodeCbor(JSON.stringify(each))),
  );
  fc.assert(
    fc.property(anything, (bytes) => {
      for (const decode of decoders) expect(code(() => decode(bytes)) ?? 'a/value').toMatch(/^(cbor|field|crit|a)\//);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

const federation = 'cd'.repeat(32);
const nodes: Uint8Array[] = [];
const roots = [hex(rootOf(emptyEdge))];
for (let i = 0, edge = emptyEdge; i < 12; i++) {
  const grown = appendLeaf(edge, leafHash(uintBytes(i, 2)));
  nodes.push(...grown.nodes);
  edge = grown.edge;
  roots.push(hex(rootOf(edge)));
}
const head = (size: number, at = t0 + size) => ({ member: memberOf(1), size, root: roots[size]!, at });
const proof = (from: number, to: number) => proofOf(consistencyPlan(from, to), (node) => nodes[positionOf(node)]!);

test('a head is what its member signed, for its federation', () => {
  const envelope = signEnvelope(auditHeadKind, auditHead, head(5), federation, peer(1));
  expect(verifyEnvelope(envelope, auditHeadKind, auditHead, federation).value).toEqual(head(5));
  expect(code(() => verifyEnvelope(envelope, auditHeadKind, auditHead, 'ef'.repeat(32)))).toBe('envelope/signature');
});

test.each<[string, ReturnType<typeof head> | undefined, ReturnType<typeof head>, Uint8Array[], string]>([
  ['the first one seen', undefined, head(7), [], 'new'],
  ['a log that grew', head(3), head(7), proof(3, 7), 'new'],
  ['a log that had been empty', head(0), head(7), [], 'new'],
  ['the same once more', head(7), head(7, t0 + 50), [], 'same'],
  ['one that was overtaken', head(7), head(3), [], 'older'],
  ['a log that shrank', head(7), head(3, t0 + 50), [], 'audit/forked'],
  ['one size, two roots', head(7), { ...head(7), root: roots[6]! }, [], 'audit/forked'],
  ['growth without proof', head(3), head(7), [], 'audit/forked'],
  ['growth with the proof of another size', head(3), head(7), proof(2, 7), 'audit/forked'],
  ['growth from a rewritten entry', { ...head(3), root: roots[4]! }, head(7), proof(3, 7), 'audit/forked'],
  ['another member', { ...head(3), member: memberOf(2) }, head(7), proof(3, 7), 'access/mismatch'],
])('%s', (_, seen, next, hashes, expected) => {
  const outcome = code(() => expect(checkNewHead(seen, next, hashes)).toBe(expected));
  expect(outcome ?? expected).toBe(expected);
});
