// Writes vectors/audit/*.json. Run with `node protocol/vectors/make-audit.ts`; running it again changes nothing.
import { writeFileSync } from 'node:fs';
import { auditEntry, sealEntry } from '../audit/entry.ts';
import { auditHead, auditHeadKind } from '../audit/head.ts';
import { appendLeaf, consistencyPlan, emptyEdge, leafHash, positionOf, proofOf, rootOf } from '../audit/merkle.ts';
import { hex, unhex } from '../bytes.ts';
import { signEnvelope } from '../envelope.ts';
import { memberOf, peer, t0 } from './federation-fixture.ts';
import { seeded } from './seeded.ts';

const write = (name: string, vector: { comment: string; what: string; input: unknown; expect: unknown }) =>
  writeFileSync(new URL(`audit/${name}.json`, import.meta.url), `${JSON.stringify(vector, null, 2)}\n`);

// the leaves, roots and proofs that Certificate Transparency implementations share; not made here
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const first = [
  '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
];
const sixToEight = [
  '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  roots[4]!,
];

write('rfc6962-roots', {
  comment: 'Root of the tree of the first 0 to 8 leaves.',
  what: 'roots',
  input: { leaves },
  expect: roots,
});
const inclusion = { leaf: leaves[0]!, index: 0, size: 8, root: roots[8]!, proof: first };
write('rfc6962-inclusion', { comment: 'Leaf 0 of 8.', what: 'inclusion', input: inclusion, expect: true });
write('inclusion-other-index', {
  comment: 'The same proof for another place.',
  what: 'inclusion',
  input: { ...inclusion, index: 1 },
  expect: false,
});
write('inclusion-short', {
  comment: 'The last hash of the proof is missing.',
  what: 'inclusion',
  input: { ...inclusion, proof: first.slice(0, 2) },
  expect: false,
});
write('inclusion-outside', {
  comment: 'A place that the tree does not have.',
  what: 'inclusion',
  input: { ...inclusion, index: 8 },
  expect: false,
});
const consistency = { from: 6, fromRoot: roots[6]!, to: 8, toRoot: roots[8]!, proof: sixToEight };
write('rfc6962-consistency', { comment: 'From 6 to 8.', what: 'consistency', input: consistency, expect: true });
write('rfc6962-consistency-power', {
  comment: 'From 1 to 8: the older root is a node of the tree and not repeated in the proof.',
  what: 'consistency',
  input: { from: 1, fromRoot: roots[1]!, to: 8, toRoot: roots[8]!, proof: first },
  expect: true,
});
write('consistency-other-root', {
  comment: 'The older root is another one.',
  what: 'consistency',
  input: { ...consistency, fromRoot: roots[5]! },
  expect: false,
});
write('consistency-long', {
  comment: 'One hash too many.',
  what: 'consistency',
  input: { ...consistency, proof: [...sixToEight, roots[1]!] },
  expect: false,
});

const key = seeded('audit vector key')(32);
const nonce = seeded('audit vector nonce')(16);
const plain = auditEntry.encode({
  at: t0,
  kind: 'summary',
  outcome: 'denied',
  person: { name: 'Dr. Rusu', role: 'radiologist' },
  purpose: 'TREAT',
  reason: 'Chest pain',
  patient: 'urn:x|2000000000000',
  peer: memberOf(2),
  code: 'access/no-rights',
  detail: { n: 1 },
});
const { sealed, leaf } = sealEntry(plain, 5, key, nonce);
const entry = { key: hex(key), index: 5, nonce: hex(nonce), sealed: hex(sealed) };
write('entry', {
  comment: 'An entry sealed as leaf 5.',
  what: 'entry',
  input: entry,
  expect: { plain: hex(plain), leaf: hex(leaf) },
});
const done = auditEntry.encode({ at: t0, kind: 'query', act: 'listed', outcome: 'success' });
const other = sealEntry(done, 6, key, nonce);
write('entry-act', {
  comment: 'An entry that says what was done within its kind, sealed as leaf 6.',
  what: 'entry',
  input: { ...entry, index: 6, sealed: hex(other.sealed) },
  expect: { plain: hex(done), leaf: hex(other.leaf) },
});
write('entry-other-index', {
  comment: 'The same bytes in another place.',
  what: 'entry',
  input: { ...entry, index: 6 },
  expect: 'audit/unreadable',
});
write('entry-kind', {
  comment: 'An entry of a kind that does not exist.',
  what: 'entry',
  input: {
    ...entry,
    sealed: hex(
      sealEntry(auditEntry.encode({ at: 1, kind: 'nap' as 'view', outcome: 'success' }), 5, key, nonce).sealed,
    ),
  },
  expect: 'field/invalid',
});

const federation = '5f'.repeat(32);
const nodes: Uint8Array[] = [];
let edge = emptyEdge;
for (const each of leaves) {
  const grown = appendLeaf(edge, leafHash(unhex(each)));
  nodes.push(...grown.nodes);
  edge = grown.edge;
}
const head = (size: number, at: number, root = roots[size]!) =>
  hex(signEnvelope(auditHeadKind, auditHead, { member: memberOf(1), size, root, at }, federation, peer(1)));
const proof = (from: number, to: number) =>
  proofOf(consistencyPlan(from, to), (which) => nodes[positionOf(which)]!).map(hex);
const seen = { federation, seen: head(3, t0), proof: [] as string[] };
write('head', {
  comment: 'A head that continues the one seen.',
  what: 'head',
  input: { ...seen, next: head(8, t0 + 1), proof: proof(3, 8) },
  expect: 'new',
});
write('head-older', {
  comment: 'A head that was signed before the one seen and came late.',
  what: 'head',
  input: { ...seen, next: head(2, t0 - 1) },
  expect: 'older',
});
write('head-shrunk', {
  comment: 'A later head of a shorter log.',
  what: 'head',
  input: { ...seen, next: head(2, t0 + 1) },
  expect: 'audit/forked',
});
write('head-rewritten', {
  comment: 'A head of the same size with another root.',
  what: 'head',
  input: { ...seen, next: head(3, t0 + 1, hex(rootOf(edge))) },
  expect: 'audit/forked',
});
write('head-unproved', {
  comment: 'A longer log, with the proof from another size.',
  what: 'head',
  input: { ...seen, next: head(8, t0 + 1), proof: proof(4, 8) },
  expect: 'audit/forked',
});
