// A multi-frame instance of any size up to 4 GiB that is never held: its bytes are made while they are read.

import { uids } from '../../node/dicom/model/transfer-syntax.ts';
import { writePart10Header } from '../../node/dicom/write/part10-header.ts';
import { elementHeader, writeDataset } from './dataset-writer.ts';
import { instanceAttributes, type SyntheticPatient, seededUid } from './modules.ts';
import { Noise } from './phantom.ts';
import { noisePixels } from './studies.ts';

const frameBytes = 512 * 512 * 2;
/** The longest pixel data whose length an element can state and that isn't "undefined". */
const longest = 0xfffffffe;

export interface HugeInstance {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
  readonly frames: number;
  /** Bytes of the data set. */
  readonly length: number;
  /** Preamble and file meta header: in front of `chunks()` they make a DICOM file. */
  readonly part10Header: Uint8Array;
  /** The data set, each time the same, in chunks of 512 KiB. A chunk is valid until the next one is taken. */
  chunks(): Generator<Uint8Array>;
}

/** A Multi-frame Grayscale Word Secondary Capture of about `bytes` bytes: frames of 512x512, 16 bits, all different. */
export function hugeInstance(options: { seed: number; bytes: number; patient: SyntheticPatient }): HugeInstance {
  const { seed, bytes, patient } = options;
  const frames = Math.max(1, Math.floor(Math.min(bytes, longest) / frameBytes));
  const sopClassUid = '1.2.840.10008.5.1.4.1.1.7.3';
  const [studyUid, seriesUid, sopInstanceUid] = ['study', 'series', 'instance'].map((part) =>
    seededUid(seed, patient.id, 'huge', frames, part),
  ) as [string, string, string];
  const plan = { ...fixed, sopClassUid, sopInstanceUid, studyUid, seriesUid, patient };
  const own = [...fixed.own, [0x00280008, 'IS', String(frames)]] as const;
  const head = writeDataset(instanceAttributes({ ...plan, own }));
  const opening = Buffer.concat([head, elementHeader(0x7fe00010, 'OW', frames * frameBytes)]);
  const transferSyntax = uids.explicitLittleEndian;
  return {
    studyUid,
    seriesUid,
    sopClassUid,
    sopInstanceUid,
    transferSyntax,
    frames,
    length: opening.length + frames * frameBytes,
    part10Header: writePart10Header({ sopClassUid, sopInstanceUid, transferSyntax }),
    chunks: () => chunks(opening, frames, seed),
  };
}

// One frame of noise, stamped with its number: as quick as memory, and no frame is like another.
function* chunks(opening: Uint8Array, frames: number, seed: number): Generator<Uint8Array> {
  yield opening;
  const frame = noisePixels(frameBytes, new Noise(seed));
  const view = new DataView(frame.buffer);
  for (let number = 0; number < frames; number += 1) {
    view.setUint32(0, ((number & 0xfff) << 16) | (number >>> 12), true);
    yield frame;
  }
}

const fixed = {
  modality: 'OT',
  date: '20260115',
  time: '093000',
  accessionNumber: 'HUGE',
  studyDescription: 'Serie mare',
  seriesDescription: 'Cadre',
  seriesNumber: 1,
  instanceNumber: 1,
  imageType: 'DERIVED\\SECONDARY',
  bodyPart: 'CHEST',
  rows: 512,
  columns: 512,
  bitsStored: 12,
  own: [
    [0x00080064, 'CS', 'WSD'],
    [0x00181063, 'DS', '40'],
    [0x00185100, 'CS', ''],
    [0x00200020, 'CS', ''],
    // Frame Time (0018,1063): group, then element, each little-endian.
    [0x00280009, 'AT', [0x10630018]],
    [0x00280301, 'CS', 'NO'],
    [0x00281052, 'DS', '0'],
    [0x00281053, 'DS', '1'],
    [0x00281054, 'LO', 'US'],
    [0x20500020, 'CS', 'IDENTITY'],
  ],
} as const;
