// Everything signed is [kind, payload, signer, signature] (SPEC section 1). What was received is verified as received,
// never re-encoded.
import { concat, hex, utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { must, PeerError } from './errors.ts';
import { verify as nobleVerify, peerIdOf, type Signer, type Verify } from './identity.ts';
import { limits } from './limits.ts';
import type { Payload } from './schema.ts';

/** Kind, payload, signer and signature take this much beside the payload. */
const overheadBytes = 256;

/** An envelope whose signature holds. Who may sign what is for the caller to decide. */
export interface VerifiedEnvelope<T> {
  readonly kind: string;
  readonly value: T;
  /** libp2p peer id (base58) of the signer's key. */
  readonly signer: string;
  readonly signerKey: Uint8Array;
  readonly payload: Uint8Array;
  /** The envelope as it came. */
  readonly bytes: Uint8Array;
}

/** What a signature covers: domain, federation, kind, payload. `federation` is its id in hex, or `''` before there is one. */
export const signedBytes = (federation: string, kind: string, payload: Uint8Array): Uint8Array =>
  concat(utf8(`dicomnet/1/${federation}/${kind}`), Uint8Array.of(0), payload);

/** Signs a payload as `kind` for one federation. */
export function signEnvelope<T>(
  kind: string,
  schema: Payload<T>,
  value: T,
  federation: string,
  by: Signer,
): Uint8Array {
  const payload = schema.encode(value);
  must(payload.length <= schema.maxBytes, 'cbor/too-long', { kind, length: payload.length, max: schema.maxBytes });
  return encodeCbor([kind, payload, by.publicKey, by.sign(signedBytes(federation, kind, payload))]);
}

/** The four parts, checked for form only: lets a dispatcher see the kind. @throws PeerError cbor/*, field/invalid */
export function parseEnvelope(bytes: Uint8Array, maxPayloadBytes: number = limits.messageBytes) {
  const parts = decodeCbor(bytes, maxPayloadBytes + overheadBytes);
  must(Array.isArray(parts) && parts.length === 4, 'field/invalid', { at: 'envelope' });
  const [kind, payload, signer, signature] = parts as unknown[];
  must(typeof kind === 'string' && kind.length <= 64, 'field/invalid', { at: 'kind' });
  must(payload instanceof Uint8Array, 'field/invalid', { at: 'payload' });
  must(signer instanceof Uint8Array && signer.length === 32, 'field/invalid', { at: 'signer' });
  must(signature instanceof Uint8Array && signature.length === 64, 'field/invalid', { at: 'signature' });
  return { kind, payload, signer, signature };
}

/**
 * Verifies and decodes an envelope of the expected kind.
 * @throws PeerError kind/unexpected, envelope/signature, cbor/*, field/*, crit/unknown
 */
export function verifyEnvelope<T>(
  bytes: Uint8Array,
  kind: string,
  schema: Payload<T>,
  federation: string,
  verify: Verify = nobleVerify,
): VerifiedEnvelope<T> {
  const parts = parseEnvelope(bytes, schema.maxBytes);
  if (parts.kind !== kind) throw new PeerError('kind/unexpected', { expected: kind, kind: parts.kind });
  const holds = verify(parts.signature, signedBytes(federation, kind, parts.payload), parts.signer);
  must(holds, 'envelope/signature', { kind, signer: hex(parts.signer) });
  return {
    kind,
    value: schema.decode(parts.payload),
    signer: peerIdOf(parts.signer),
    signerKey: parts.signer,
    payload: parts.payload,
    bytes,
  };
}
