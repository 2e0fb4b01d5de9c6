// A manifest as it is stored and sent: a sealed object, named by the SHA-256 of its bytes (SPEC 6.1).

import type { Bulk } from '../bulk.ts';
import { hex } from '../bytes.ts';
import { must } from '../errors.ts';
import { limits } from '../limits.ts';
import { decodeHeader, sealedLength } from '../seal/header.ts';
import { openAll } from '../seal/opener.ts';
import { sealAll } from '../seal/sealer.ts';
import { decodeManifest, encodeManifest, type Manifest } from './manifest.ts';

/** The most bytes that a sealed manifest has. */
export const sealedManifestBytes = sealedLength(limits.manifestBytes);

/** SHA-256 of the sealed bytes, hex. */
export const manifestIdOf = (sealed: Uint8Array, bulk: Bulk): string => hex(bulk.sha256(sealed));

/**
 * `key`: `manifestKey` for a whole study, 32 random bytes for chosen series; `salt` from `newSalt`.
 * @throws PeerError manifest/invalid, manifest/too-long
 */
export function sealManifest(
  manifest: Manifest,
  { key, salt }: { key: Uint8Array; salt: Uint8Array },
  parts: { bulk: Bulk },
): { id: string; bytes: Uint8Array } {
  const { bytes } = sealAll(encodeManifest(manifest), { parentKey: key, salt }, parts);
  return { id: manifestIdOf(bytes, parts.bulk), bytes };
}

/**
 * Opens what `sealManifest` made, after its id. A manifest with amendments decodes, but is refused here: this version
 * can't apply them, and a study shown without its corrections may be another patient's.
 * @throws PeerError manifest/too-long, manifest/id, manifest/amended, seal/*, and as `decodeManifest`
 */
export function openManifest(
  sealed: Uint8Array,
  { id, key }: { id: string; key: Uint8Array },
  parts: { bulk: Bulk },
): Manifest {
  must(sealed.length <= sealedManifestBytes, 'manifest/too-long', { length: sealed.length });
  must(manifestIdOf(sealed, parts.bulk) === id, 'manifest/id');
  must(decodeHeader(sealed).plainLength <= limits.manifestBytes, 'manifest/too-long');
  const manifest = decodeManifest(openAll(sealed, key, parts.bulk));
  must((manifest.amendments ?? []).length === 0, 'manifest/amended');
  return manifest;
}
