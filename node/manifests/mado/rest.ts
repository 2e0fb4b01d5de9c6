// What a manifest says and neither a KOS nor FHIR has a field for, as three JSON texts: of the document, of each series,
// of each instance. A KOS carries them in private elements, FHIR in extensions; without them a document lists a study,
// but its objects can't be fetched through the network by it. Keys are in none of them.
import { must, PeerError } from '../../../protocol/errors.ts';
import { decodeManifest, encodeManifest, type Manifest } from '../../../protocol/manifest/manifest.ts';

type Series = Manifest['series'][number];
type Instance = Series['instances'][number];

const base64 = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** `{version, previous, study, amendments}`: study attributes as DICOM JSON, amendments in base64. */
export const documentRest = ({ version, previous, study, amendments }: Manifest): string =>
  JSON.stringify({ version, previous, study, amendments: amendments?.map(base64) });

/** `{generation, modality, attributes}`: attributes that all its instances share, as DICOM JSON. */
export const seriesRest = ({ generation, modality, attributes }: Series): string =>
  JSON.stringify({ generation, modality, attributes });

/** All other fields of the manifest's instance; frames, packed, in base64. */
export function instanceRest({ sopInstanceUid: _uid, sopClassUid: _class, frames, ...rest }: Instance): string {
  return JSON.stringify({ ...rest, frames: base64(frames) });
}

/** What a document has in fields of its own, and the rests beside it; undefined where there is none. */
export interface DocumentFields {
  readonly studyUid: string;
  readonly rest: string | undefined;
  readonly series: readonly {
    readonly uid: string;
    readonly rest: string | undefined;
    readonly instances: readonly {
      readonly sopInstanceUid: string;
      readonly sopClassUid: string;
      readonly rest: string | undefined;
    }[];
  }[];
}

/**
 * The manifest that was taken apart. Throws manifest/foreign when a rest is missing: the document is another system's;
 * manifest/invalid, field/*, manifest/too-long when what is there is no manifest.
 */
export function assembleManifest({ studyUid, rest, series }: DocumentFields): Manifest {
  const { amendments, ...document } = parsed(rest);
  const manifest = {
    ...document,
    studyUid,
    ...(Array.isArray(amendments) ? { amendments: amendments.map(bytesOf) } : {}),
    series: series.map((each) => ({
      ...parsed(each.rest),
      uid: each.uid,
      instances: each.instances.map(({ sopInstanceUid, sopClassUid, rest: own }) => {
        const { frames, ...more } = parsed(own);
        return { ...more, sopInstanceUid, sopClassUid, ...(frames === undefined ? {} : { frames: bytesOf(frames) }) };
      }),
    })),
  };
  return checked(manifest);
}

// The manifest's own schema is what knows which fields there may be: through its encoding and back.
function checked(manifest: object): Manifest {
  try {
    return decodeManifest(encodeManifest(manifest as Manifest));
  } catch (cause) {
    if (cause instanceof PeerError) throw cause;
    throw new PeerError('manifest/invalid', { at: 'rest' }, { cause });
  }
}

function parsed(text: string | undefined): Record<string, unknown> {
  must(text !== undefined, 'manifest/foreign');
  try {
    const value: unknown = JSON.parse(text);
    must(typeof value === 'object' && value !== null && !Array.isArray(value), 'manifest/invalid', { at: 'rest' });
    return value as Record<string, unknown>;
  } catch (cause) {
    throw new PeerError('manifest/invalid', { at: 'rest' }, { cause });
  }
}

function bytesOf(value: unknown): Uint8Array {
  must(typeof value === 'string', 'manifest/invalid', { at: 'rest' });
  return new Uint8Array(Buffer.from(value, 'base64'));
}
