// STOW-RS of metadata with bulk data (PS3.18 10.5.2): DICOM JSON first, then one part for each long value, found by its
// Content-Location. Bulk data are kept sealed on disk until all have come, for they may come in any order.
import { must, PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { jpegInfo } from '../../../dicom/media/jpeg-info.ts';
import type { DicomJson, JsonAttribute } from '../../../dicom/model/json.ts';
import { transferSyntax as layoutOf, uids } from '../../../dicom/model/transfer-syntax.ts';
import { isUid } from '../../../dicom/model/uid.ts';
import { composeDataset, type LongValue } from '../../../dicom/write/compose.ts';
import type { Named } from '../../../exchange/import/from-file.ts';
import { Spool, type SpoolParts } from '../../../exchange/upload/spool.ts';
import { headerValue } from '../../content-type.ts';
import type { MultipartPart, MultipartReader } from '../../multipart-reader.ts';
import { dicomJsonType } from '../wado/data-sets.ts';
import type { StowRequest } from './stow.ts';

/** A long value that came, in one part or, frame by frame, in several. */
interface Bulk {
  readonly pieces: Piece[];
  /** Media type, lower case. */
  readonly type: string;
  /** As the part's header says. */
  readonly transferSyntax: string | undefined;
  used: boolean;
}

/** Where a part's bytes lie among those of all. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

/** The long values that came, by their Content-Location. All lie in one spool: there may be a file's worth of each frame. */
interface Came {
  readonly bulk: Map<string, Bulk>;
  readonly spool: Spool;
}

const pixelData = '7FE00010';

/** What a media type means where it names no transfer syntax (PS3.18 table 8.7.3-2 and its successors). */
const syntaxOfType = new Map<string, string>([
  ['image/jpeg', '1.2.840.10008.1.2.4.70'],
  ['image/jls', '1.2.840.10008.1.2.4.80'],
  ['image/jp2', '1.2.840.10008.1.2.4.90'],
  ['image/jphc', '1.2.840.10008.1.2.4.201'],
  ['image/dicom-rle', uids.rle],
  ['video/mpeg', '1.2.840.10008.1.2.4.100'],
  ['video/mp4', '1.2.840.10008.1.2.4.102'],
]);

/** @throws PeerError http/multipart, http/invalid, store/*, import/too-large */
export async function storeMetadata(storing: StowRequest, reader: MultipartReader, parts: SpoolParts): Promise<void> {
  const datasets: DicomJson[] = [];
  const bulk = new Map<string, Bulk>();
  const spool = new Spool({ maxBytes: limits.sealPlainBytes }, parts);
  const came: Came = { bulk, spool };
  let metadataBytes = 0;
  try {
    for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
      const { value } = headerValue(part.headers['content-type'] ?? dicomJsonType);
      if (value === dicomJsonType) {
        const text = await textOf(part, limits.stowMetadataBytes - metadataBytes);
        metadataBytes += text.length;
        datasets.push(...parsed(text));
      } else {
        await takeBulk(came, part);
      }
    }
    await spool.finish();
    for (const json of datasets) await storeOne(storing, json, came);
    if ([...bulk.values()].some(({ used }) => !used)) storing.refuse('import/bulk-missing');
  } finally {
    await spool.discard();
  }
}

