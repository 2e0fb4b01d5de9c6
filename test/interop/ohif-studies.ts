// The studies that a viewer is shown: made-up CT, MR, CR and multi-frame ultrasound of two patients, and, where the sample
// files are, real ones in compressed transfer syntaxes.

import type { DicomJson } from '../../node/dicom/model/json.ts';
import { readPart10 } from '../../node/dicom/read/read-dataset.ts';
import { bulkOf, writePart10 } from '../../node/dicom/write/write-part10.ts';
import { seededUid } from '../../sim/studies/modules.ts';
import { syntheticStudies } from '../../sim/studies/studies.ts';

const ion = { id: '2000000000008', name: 'Ștefănescu^Ion', birthDate: '19700101', sex: 'M' } as const;
const ana = { id: '2000000000015', name: 'Țîrdea^Ana', birthDate: '19840229', sex: 'F' } as const;

export const slices = { ct: 12, mr: 6, cr: 2 };
export const ultrasoundFrames = 8;

export interface Shown {
  readonly study: string;
  readonly patient: { readonly id: string; readonly name: string };
  readonly modality: string;
  readonly files: readonly Uint8Array[];
}

/** Of Ion a CT of two series and a CR, of Ana an MR and an ultrasound. */
export function madeUpStudies(): Record<'ct' | 'mr' | 'cr' | 'us', Shown> {
  const ofIon = [...syntheticStudies({ seed: 11, patient: ion, slices: { ...slices, mr: 0 }, date: '20260110' })];
  const ofAna = [...syntheticStudies({ seed: 12, patient: ana, slices: { ct: 1, mr: slices.mr, cr: 0 } })];
  const only = (all: typeof ofIon, modality: string, patient: Shown['patient']): Shown => {
    const own = all.filter((each) => each.modality === modality);
    return { study: own[0]!.studyUid, patient, modality, files: own.map(({ part10 }) => part10) };
  };
  const ct = only(ofIon, 'CT', ion);
  const second = ct.files.slice(0, 4).map((file, index) => otherSeries(file, index));
  return {
    ct: { ...ct, files: [...ct.files, ...second] },
    cr: only(ofIon, 'CR', ion),
    mr: only(ofAna, 'MR', ana),
    us: ultrasound(only(ofAna, 'CT', ana).files[0]!),
  };
}

const value = (vr: string, ...values: (string | number)[]) => ({ vr, Value: values }) as DicomJson[string];

/** The same slice as one of a second series of its study. */
function otherSeries(file: Uint8Array, index: number): Uint8Array {
  const { json, dataset } = readPart10(file);
  const changed: DicomJson = {
    ...json,
    '00080018': value('UI', seededUid(11, 'second series', index)),
    '0020000E': value('UI', seededUid(11, 'second series')),
    '00200011': value('IS', 2),
    '0008103E': value('LO', 'Torace, plămâni'),
  };
  return writePart10(changed, { bulk: bulkOf(dataset) });
}

const dropped = ['00080008', '00200032', '00200037', '00200052', '00201040', '00280030', '00281050', '00281051'];

/** A moving bright disc on grey, 240 x 320, 8 bits, as the ultrasound of who is in this file. */
function ultrasound(file: Uint8Array): Shown {
  const { json } = readPart10(file);
  const [rows, columns] = [240, 320];
  const frames = Buffer.alloc(rows * columns * ultrasoundFrames);
  for (let at = 0; at < frames.length; at += 1) {
    const [frame, y, x] = [Math.floor(at / (rows * columns)), Math.floor(at / columns) % rows, at % columns];
    const inDisc = (x - 60 - frame * 25) ** 2 + (y - 120) ** 2 < 40 ** 2;
    frames[at] = inDisc ? 240 : 40 + ((x + y) % 16);
  }
  const kept = Object.entries(json).filter(([tag]) => !dropped.includes(tag) && !/^0018|^00281/.test(tag));
  const study = seededUid(12, 'ultrasound');
  const changed: DicomJson = {
    ...Object.fromEntries(kept),
    '00080016': value('UI', '1.2.840.10008.5.1.4.1.1.3.1'),
    '00080018': value('UI', seededUid(12, 'ultrasound', 'instance')),
    '00080008': value('CS', 'ORIGINAL', 'PRIMARY'),
    '00080060': value('CS', 'US'),
    '00081030': value('LO', 'Ecografie cardiacă'),
    '0008103E': value('LO', 'Ecografie, mișcare'),
    '00181063': value('DS', 40),
    '0020000D': value('UI', study),
    '0020000E': value('UI', seededUid(12, 'ultrasound', 'series')),
    '00280008': value('IS', ultrasoundFrames),
    '00280009': value('AT', '00181063'),
    '00280010': value('US', rows),
    '00280011': value('US', columns),
    '00280100': value('US', 8),
    '00280101': value('US', 8),
    '00280102': value('US', 7),
    '7FE00010': { vr: 'OB', InlineBinary: frames.toString('base64') },
  };
  return { study, patient: ana, modality: 'US', files: [writePart10(changed)] };
}
