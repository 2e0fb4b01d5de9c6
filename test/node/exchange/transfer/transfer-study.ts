// Studies to be transferred, sealed in small chunks, and numbers from a seed.
import { nativeBulk } from '../../../../node/system/bulk.ts';
import { utf8 } from '../../../../protocol/bytes.ts';
import type { ManifestInstance, ManifestSeries } from '../../../../protocol/manifest/manifest.ts';
import { sealAll } from '../../../../protocol/seal/sealer.ts';

/** What the owner's store reads at a time. */
export const pieceBytes = 100_000;
const chunkBytes = 4096 + 16;
export const grant = 'ab'.repeat(16);
export const seriesKey = new Uint8Array(32).fill(7);

/** Numbers from a seed, the same every time. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export class Study {
  readonly objects: Uint8Array[] = [];
  readonly series: ManifestSeries[] = [];
  /** In place of sealed CBOR: what matters here is only that its hash is in the grant. */
  manifest: Uint8Array = new Uint8Array();

  /** Seals objects with these plain lengths, chunks of 4 KiB unless told otherwise. */
  constructor(series: readonly (readonly number[])[], log2ChunkSize = 12) {
    for (const [number, lengths] of series.entries()) {
      const instances = lengths.map((length) => this.#seal(length, log2ChunkSize));
      this.series.push({ uid: `2.25.${number}`, generation: 1, modality: undefined, attributes: {}, instances });
    }
    this.manifest = utf8(JSON.stringify(this.series));
  }

  #seal(length: number, log2ChunkSize: number): ManifestInstance {
    const salt = new Uint8Array(32);
    new DataView(salt.buffer).setUint32(0, this.objects.length);
    const plain = new Uint8Array(length).map((_, i) => i * 31 + length);
    const sealed = sealAll(plain, { parentKey: seriesKey, salt, log2ChunkSize }, { bulk: nativeBulk });
    this.objects.push(sealed.bytes);
    const { objectId, sealedLength } = sealed;
    return {
      ...{ objectId, sealedLength, plainLength: length, datasetOffset: 0, digest: undefined, frames: undefined },
      ...{ sopInstanceUid: `2.25.1.${this.objects.length}`, sopClassUid: '1.2', transferSyntax: '1.2.840.10008.1.2.1' },
      attributes: '{}',
    };
  }

  get bytes(): number {
    return this.objects.reduce((sum, { length }) => sum + length, 0);
  }

  get chunks(): number {
    return this.objects.reduce((sum, { length }) => sum + Math.max(1, Math.ceil((length - 80) / chunkBytes)), 0);
  }

  get instances(): ManifestInstance[] {
    return this.series.flatMap(({ instances }) => instances);
  }
}