async function textOf({ body }: MultipartPart, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    must(length <= most, 'http/too-large');
    pieces.push(Buffer.from(piece)); // a view of a larger buffer must not keep that
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parsed(text: string): DicomJson[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PeerError('http/invalid', { message: 'The metadata are no JSON.' }, { cause });
  }
  const all = Array.isArray(json) ? json : [json];
  must(all.every(isDataset), 'http/invalid', { message: 'The metadata are no DICOM JSON.' });
  return all;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The top level's shape; what lies deeper is looked at when it is written. */
const isDataset = (json: unknown): json is DicomJson =>
  isObject(json) &&
  Object.entries(json).every(
    ([tag, attribute]) =>
      /^[0-9A-F]{8}$/.test(tag) &&
      isObject(attribute) &&
      /^[A-Z]{2}$/.test(String(attribute.vr)) &&
      (attribute.Value === undefined || Array.isArray(attribute.Value)) &&
      (attribute.BulkDataURI === undefined || typeof attribute.BulkDataURI === 'string'),
  );

async function takeBulk({ bulk, spool }: Came, part: MultipartPart): Promise<void> {
  const uri = part.headers['content-location'];
  must(uri !== undefined && uri.length <= 4096, 'http/invalid', { message: 'Bulk data without a Content-Location.' });
  const { value: type, parameters } = headerValue(part.headers['content-type']);
  const transferSyntax = parameters['transfer-syntax'];
  must(transferSyntax === undefined || isUid(transferSyntax), 'http/invalid', { message: 'transfer-syntax' });
  const from = spool.length;
  for await (const bytes of part.body) await spool.write(bytes);
  const piece = { from, to: spool.length };
  const before = bulk.get(uri);
  if (before !== undefined) before.pieces.push(piece);
  else bulk.set(uri, { pieces: [piece], type, transferSyntax, used: false });
}

/** Undefined: the bytes as they are. */
async function syntaxOf({ type, transferSyntax, pieces: [first] }: Bulk, spool: Spool): Promise<string | undefined> {
  if (transferSyntax !== undefined || type !== 'image/jpeg') return transferSyntax ?? syntaxOfType.get(type);
  // several transfer syntaxes; most senders mean the one that the bytes are in, whatever table 8.7.3-2 says
  const { from, to } = first!;
  const head = await spool.bytes(from, Math.min(to, from + 128 * 1024));
  return jpegInfo(head)?.transferSyntax ?? syntaxOfType.get(type);
}

async function storeOne(storing: StowRequest, json: DicomJson, came: Came): Promise<void> {
  const named = namedOf(json);
  try {
    const uri = json[pixelData]?.BulkDataURI;
    const syntax = uri === undefined ? undefined : await syntaxOf(found(came.bulk, uri), came.spool);
    const transferSyntax = syntax ?? uids.explicitLittleEndian;
    const { values, nested } = await longValues(json, came, syntax);
    const bytes = composeDataset(json, values, (uri) => {
      const found = nested.get(uri);
      must(found !== undefined, 'import/bulk-missing');
      return found;
    });
    await storing.dataset(bytes, transferSyntax, named);
  } catch (error) {
    const own = error instanceof PeerError && /^(dicom|import)\//.test(error.code);
    if (!own) throw error;
    storing.refuse(error.code, named);
  }
}

/** @param syntax of the pixels */
async function longValues(json: DicomJson, { bulk, spool }: Came, syntax: string | undefined) {
  const values: LongValue[] = [];
  const nested = new Map<string, Uint8Array>();
  let nestedBytes = 0;
  for (const [tag, attribute] of Object.entries(json)) {
    if (attribute.BulkDataURI !== undefined) {
      values.push(longValue(tag, attribute, found(bulk, attribute.BulkDataURI), spool, syntax));
      continue;
    }
    for (const uri of nestedUris(attribute, 0)) {
      const { pieces } = found(bulk, uri);
      for (const { from, to } of pieces) nestedBytes += to - from;
      must(nestedBytes <= limits.stowNestedBytes, 'import/too-large');
      nested.set(uri, Buffer.concat(await Promise.all(pieces.map(({ from, to }) => spool.bytes(from, to)))));
    }
  }
  return { values, nested };
}

function found(bulk: ReadonlyMap<string, Bulk>, uri: string): Bulk {
  const value = bulk.get(uri);
  must(value !== undefined, 'import/bulk-missing');
  value.used = true;
  return value;
}

function longValue(
  tag: string,
  { vr }: JsonAttribute,
  { pieces }: Bulk,
  spool: Spool,
  syntax: string | undefined,
): LongValue {
  const encapsulated = tag === pixelData && syntax !== undefined && layoutOf(syntax).encapsulated;
  const streams = pieces.map(({ from, to }) => ({ length: to - from, bytes: () => spool.read(from, to) }));
  return { tag, vr, pieces: streams, encapsulated };
}

function* nestedUris({ vr, Value = [] }: JsonAttribute, depth: number): Generator<string> {
  must(depth <= limits.dicomDepth, 'dicom/too-deep');
  if (vr !== 'SQ') return;
  for (const item of Value) {
    if (!isObject(item)) continue;
    for (const attribute of Object.values(item as DicomJson)) {
      if (!isObject(attribute)) continue;
      if (typeof attribute.BulkDataURI === 'string') yield attribute.BulkDataURI;
      else if (Array.isArray(attribute.Value)) yield* nestedUris(attribute, depth + 1);
    }
  }
}

function namedOf(json: DicomJson): Named | undefined {
  const uid = (tag: string): string | undefined => {
    const value = json[tag]?.Value?.[0];
    return typeof value === 'string' && isUid(value) ? value : undefined;
  };
  const [sopClassUid, sopInstanceUid] = [uid('00080016'), uid('00080018')];
  if (sopClassUid === undefined || sopInstanceUid === undefined) return undefined;
  return { sopClassUid, sopInstanceUid };
}
