// Studies that are made up, the same for the same seed: one instance at a time, so that a demo or a test holds one.

import { uids } from '../../node/dicom/model/transfer-syntax.ts';
import { writePart10Header } from '../../node/dicom/write/part10-header.ts';
import { elementHeader, writeDataset } from './dataset-writer.ts';
import { cr, ct, type Modality, mr } from './modalities.ts';
import { type InstancePlan, instanceAttributes, type SyntheticPatient, seededUid } from './modules.ts';
import { Noise, renderPicture } from './phantom.ts';

export interface SyntheticInstance {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
  readonly modality: string;
  /** Explicit VR little endian; a view into `part10`. */
  readonly dataset: Uint8Array;
  /** The same as a DICOM file. */
  readonly part10: Uint8Array;
}

export interface SyntheticOptions {
  readonly seed: number;
  readonly patient: SyntheticPatient;
  /** Instances of each study; 0 leaves it out. Defaults: 120 CT, 24 MR, 2 CR. */
  readonly slices?: { readonly ct?: number; readonly mr?: number; readonly cr?: number };
  /** `YYYYMMDD`, default 20260115. */
  readonly date?: string;
}

/** A chest CT (512x512), a head MR (256x256) and a chest CR (2048x2048) of one patient, 16 bits allocated, 12 stored. */
export function* syntheticStudies({ seed, patient, slices, date }: SyntheticOptions): Generator<SyntheticInstance> {
  const counts: Array<[Modality, number]> = [
    [ct, slices?.ct ?? 120],
    [mr, slices?.mr ?? 24],
    [cr, slices?.cr ?? 2],
  ];
  for (const [modality, count] of counts) {
    const noise = new Noise(seed * 31 + modality.modality.charCodeAt(0) * 7 + modality.modality.charCodeAt(1));
    const frameOfReference = seededUid(seed, patient.id, modality.modality, 'frame');
    for (let index = 0; index < count; index += 1) {
      const slice = { index, count, frameOfReference };
      const picture = modality.picture(slice);
      const { rows, columns } = picture;
      const own = modality.own(slice);
      const plan = planOf({ seed, patient, modality, index, rows, columns, own, ...(date !== undefined && { date }) });
      yield instanceOf(plan, renderPicture(picture, noise));
    }
  }
}

export interface MarkedOptions {
  readonly seed: number;
  readonly patient: SyntheticPatient;
  readonly instances: number;
  /** Bytes of pixel data an instance, rounded up to whole rows of 512 pixels. */
  readonly bytesEach: number;
  readonly date?: string;
}

/** One CT series of pure noise, for loads of a given size and for finding a patient's marker string. */
export function* markedStudy(options: MarkedOptions): Generator<SyntheticInstance> {
  const { seed, patient, instances, bytesEach, date } = options;
  const columns = 512;
  const rows = Math.min(65535, Math.max(1, Math.ceil(bytesEach / (columns * 2))));
  const noise = new Noise(seed);
  const frameOfReference = seededUid(seed, patient.id, 'marked', 'frame');
  for (let index = 0; index < instances; index += 1) {
    const own = ct.own({ index, count: instances, frameOfReference });
    const plan = planOf({
      seed: seed + 0.5,
      patient,
      modality: ct,
      index,
      rows,
      columns,
      own,
      ...(date !== undefined && { date }),
    });
    yield instanceOf(plan, noisePixels(rows * columns * 2, noise));
  }
}

/** Random 12-bit pixels, 16 bits each. The length is even. */
export function noisePixels(length: number, noise: Noise): Uint8Array {
  const pixels = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = noise.next() & 0x0fff0fff;
  return new Uint8Array(pixels.buffer, 0, length);
}

interface PlanOptions {
  readonly seed: number;
  readonly patient: SyntheticPatient;
  readonly modality: Modality;
  readonly index: number;
  readonly rows: number;
  readonly columns: number;
  readonly own: InstancePlan['own'];
  readonly date?: string;
}

function planOf({ seed, patient, modality, index, rows, columns, own, date = '20260115' }: PlanOptions): InstancePlan {
  const name = modality.modality;
  return {
    ...modality,
    sopInstanceUid: seededUid(seed, patient.id, name, index),
    studyUid: seededUid(seed, patient.id, name, 'study'),
    seriesUid: seededUid(seed, patient.id, name, 'series'),
    patient,
    date,
    time: '093000',
    accessionNumber: `${name}${Math.floor(seed)}`.slice(0, 16),
    seriesNumber: 1,
    instanceNumber: index + 1,
    rows,
    columns,
    own,
  };
}

function instanceOf(plan: InstancePlan, pixels: Uint8Array): SyntheticInstance {
  const { studyUid, seriesUid, sopClassUid, sopInstanceUid, modality } = plan;
  const transferSyntax = uids.explicitLittleEndian;
  const meta = writePart10Header({ sopClassUid, sopInstanceUid, transferSyntax });
  const attributes = writeDataset(instanceAttributes(plan));
  const part10 = Buffer.concat([meta, attributes, elementHeader(0x7fe00010, 'OW', pixels.length), pixels]);
  const dataset = part10.subarray(meta.length);
  return { studyUid, seriesUid, sopClassUid, sopInstanceUid, transferSyntax, modality, dataset, part10 };
}
