import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { auditEntry, entryLeaf, openEntry } from '../../../protocol/audit/entry.ts';
import { auditHead, auditHeadKind, checkNewHead } from '../../../protocol/audit/head.ts';
import {
  appendLeaf,
  emptyEdge,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../protocol/audit/merkle.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { verifyEnvelope } from '../../../protocol/envelope.ts';
import { PeerError } from '../../../protocol/errors.ts';

const folder = new URL('../../../protocol/vectors/audit/', import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: each kind of vector has its own shape, given by the script that makes it
const replay: Record<string, (input: any) => unknown> = {
  roots({ leaves }) {
    let edge = emptyEdge;
    const found = [hex(rootOf(edge))];
    for (const leaf of leaves) {
      edge = appendLeaf(edge, leafHash(unhex(leaf))).edge;
      found.push(hex(rootOf(edge)));
    }
    return found;
  },
  inclusion: ({ leaf, index, size, proof, root }) =>
    verifyInclusion(leafHash(unhex(leaf)), index, size, proof.map(unhex), unhex(root)),
  consistency: ({ from, fromRoot, to, toRoot, proof }) =>
    verifyConsistency(from, unhex(fromRoot), to, unhex(toRoot), proof.map(unhex)),
  entry({ key, index, nonce, sealed }) {
    const value = openEntry({ nonce: unhex(nonce), sealed: unhex(sealed) }, index, unhex(key));
    const leaf = entryLeaf(unhex(key), index, unhex(nonce), unhex(sealed));
    return { plain: hex(auditEntry.encode(value)), leaf: hex(leaf) };
  },
  head({ federation, seen, next, proof }) {
    const read = (envelope: string) => verifyEnvelope(unhex(envelope), auditHeadKind, auditHead, federation).value;
    return checkNewHead(read(seen), read(next), proof.map(unhex));
  },
};

test.each(readdirSync(folder))('%s', (name) => {
  const { what, input, expect: expected } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  let found: unknown;
  try {
    found = replay[what]!(input);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    found = error.code;
  }
  expect(found).toEqual(expected);
});
