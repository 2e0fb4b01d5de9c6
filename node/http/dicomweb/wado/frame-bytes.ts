// One instance's frames as they are stored, and what DICOMweb calls them (PS3.18 8.7.3): native ones raw and
// little-endian, others compressed.
import { must } from '../../../../protocol/errors.ts';
import type { StudyReader } from '../../../access/study-reader.ts';
import { transferSyntax, uids } from '../../../dicom/model/transfer-syntax.ts';
import { bigEndian } from '../../../dicom/pixels/source.ts';
import { aligned } from '../../../dicom/pixels/stored-bytes.ts';
import { type DatasetRange, type Frames, frameCount, frameRanges } from '../../../dicom/read/frames.ts';
import type { InstanceRecord } from '../../../store/records.ts';

export const octets = 'application/octet-stream';
const jpeg = 'image/jpeg';
const htj2k = 'image/jphc';

/** PS3.18 tables 8.7.3-2 and 8.7.3-5, by what follows 1.2.840.10008.1.2 */
const imageTypes: Readonly<Record<string, string>> = {
  ...{ '.4.50': jpeg, '.4.51': jpeg, '.4.57': jpeg, '.4.70': jpeg },
  ...{ '.4.80': 'image/jls', '.4.81': 'image/jls' },
  ...{ '.4.90': 'image/jp2', '.4.91': 'image/jp2', '.4.92': 'image/jpx', '.4.93': 'image/jpx' },
  ...{ '.4.110': 'image/jxl', '.4.111': 'image/jxl', '.4.112': 'image/jxl' },
  ...{ '.4.201': htj2k, '.4.202': htj2k, '.4.203': htj2k },
  '.5': 'image/dicom-rle',
};

/** The media type that carries frames of a transfer syntax. */
export const frameType = (uid: string): string =>
  imageTypes[uid.replace(/^1\.2\.840\.10008\.1\.2(?=\.)/, '')] ?? octets;

/** What a media type means when no transfer syntax is named with it. */
export const usualSyntax: Readonly<Record<string, string>> = {
  [octets]: uids.explicitLittleEndian,
  [jpeg]: '1.2.840.10008.1.2.4.70',
  'image/jls': '1.2.840.10008.1.2.4.80',
  'image/jp2': '1.2.840.10008.1.2.4.90',
  [htj2k]: '1.2.840.10008.1.2.4.201',
  'image/dicom-rle': uids.rle,
};

export interface FrameForm {
  /** Media type of each frame. */
  readonly type: string;
  /** Transfer syntax that they are given in, and others by which a client may ask for the same bytes. */
  readonly syntax: string;
  readonly also: readonly string[];
}

/** How this instance's frames are given. */
export function frameForm({ transferSyntax: uid }: InstanceRecord): FrameForm {
  if (!transferSyntax(uid).encapsulated) return { type: octets, syntax: uids.explicitLittleEndian, also: [uid] };
  return { type: frameType(uid), syntax: uid, also: [] };
}

/** @throws PeerError http/frames unless all these frames (0 is the first) are there and can be told by their bytes */
export function mustHaveFrames(frames: Frames, wanted: readonly number[]): void {
  const count = frameCount(frames);
  for (const frame of wanted) must(frame >= 0 && frame < count, 'http/frames', { frames: count });
}

/** Bytes of a frame as they are stored, where they need no header to be given: compressed ones, little-endian ones. */
export function plainFrame(reader: StudyReader, instance: InstanceRecord, frame: number): SizedBody | undefined {
  const { frames, transferSyntax: uid } = instance;
  const found = frameRanges(frames, frame);
  if (found === undefined || (frames.kind === 'native' && bigEndian(uid))) return undefined;
  const { ranges, bitOffset } = found;
  const stored = ranges.reduce((sum, range) => sum + range.length, 0);
  const bits = frames.kind === 'native' ? frames.frameBits : 0;
  const body = rangeBytes(reader, instance, ranges);
  if (bits % 8 === 0) return { length: stored, body };
  return { length: Math.ceil(bits / 8), body: aligned(body, bitOffset, bits) };
}

export interface SizedBody {
  readonly length: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** These ranges of the data set, one after the other. */
export async function* rangeBytes(reader: StudyReader, instance: InstanceRecord, ranges: readonly DatasetRange[]) {
  for (const { offset, length } of ranges) {
    const from = instance.datasetOffset + offset;
    yield* reader.read(instance, from, from + length);
  }
}
