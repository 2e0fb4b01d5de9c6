// One entry of the audit log and how it is sealed. The tree holds only hashes over a salt and ciphertext, both derived
// from the patient's own audit key: with that key destroyed the entry is gone and every proof still holds.
import { gcm } from '@noble/ciphers/aes.js';
import { concat, uintBytes } from '../bytes.ts';
import { PeerError } from '../errors.ts';
import { hkdf, sha256 } from '../hash.ts';
import { limits } from '../limits.ts';
import { practitioner, purposes } from '../practitioner.ts';
import { id, json, oneOf, optional, payload, type Struct, text, time } from '../schema.ts';
import { leafHash } from './merkle.ts';

/** What an entry is about: everything that touches patient data, and what changes who may. */
export const auditKinds = [
  'find',
  'summary',
  'request',
  'decision',
  'grant',
  'revocation',
  'transfer',
  'receipt',
  'offer',
  'notice',
  'share',
  'import',
  'export',
  'query',
  'view',
  'report',
  'consent',
  'amendment',
  'erasure',
  'restore',
  'login',
  'account',
  'token',
  'policy',
  'roster',
  'peer',
] as const;

const fields = {
  at: time(),
  kind: oneOf(...auditKinds),
  /** What was done, within the kind, as the peer that wrote it names its acts; older entries have none. */
  act: optional(text(32)),
  outcome: oneOf('success', 'pending', 'denied', 'failed'),
  /** Who: a practitioner of this or another member, or an account of this peer. */
  person: optional(practitioner),
  purpose: optional(oneOf(...purposes)),
  reason: optional(text(limits.textBytes)),
  /** Whose data: one lasting name for the patient within this peer. It chooses the key that the entry is sealed with. */
  patient: optional(text(256)),
  /** Study Instance UID. */
  study: optional(text(64)),
  /** Member id or peer id of the other side. */
  peer: optional(text(64)),
  request: optional(id(16)),
  grant: optional(id(16)),
  /** An error code of the catalogue, when the outcome has one. */
  code: optional(text(64)),
  /** Whatever else the kind needs, as JSON. */
  detail: optional(json(4096)),
};

/** The plain content of an entry. */
export const auditEntry = payload(fields, limits.auditEntryBytes);

export type AuditEntry = Struct<typeof fields>;

/** Random bytes that stand beside each sealed entry. */
export const entryNonceBytes = 16;

export interface SealedEntry {
  readonly nonce: Uint8Array;
  /** AES-256-GCM ciphertext and tag. */
  readonly sealed: Uint8Array;
  /** The hash that goes into the tree. */
  readonly leaf: Uint8Array;
}

/** One key, nonce and salt for each entry: HKDF(patient's audit key, index and random nonce), so none is used twice. */
function derive(key: Uint8Array, index: number, nonce: Uint8Array) {
  const material = hkdf(key, ['dicomnet/1/audit/entry', uintBytes(index, 6), nonce], 76);
  return { key: material.subarray(0, 32), iv: material.subarray(32, 44), salt: material.subarray(44) };
}

/** The leaf hash of a sealed entry: SHA-256(0x00 || SHA-256(salt || sealed)). */
export function entryLeaf(key: Uint8Array, index: number, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  return leafHash(sha256(concat(derive(key, index, nonce).salt, sealed)));
}

/** Seals the encoded entry that becomes leaf `index`. @param nonce `entryNonceBytes` fresh random bytes */
export function sealEntry(plain: Uint8Array, index: number, key: Uint8Array, nonce: Uint8Array): SealedEntry {
  const parts = derive(key, index, nonce);
  const sealed = gcm(parts.key, parts.iv).encrypt(plain);
  return { nonce, sealed, leaf: leafHash(sha256(concat(parts.salt, sealed))) };
}

/** @throws PeerError audit/unreadable when the key is another one or the bytes were changed; cbor/*, field/* */
export function openEntry(entry: Omit<SealedEntry, 'leaf'>, index: number, key: Uint8Array): AuditEntry {
  const parts = derive(key, index, entry.nonce);
  let plain: Uint8Array;
  try {
    plain = gcm(parts.key, parts.iv).decrypt(entry.sealed);
  } catch (cause) {
    throw new PeerError('audit/unreadable', { index }, { cause });
  }
  return auditEntry.decode(plain);
}
