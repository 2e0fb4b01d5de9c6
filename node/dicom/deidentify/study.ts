// A whole study de-identified: looked through first, so that a refusal comes before anything has been given out.
import { must, PeerError } from '../../../protocol/errors.ts';
import type { DicomJson } from '../model/json.ts';
import { transferSyntax, uids } from '../model/transfer-syntax.ts';
import { decodable } from '../pixels/decode.ts';
import type { Pixels } from '../pixels/pool.ts';
import { type StoredInstance, storedInstance } from '../pixels/source.ts';
import { asTransferSyntax } from '../pixels/transcode.ts';
import { isBurnedInSuspected, type PixelFacts } from './burned-in.ts';
import { type DatasetSource, type Deidentified, type DeidentifyOptions, deidentify } from './deidentify.ts';
import type { Region } from './raw/pixels.ts';
import type { Profile } from './rules/profile.ts';

/** What is read of an instance; access/study-reader.ts gives it. */
interface Instance {
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
  readonly frames: StoredInstance['frames'];
  readonly datasetOffset: number;
  readonly plainLength: number;
}

interface Reader {
  readonly study: { readonly patient: string };
  instances(): AsyncIterable<Instance>;
  header(instance: Instance): Promise<Uint8Array>;
  read(instance: Instance, from?: number, to?: number): AsyncIterable<Uint8Array>;
}

export interface StudyOptions {
  readonly profile: Profile;
  readonly key: Uint8Array;
  /** Blanked in every image in which text is suspected. */
  readonly regions: readonly Region[];
  /** What becomes of images in which text is suspected and nothing is blanked, and of documents. */
  readonly suspected: 'refuse' | 'leave-out';
}

interface DeidentifyStudyParts {
  /** Decodes what has to be blanked. */
  readonly pixels: Pixels;
}

export interface DeidentifiedStudy {
  /** Images that are not given because text may be burned in, and documents. */
  readonly leftOut: number;
  readonly instances: AsyncIterable<Deidentified>;
}

/** @throws PeerError deid/burned-in, deid/document, deid/compressed; what a single instance throws comes while the instances are read */
export async function deidentifiedStudy(
  reader: Reader,
  options: StudyOptions,
  parts: DeidentifyStudyParts,
): Promise<DeidentifiedStudy> {
  const { suspects, documents } = await suspectsOf(reader);
  const { profile, regions, suspected } = options;
  const open = regions.length === 0 && !profile.inspected;
  if (open && suspects.size > 0 && suspected === 'refuse') {
    throw new PeerError('deid/burned-in', { instances: suspects.size });
  }
  must(documents.size === 0 || suspected === 'leave-out', 'deid/document', { instances: documents.size });
  const blankable = regions.length === 0 || [...suspects.values()].every((syntax) => decodable(syntax));
  must(blankable, 'deid/compressed');
  const leftOut = documents.size + (open ? suspects.size : 0);
  return { leftOut, instances: each(reader, options, parts, { suspects, documents, open }) };
}

async function* each(
  reader: Reader,
  { profile, key, regions }: StudyOptions,
  parts: DeidentifyStudyParts,
  { suspects, documents, open }: Suspects & { readonly open: boolean },
): AsyncGenerator<Deidentified> {
  for await (const instance of reader.instances()) {
    const { sopInstanceUid, datasetOffset, plainLength } = instance;
    const suspect = suspects.has(sopInstanceUid);
    if ((suspect && open) || documents.has(sopInstanceUid)) continue;
    const read = (from: number, to = plainLength - datasetOffset) =>
      reader.read(instance, datasetOffset + from, datasetOffset + to);
    const source = { transferSyntax: instance.transferSyntax, read };
    const options: DeidentifyOptions = { profile, key, patient: reader.study.patient };
    if (!suspect || regions.length === 0) yield await deidentify(source, options);
    else if (!transferSyntax(instance.transferSyntax).encapsulated)
      yield await deidentify(source, { ...options, regions });
    else {
      const plain = blankedSource(await storedInstance(reader, instance), regions, parts);
      yield await deidentify(plain, { ...options, blanked: true });
    }
  }
}

/** A compressed instance as an uncompressed one with these regions black. @throws PeerError deid/regions */
function blankedSource(stored: StoredInstance, regions: readonly Region[], parts: DeidentifyStudyParts): DatasetSource {
  const side = (tag: string): number => Number(stored.header[tag]?.Value?.[0] ?? 0);
  const [rows, columns] = [side('00280010'), side('00280011')];
  const blank = regions.map(({ x, y, width, height }) => {
    must(width > 0 && height > 0 && x + width <= columns && y + height <= rows, 'deid/regions');
    return { left: x, top: y, right: x + width, bottom: y + height };
  });
  const plain = uids.explicitLittleEndian;
  return {
    transferSyntax: plain,
    read: async function* (from, to = Number.POSITIVE_INFINITY) {
      const { dataset } = await asTransferSyntax(stored, [plain], parts, { blank });
      let at = 0;
      for await (const chunk of dataset) {
        const piece = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at));
        at += chunk.length;
        if (piece.length > 0) yield piece;
        if (at >= to) return;
      }
    },
  };
}

interface Suspects {
  /** SOP Instance UID and transfer syntax of all images in which text may be burned in. */
  readonly suspects: ReadonlyMap<string, string>;
  /** SOP Instance UIDs of what nothing can clean. */
  readonly documents: ReadonlySet<string>;
}

async function suspectsOf(reader: Reader): Promise<Suspects> {
  const suspects = new Map<string, string>();
  const documents = new Set<string>();
  for await (const instance of reader.instances()) {
    const json = JSON.parse(new TextDecoder().decode(await reader.header(instance))) as DicomJson;
    const facts = factsOf(json);
    if (facts.document) documents.add(instance.sopInstanceUid);
    else if (isBurnedInSuspected(facts)) suspects.set(instance.sopInstanceUid, instance.transferSyntax);
  }
  return { suspects, documents };
}

function factsOf(json: DicomJson): PixelFacts {
  const texts = (tag: string): string[] => (json[tag]?.Value ?? []).map((value) => String(value ?? '').trim());
  return {
    sopClass: texts('00080016')[0] ?? '',
    hasPixels: ['7FE00008', '7FE00009', '7FE00010'].some((tag) => json[tag] !== undefined),
    annotation: texts('00280301').join('\\'),
    imageType: texts('00080008'),
    conversion: texts('00080064')[0] ?? '',
    regions: (json['00186011']?.Value ?? []).length > 0,
    document: json['00420011']?.BulkDataURI !== undefined || json['00420011']?.InlineBinary !== undefined,
  };
}
