// De-identification by PS3.15 Annex E: one instance's data set in, a Part 10 file without its patient out. Works on raw
// elements, so that what is kept keeps its bytes; the header is in memory, pixel data flow by.
import { must, PeerError } from '../../../protocol/errors.ts';
import { isPixelData } from '../model/tags.ts';
import { transferSyntax, uids } from '../model/transfer-syntax.ts';
import { mustBeUid } from '../model/uid.ts';
import { charset } from '../text/charset.ts';
import { writePart10Header } from '../write/part10-header.ts';
import { Applying } from './apply.ts';
import { isBurnedInSuspected } from './burned-in.ts';
import { hasOverlayInPixels, pixelFacts, pixelLayout, textAt } from './header-facts.ts';
import { Leftovers } from './leftovers.ts';
import { marked } from './marks.ts';
import { Pseudonyms } from './pseudonyms.ts';
import { encode } from './raw/encode.ts';
import { type DatasetNodes, type DatasetSource, readTree } from './raw/nodes.ts';
import { type Blanking, blanked, blankingOf, type Region } from './raw/pixels.ts';
import { rangesOf } from './raw/ranges.ts';
import { type Profile, parseProfile } from './rules/profile.ts';
import { sweep } from './sweep.ts';

export type { DatasetSource } from './raw/nodes.ts';
export type { Region } from './raw/pixels.ts';

export interface DeidentifyOptions {
  /** As `parseProfile` takes or gives it. */
  readonly profile: string | Profile;
  /** 32 secret bytes: UIDs, days and patient pseudonyms are the same wherever the same key is used. */
  readonly key: Uint8Array;
  /** One lasting name of the patient, whichever identifiers his or her objects carry; Patient ID and issuer if absent. */
  readonly patient?: string;
  /** Rectangles of every frame that are blanked; compressed pixels must be decompressed before, as study.ts does. */
  readonly regions?: readonly Region[];
  /** The source's pixels are blanked already. */
  readonly blanked?: boolean;
}

/**
 * `no`: not suspected, by what the object says of itself; `blanked`: the given regions were; `inspected`: would be
 * suspected, but a person has looked.
 */
export type BurnedIn = 'no' | 'blanked' | 'inspected';

export interface Deidentified {
  readonly transferSyntax: string;
  /** The new SOP Instance UID. */
  readonly sopInstanceUid: string;
  readonly profile: string;
  readonly burnedIn: BurnedIn;
  /** Different UIDs that were replaced. */
  readonly uids: number;
  /** The Part 10 file; once. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Deflated and big-endian data sets come out as explicit VR little endian, all others in their own transfer syntax.
 * An encapsulated document is refused: nothing in it can be cleaned, and emptied it would pass for a document.
 * @throws PeerError deid/*, dicom/*; both also while the bytes are read
 */
export async function deidentify(source: DatasetSource, options: DeidentifyOptions): Promise<Deidentified> {
  const { key, regions = [] } = options;
  const profile = typeof options.profile === 'string' ? parseProfile(options.profile) : options.profile;
  const { nodes, misdeclared } = await readTree(source);
  mustBeInstance(nodes);
  const syntax = transferSyntax(source.transferSyntax);
  const blanking = blankingFor(nodes, regions);
  const burnedIn = judge(nodes, profile, options.blanked === true || regions.length > 0);

  const pseudonyms = new Pseudonyms(key, options.patient ?? patientOf(nodes));
  const leftovers = new Leftovers();
  const applied = new Applying({ profile, pseudonyms, leftovers }).dataset(nodes, charset([]));
  const pixels = burnedIn === 'no' ? 'as-they-were' : burnedIn;
  const result = marked(sweep(applied, leftovers), profile, pixels);
  const turned = syntax.deflated || !syntax.littleEndian;
  const output = turned ? uids.explicitLittleEndian : source.transferSyntax;
  const sopInstanceUid = textAt(result, 0x00080018);
  const meta = { sopClassUid: textAt(result, 0x00080016), sopInstanceUid, transferSyntax: output };
  return {
    ...{ transferSyntax: output, sopInstanceUid, profile: profile.name, burnedIn, uids: pseudonyms.uids },
    bytes: file(writePart10Header(meta), result, source, {
      blanking,
      littleEndian: syntax.littleEndian && !misdeclared,
    }),
  };
}

/** @throws PeerError dicom/directory, dicom/uid-missing, dicom/uid-invalid */
function mustBeInstance(nodes: DatasetNodes): void {
  const sopClass = textAt(nodes, 0x00080016);
  const isDirectory = sopClass === uids.mediaDirectory || nodes.some(({ tag }) => tag >>> 16 === 4);
  must(!isDirectory, 'dicom/directory');
  mustBeUid(sopClass, 'SOPClassUID');
  mustBeUid(textAt(nodes, 0x00080018), 'SOPInstanceUID');
}

/** Patient ID and who gave it out; without one, each study is a patient of its own. */
function patientOf(nodes: DatasetNodes): string {
  const id = textAt(nodes, 0x00100020);
  return id === '' ? `study ${textAt(nodes, 0x0020000d)}` : `${textAt(nodes, 0x00100021)}|${id}`;
}

/** What to change in the pixels: the regions, and the bits beside them in which an overlay may stand. */
function blankingFor(nodes: DatasetNodes, regions: readonly Region[]): Blanking | undefined {
  const pixels = nodes.find(({ tag }) => isPixelData(tag));
  if (pixels === undefined || (pixels.kind === 'value' && regions.length === 0)) return undefined;
  const hidden = pixels.kind === 'range' && hasOverlayInPixels(nodes);
  if (regions.length === 0 && !hidden) return undefined;
  must(pixels.kind === 'range', 'deid/compressed');
  return blankingOf(pixelLayout(nodes), regions, hidden);
}

/** @throws PeerError deid/document; deid/burned-in when text has to be expected and nobody has seen to it */
function judge(nodes: DatasetNodes, { inspected }: Profile, blanked: boolean): BurnedIn {
  const facts = pixelFacts(nodes);
  must(!facts.document, 'deid/document');
  if (blanked && facts.hasPixels) return 'blanked';
  const compressed = nodes.some(({ tag, kind }) => isPixelData(tag) && kind === 'fragments');
  if (!isBurnedInSuspected(facts) && !(compressed && hasOverlayInPixels(nodes))) return 'no';
  if (!inspected) throw new PeerError('deid/burned-in');
  return 'inspected';
}

async function* file(
  header: Uint8Array,
  nodes: DatasetNodes,
  source: DatasetSource,
  { blanking, littleEndian }: { readonly blanking: Blanking | undefined; readonly littleEndian: boolean },
): AsyncGenerator<Uint8Array> {
  yield header;
  const ranges = rangesOf(source);
  const { explicit } = transferSyntax(source.transferSyntax);
  try {
    yield* encode(nodes, {
      explicit,
      littleEndian,
      range: (offset, length) => ranges.take(offset, length),
      change: ({ tag }, bytes) => (blanking !== undefined && isPixelData(tag) ? blanked(bytes, blanking) : bytes),
    });
  } finally {
    await ranges.close();
  }
}
