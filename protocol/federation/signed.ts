// The roster's envelope, ['roster', payload, [[signer, signature]...]], and how many of which signatures it needs.
import { hex, unhex } from '../bytes.ts';
import { decodeCbor, encodeCbor } from '../cbor.ts';
import { signedBytes } from '../envelope.ts';
import { must } from '../errors.ts';
import type { Verify } from '../identity.ts';
import { limits } from '../limits.ts';
import { type Authorities, checkForm, federationOf, type Roster, rosterHash, rosterPayload } from './roster.ts';

const rosterKind = 'roster';

/** One authority's signature; `signer` in hex. */
export interface RosterSignature {
  readonly signer: string;
  readonly signature: Uint8Array;
}

/** A roster with its parts as they came: form checked, nothing believed yet. */
export interface ParsedRoster {
  readonly roster: Roster;
  /** SHA-256 of the payload, hex. */
  readonly hash: string;
  readonly federation: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly RosterSignature[];
  readonly bytes: Uint8Array;
}

const maxSignatures = 2 * limits.authorityKeys; // old and new keys together

/** @throws PeerError cbor/*, field/*, crit/unknown, kind/unexpected, roster/form, roster/signer-twice */
export function parseRoster(bytes: Uint8Array): ParsedRoster {
  const parts = decodeCbor(bytes, limits.rosterBytes);
  must(Array.isArray(parts) && parts.length === 3, 'field/invalid', { at: 'envelope' });
  const [kind, payload, list] = parts as unknown[];
  must(kind === rosterKind, 'kind/unexpected', { expected: rosterKind });
  must(payload instanceof Uint8Array, 'field/invalid', { at: 'payload' });
  must(Array.isArray(list) && list.length <= maxSignatures, 'field/invalid', { at: 'signatures' });
  const signatures = list.map(parseSignature);
  must(new Set(signatures.map((each) => each.signer)).size === signatures.length, 'roster/signer-twice');
  const roster = rosterPayload.decode(payload);
  checkForm(roster);
  const hash = rosterHash(payload);
  return { roster, hash, federation: federationOf(roster, hash), payload, signatures, bytes };
}

function parseSignature(pair: unknown): RosterSignature {
  must(Array.isArray(pair) && pair.length === 2, 'field/invalid', { at: 'signatures' });
  const [signer, signature] = pair as unknown[];
  must(signer instanceof Uint8Array && signer.length === 32, 'field/invalid', { at: 'signatures.signer' });
  must(signature instanceof Uint8Array && signature.length === 64, 'field/invalid', { at: 'signatures.signature' });
  return { signer: hex(signer), signature };
}

export const encodeRoster = (payload: Uint8Array, signatures: readonly RosterSignature[]): Uint8Array =>
  encodeCbor([rosterKind, payload, signatures.map((each) => [unhex(each.signer), each.signature])]);

/** What an authority's key signs. */
export const rosterSignedBytes = (parsed: Pick<ParsedRoster, 'federation' | 'payload'>): Uint8Array =>
  signedBytes(parsed.federation, rosterKind, parsed.payload);

/**
 * Every signature there holds and is by an authority of one of the `sets`; each set has its k.
 * @param sets the authorities of the roster itself and, if they differ, of the one before
 * @throws PeerError roster/signer-unknown, envelope/signature, roster/too-few-signatures
 */
export function checkSignatures(parsed: ParsedRoster, sets: readonly Authorities[], verify: Verify): void {
  const message = rosterSignedBytes(parsed);
  for (const { signer, signature } of parsed.signatures) {
    const known = sets.some((set) => set.keys.includes(signer));
    must(known, 'roster/signer-unknown', { signer, number: parsed.roster.number });
    must(verify(signature, message, unhex(signer)), 'envelope/signature', { kind: rosterKind, signer });
  }
  for (const { keys, k } of sets) {
    const count = parsed.signatures.filter((each) => keys.includes(each.signer)).length;
    must(count >= k, 'roster/too-few-signatures', { number: parsed.roster.number, count, k });
  }
}
