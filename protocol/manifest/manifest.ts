// The exact content of one study in one version (SPEC 6): what a holder fetches, verifies, and shows before the first
// pixel has come.
import { must } from '../errors.ts';
import { limits } from '../limits.ts';
import { array, bytes, type Infer, id, optional, payload, struct, text, uint } from '../schema.ts';
import { dicomJson, hoist, type ManifestAttributes, merge, parseDicomJson } from './dicom-json.ts';
import { type Frames, packFrames, unpackFrames } from './frames.ts';

const uid = () => text(64, /^[0-9.]+$/); // PS3.5 9.1; leading zeros are wrong there, and exist
const generation = () => uint(2 ** 32 - 1, 1);

const instanceFields = struct({
  sopInstanceUid: uid(),
  sopClassUid: uid(),
  transferSyntax: uid(),
  objectId: id(32),
  sealedLength: uint(),
  /** Bytes of the Part 10 file. */
  plainLength: uint(limits.sealPlainBytes),
  /** Where the data set starts in it. */
  datasetOffset: uint(limits.dicomMetaBytes),
  /** BLAKE3 of the data set, so that a receiver knows what it already has. */
  digest: optional(id(32)),
  /** Packed; see `framesOf`. */
  frames: optional(bytes({ max: limits.manifestBytes })),
  /** JSON text of what differs from the series' attributes; see `attributesOf`. */
  attributes: text(limits.dicomJsonBytes),
});

const seriesFields = struct({
  uid: uid(),
  /** Which of the series' keys seals these instances: a series stands once for each generation that it has. */
  generation: generation(),
  modality: optional(text(16)),
  /** What all its instances share. */
  attributes: dicomJson(limits.dicomJsonBytes),
  instances: array(instanceFields, limits.manifestInstances, 1),
});

const fields = payload(
  {
    version: generation(),
    /** Id of the version before; absent in the first one and in a manifest of chosen series. */
    previous: optional(id(32)),
    studyUid: uid(),
    /** Attributes of the study and its patient (PS3.3 C.7.1.1, C.7.2.1). */
    study: dicomJson(limits.dicomJsonBytes),
    series: array(seriesFields, limits.manifestSeries, 1),
    /** [reserved] Signed amendments as envelopes; see `openManifest`. */
    amendments: optional(array(bytes({ max: limits.manifestAmendmentBytes }), limits.manifestAmendments)),
  },
  limits.manifestBytes,
);

export type ManifestInstance = Infer<typeof instanceFields>;
export type ManifestSeries = Infer<typeof seriesFields>;
export type Manifest = ReturnType<typeof fields.decode>;

/** An instance as the index knows it, with all its attributes. */
export type IndexedInstance = Omit<ManifestInstance, 'frames' | 'attributes'> & {
  readonly frames: Frames;
  readonly attributes: ManifestAttributes;
};

export type NewManifest = Omit<Manifest, 'series'> & {
  readonly series: readonly (Omit<ManifestSeries, 'attributes' | 'instances'> & {
    readonly instances: readonly IndexedInstance[];
  })[];
};

/** A manifest in which what the instances of a series share stands once. */
export function buildManifest(input: NewManifest): Manifest {
  return { ...input, series: input.series.map(buildSeries) };
}

function buildSeries({ instances, ...series }: NewManifest['series'][number]): ManifestSeries {
  const { common, rests } = hoist(instances.map(({ attributes }) => attributes));
  const built = instances.map(({ frames, ...instance }, i) => ({
    ...instance,
    frames: packFrames(frames),
    attributes: JSON.stringify(rests[i]),
  }));
  return { ...series, attributes: common, instances: built };
}

/** All attributes of an instance, as they were given to `buildManifest`. @throws PeerError field/invalid */
export const attributesOf = (series: ManifestSeries, instance: ManifestInstance): ManifestAttributes =>
  merge(series.attributes, parseDicomJson(instance.attributes, 'attributes'));

/** Where the instance's frames stand in its data set. @throws PeerError manifest/invalid */
export const framesOf = (instance: ManifestInstance): Frames => unpackFrames(instance.frames);

/** @throws PeerError manifest/invalid, manifest/too-long */
export function encodeManifest(manifest: Manifest): Uint8Array {
  check(manifest);
  const encoded = fields.encode(manifest);
  must(encoded.length <= limits.manifestBytes, 'manifest/too-long', { length: encoded.length });
  return encoded;
}

/** @throws PeerError cbor/*, field/*, crit/unknown, manifest/invalid, manifest/too-long */
export function decodeManifest(encoded: Uint8Array): Manifest {
  const manifest = fields.decode(encoded);
  check(manifest);
  return manifest;
}

/** What fields alone can't say: nothing stands twice, lengths fit each other, versions follow each other. */
function check({ version, previous, series }: Manifest): void {
  must(version > 1 || previous === undefined, 'manifest/invalid', { at: 'previous' });
  const instances = series.flatMap((each) => each.instances);
  must(instances.length <= limits.manifestInstances, 'manifest/too-long', { instances: instances.length });
  must(allDiffer(series.map((each) => `${each.uid} ${each.generation}`)), 'manifest/invalid', { at: 'series' });
  must(allDiffer(instances.map((each) => each.sopInstanceUid)), 'manifest/invalid', { at: 'instances' });
  for (const { plainLength, sealedLength, datasetOffset } of instances) {
    must(datasetOffset <= plainLength && plainLength < sealedLength, 'manifest/invalid', { at: 'lengths' });
  }
}

const allDiffer = (list: readonly string[]): boolean => new Set(list).size === list.length;

/** Study attributes that tell of series which a partial grant does not cover (PS3.18 10.6.1.2.3). */
const tellsOfOthers = ['00080061', '00080062', '00201206', '00201208'];

/**
 * The manifest of these series alone, for a grant that covers no more: in all their generations, without the version
 * before and without attributes that count or name the others.
 * @throws PeerError manifest/series-unknown, manifest/amended
 */
export function selectSeries(manifest: Manifest, uids: readonly string[]): Manifest {
  must((manifest.amendments ?? []).length === 0, 'manifest/amended');
  const series = manifest.series.filter((each) => uids.includes(each.uid));
  must(uids.length > 0 && uids.every((each) => series.some(({ uid }) => uid === each)), 'manifest/series-unknown');
  const study = Object.fromEntries(Object.entries(manifest.study).filter(([tag]) => !tellsOfOthers.includes(tag)));
  return { version: manifest.version, studyUid: manifest.studyUid, study, series };
}
