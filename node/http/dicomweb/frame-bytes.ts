// One instance's frames as DICOMweb gives them (PS3.18 8.7.3): native ones raw and little-endian, others compressed as
// they are stored.
import { must, PeerError } from '../../../protocol/errors.ts';
import type { StudyReader } from '../../access/study-reader.ts';
import { frameCount, frameRanges, type Range } from '../../dicom/frames.ts';
import type { DicomJson } from '../../dicom/json.ts';
import { transferSyntax, uids } from '../../dicom/transfer-syntax.ts';
import type { InstanceRecord } from '../../store/records.ts';
import { aligned, swapped, unitOf } from './pixel-bytes.ts';

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

export const octets = 'application/octet-stream';

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
  const type = imageTypes[uid.replace(/^1\.2\.840\.10008\.1\.2(?=\.)/, '')] ?? octets;
  return { type, syntax: uid, also: [] };
}

/** GE's private syntax is little-endian but for its pixels. */
const bigEndian = (uid: string): boolean => uid === uids.explicitBigEndian || uid === '1.2.840.113619.5.2';

/** @throws PeerError http/frames unless all these frames (0 is the first) are there and can be told by their bytes */
export function mustHaveFrames(instance: InstanceRecord, frames: readonly number[]): void {
  const count = frameCount(instance.frames);
  for (const frame of frames) must(frame >= 0 && frame < count, 'http/frames', { frames: count });
}

/** The bytes of one frame. @throws PeerError http/frames, http/not-acceptable; store/*, seal/* while they are read */
export async function* frameBytes(reader: StudyReader, instance: InstanceRecord, frame: number) {
  mustHaveFrames(instance, [frame]);
  const { ranges, bitOffset } = frameRanges(instance.frames, frame)!;
  const bits = instance.frames.kind === 'native' ? instance.frames.frameBits : 0;
  if (bits % 8 !== 0) {
    must(!bigEndian(instance.transferSyntax), 'http/not-acceptable', { message: 'Bits packed in big endian.' });
    return yield* aligned(rangeBytes(reader, instance, ranges), bitOffset, bits);
  }
  const unit = bits > 0 && bigEndian(instance.transferSyntax) ? await pixelUnit(reader, instance) : 1;
  yield* swapped(rangeBytes(reader, instance, ranges), unit);
}

/** These ranges of the data set, one after the other. */
export async function* rangeBytes(reader: StudyReader, instance: InstanceRecord, ranges: readonly Range[]) {
  for (const { offset, length } of ranges) {
    const from = instance.datasetOffset + offset;
    yield* reader.read(instance, from, from + length);
  }
}

/** Bytes of a sample in big-endian pixel data. Words that hold other than 16 bits have no one reading (PS3.5 8.2). */
async function pixelUnit(reader: StudyReader, instance: InstanceRecord): Promise<number> {
  const header = JSON.parse(new TextDecoder().decode(await reader.header(instance))) as DicomJson;
  const pixels = header['7FE00010'] ?? header['7FE00008'] ?? header['7FE00009'];
  const unit = unitOf(pixels?.vr ?? 'OB');
  const allocated = header['00280100']?.Value?.[0];
  if (pixels?.vr !== 'OW' || allocated === 16) return unit;
  throw new PeerError('http/not-acceptable', { message: 'Big-endian words of other than 16 bits; retrieve it whole.' });
}
