import { describe, expect, it } from 'vitest';
import { buildManifest, encodeManifest, type Manifest } from '../../../protocol/manifest/manifest.ts';
import {
  manifestIdOf,
  openManifest,
  sealedManifestBytes,
  sealManifest,
} from '../../../protocol/manifest/sealed-manifest.ts';
import { manifestKey } from '../../../protocol/seal/keys.ts';
import { sealAll } from '../../../protocol/seal/sealer.ts';
import { refused } from '../seal/samples.ts';
import { parts, sealing, study } from './samples.ts';

const { key, salt } = sealing;

describe('sealed manifest', () => {
  it('opens by its id and key', () => {
    const manifest = buildManifest(study(3));
    const { id, bytes } = sealManifest(manifest, sealing, parts);
    expect(openManifest(bytes, { id, key }, parts)).toEqual(manifest);
    expect(id).toBe(manifestIdOf(bytes, parts.bulk));
  });

  it('refuses every other byte, id and key', () => {
    const { id, bytes } = sealManifest(buildManifest(study(1)), sealing, parts);
    for (let i = 0; i < bytes.length; i += 41) {
      const changed = bytes.slice();
      changed[i]! ^= 1;
      expect(refused(() => openManifest(changed, { id, key }, parts)).code).toBe('manifest/id');
    }
    expect(refused(() => openManifest(bytes, { id, key: salt }, parts)).code).toBe('seal/commitment');
    const tooLong = new Uint8Array(sealedManifestBytes + 1);
    expect(refused(() => openManifest(tooLong, { id, key }, parts)).code).toBe('manifest/too-long');
  });

  it('tells versions apart by their keys', () => {
    expect(manifestKey(key, 1)).not.toEqual(manifestKey(key, 2));
  });

  it('keeps amendments and refuses to use the study without applying them', () => {
    const amended: Manifest = { ...buildManifest(study(1)), amendments: [new Uint8Array([1, 2, 3])] };
    const { id, bytes } = sealManifest(amended, sealing, parts);
    expect(refused(() => openManifest(bytes, { id, key }, parts)).code).toBe('manifest/amended');
  });

  it('refuses sealed bytes that are no manifest', () => {
    const { bytes } = sealAll(encodeManifest(buildManifest(study(1))).subarray(1), { parentKey: key, salt }, parts);
    const id = manifestIdOf(bytes, parts.bulk);
    expect(refused(() => openManifest(bytes, { id, key }, parts)).code).toBe('cbor/malformed');
  });
});
