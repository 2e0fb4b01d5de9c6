// Cuts, keeps and opens manifests. A version is cut when somebody is granted a study that has changed since the last
// one, never on each instance, and names the one before.
import type { Bulk } from '../../protocol/bulk.ts';
import { concat, unhex } from '../../protocol/bytes.ts';
import { must } from '../../protocol/errors.ts';
import { buildManifest, type Manifest, type NewManifest, selectSeries } from '../../protocol/manifest/manifest.ts';
import { openManifest, sealManifest } from '../../protocol/manifest/sealed-manifest.ts';
import type { Random } from '../../protocol/ports.ts';
import { manifestKey, newSalt } from '../../protocol/seal/keys.ts';
import { indexAttributesOf } from '../dicom/model/index-attributes.ts';
import type { DicomJson } from '../dicom/model/json.ts';
import { tagOfKeyword } from '../dicom/model/keywords.ts';
import type { Index } from '../store/index.ts';
import type { Bucket } from '../store/kv.ts';
import { decodeRecord, encodeRecord, type InstanceRecord, type StudyRecord } from '../store/records.ts';
import type { StudyKeys } from '../store/study-keys.ts';

/** A manifest as kept: its id (hex), the key it is sealed with, its sealed bytes. */
export interface CutManifest {
  readonly id: string;
  readonly key: Uint8Array;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

interface Latest {
  readonly version: number;
  readonly id: string;
  /** `changed` of the study when it was cut. */
  readonly changed: number;
  readonly instances: number;
}

/** Attributes of the patient and study level (PS3.3 C.7.1.1, C.7.2.1) that the manifest shows for the whole study. */
const studyTags = [...indexAttributesOf.patient, ...indexAttributesOf.study]
  .filter((each) => each.manifest)
  .map(({ tag }) => tag);
const instanceNumberTag = tagOfKeyword('InstanceNumber');

const decoder = new TextDecoder();

export class Manifests {
  readonly #index: Index;
  readonly #keys: StudyKeys;
  readonly #bucket: Bucket;
  readonly #bulk: Bulk;
  readonly #random: Random;

  constructor(parts: { index: Index; keys: StudyKeys; bucket: Bucket; bulk: Bulk; random: Random }) {
    this.#index = parts.index;
    this.#keys = parts.keys;
    this.#bucket = parts.bucket;
    this.#bulk = parts.bulk;
    this.#random = parts.random;
  }

  /** The manifest of a study as it is now: the last one if nothing has changed. Only our own instances, never copies. */
  async cut(study: StudyRecord): Promise<CutManifest> {
    const latest = await this.#latest(study.id);
    const instances = study.series.reduce((sum, each) => sum + each.instances, 0);
    if (latest?.changed === study.changed && latest.instances === instances) return this.get(latest.id);
    const version = (latest?.version ?? 0) + 1;
    const manifest = buildManifest(await this.#describe(study, version, latest?.id));
    const cut = this.#seal(manifest, manifestKey((await this.#keys.own(study.id)).key, version));
    await this.#bucket.put(unhex(cut.id), concat(cut.key, cut.bytes));
    await this.#bucket.put(unhex(study.id), encodeRecord({ version, id: cut.id, changed: study.changed, instances }));
    return cut;
  }

  /** A manifest of chosen series, sealed under a key of its own. @throws PeerError manifest/series-unknown */
  async cutSeries(study: StudyRecord, series: readonly string[]): Promise<CutManifest> {
    const whole = await this.cut(study);
    const cut = this.#seal(selectSeries(whole.manifest, series), this.#random(32));
    await this.#bucket.put(unhex(cut.id), concat(cut.key, cut.bytes));
    return cut;
  }

  /** Keeps a manifest that a grant brought. */
  async keep(id: string, key: Uint8Array, bytes: Uint8Array): Promise<void> {
    await this.#bucket.put(unhex(id), concat(key, bytes));
  }

  /** @throws PeerError manifest/unknown */
  async get(id: string): Promise<CutManifest> {
    const row = await this.#bucket.get(unhex(id));
    must(row !== undefined, 'manifest/unknown');
    const key = row.subarray(0, 32);
    const bytes = row.subarray(32);
    return { id, key, bytes, manifest: openManifest(bytes, { id, key }, { bulk: this.#bulk }) };
  }

  #seal(manifest: Manifest, key: Uint8Array): CutManifest {
    const salt = newSalt(key, `${manifest.studyUid} ${manifest.version}`, this.#random);
    return { ...sealManifest(manifest, { key, salt }, { bulk: this.#bulk }), key, manifest };
  }

  async #describe(study: StudyRecord, version: number, previous: string | undefined): Promise<NewManifest> {
    const series = new Map<
      string,
      NewManifest['series'][number] & { instances: NewManifest['series'][number]['instances'][number][] }
    >();
    let shown: DicomJson = {};
    for await (const instance of this.#index.instances(study.id)) {
      if (instance.source !== undefined) continue;
      const attributes = JSON.parse(decoder.decode(await this.#index.header(instance))) as DicomJson;
      shown = pick(attributes, studyTags);
      const name = `${instance.seriesUid} ${instance.generation}`;
      const modality = study.series.find((each) => each.uid === instance.seriesUid)?.modality;
      const row = series.get(name) ?? {
        uid: instance.seriesUid,
        generation: instance.generation,
        modality,
        instances: [],
      };
      row.instances.push(describe(instance, attributes));
      series.set(name, row);
    }
    for (const { instances } of series.values()) instances.sort(byNumber);
    return { version, previous, studyUid: study.uid, study: shown, series: [...series.values()] };
  }

  async #latest(study: string): Promise<Latest | undefined> {
    const row = await this.#bucket.get(unhex(study));
    return row === undefined ? undefined : decodeRecord(row);
  }
}

type Described = NewManifest['series'][number]['instances'][number];

function describe(instance: InstanceRecord, attributes: DicomJson): Described {
  const { sopInstanceUid, sopClassUid, transferSyntax, objectId, sealedLength, plainLength } = instance;
  const { datasetOffset, digest, frames } = instance;
  const lengths = { sealedLength, plainLength, datasetOffset };
  return { sopInstanceUid, sopClassUid, transferSyntax, objectId, ...lengths, digest, frames, attributes };
}

// the order of slices: what "the middle one first" goes by
const byNumber = (a: Described, b: Described): number => instanceNumber(a) - instanceNumber(b);

function instanceNumber({ attributes }: Described): number {
  const value = (attributes as DicomJson)[instanceNumberTag]?.Value?.[0];
  return typeof value === 'number' ? value : 0;
}

const pick = (attributes: DicomJson, tags: readonly string[]): DicomJson =>
  Object.fromEntries(tags.filter((tag) => tag in attributes).map((tag) => [tag, attributes[tag]!]));
