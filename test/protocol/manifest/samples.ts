// A study as import would describe it, with header attributes of realistic size.
import { nativeBulk } from '../../../node/system/bulk.ts';
import type { ManifestAttributes } from '../../../protocol/manifest/dicom-json.ts';
import type { IndexedInstance, NewManifest } from '../../../protocol/manifest/manifest.ts';

export const parts = { bulk: nativeBulk };
export const sealing = { key: new Uint8Array(32).fill(3), salt: new Uint8Array(32).fill(4) };

const hash = (n: number) => n.toString(16).padStart(64, '0');

/** Attributes of one CT slice: some 80 that the series shares, and those that a slice has of its own. */
function sliceAttributes(index: number): ManifestAttributes {
  const shared = Array.from({ length: 70 }, (_, i) => {
    const tag = (0x00180000 + 2 * i).toString(16).toUpperCase().padStart(8, '0');
    return [tag, { vr: 'LO', Value: [`a value of attribute ${i}`] }] as const;
  });
  return {
    ...Object.fromEntries(shared),
    '00080018': { vr: 'UI', Value: [`1.2.3.${index}`] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Ștefănescu^Ion' }] },
    '00200013': { vr: 'IS', Value: [index] },
    '00200032': { vr: 'DS', Value: [-125.5, 0.125, index * 1.25] },
    '00200037': { vr: 'DS', Value: [1, 0, 0, 0, 1, 0] },
  };
}

export const instance = (index: number): IndexedInstance => ({
  sopInstanceUid: `1.2.3.${index}`,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  transferSyntax: '1.2.840.10008.1.2.1',
  objectId: hash(index),
  sealedLength: 525_000,
  plainLength: 524_800,
  datasetOffset: 352,
  digest: hash(index + 1_000_000),
  frames: { kind: 'native', offset: 1600, frameBits: 512 * 512 * 16, count: 1 },
  attributes: sliceAttributes(index),
});

export const study = (...counts: number[]): NewManifest => ({
  version: 1,
  studyUid: '1.2.3',
  study: {
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Ștefănescu^Ion' }] },
    '00201206': { vr: 'IS', Value: [counts.length] },
  },
  series: counts.map((count, s) => ({
    uid: `1.2.3.9.${s}`,
    generation: 1,
    modality: 'CT',
    instances: Array.from({ length: count }, (_, i) => instance(s * 100_000 + i)),
  })),
});
