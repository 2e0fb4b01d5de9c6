// What every document that we make has around its content: whose it is, which study it belongs to, who made it and when.
import { must } from '../../../protocol/errors.ts';
import type { Random } from '../../../protocol/ports.ts';
import type { DicomMoment } from '../../system/machine.ts';
import { attribute } from '../model/attributes.ts';
import type { DicomJson } from '../model/json.ts';
import { mustBeUid } from '../model/uid.ts';
import type { Vr } from '../model/vr.ts';
import { newUid } from './new-uid.ts';

/** Who made it (PS3.3 C.7.5.1). */
export interface Equipment {
  readonly institution?: string | undefined;
  readonly serial?: string | undefined;
  readonly version?: string | undefined;
}

export interface DocumentContext {
  /** Attributes of the patient (PS3.3 C.7.1.1); those of an instance of the same study will do. */
  readonly patient: DicomJson;
  /** Attributes of the study (PS3.3 C.7.2.1) with its UID; may be the same object. */
  readonly study: DicomJson;
  readonly series?: { readonly uid?: string; readonly number?: number; readonly description?: string };
  readonly instanceNumber?: number;
  readonly equipment?: Equipment;
  readonly when: DicomMoment;
  readonly random: Random;
}

const patientTags =
  '00100010 00100020 00100021 00100024 00100030 00100032 00100040 00101001 00101002 00120062 00120063 00120064'.split(
    ' ',
  );
const studyTags = '00080020 00080030 00080050 00080051 00080090 00081030 00101010 0020000D 00200010'.split(' ');
/** Type 2 of both modules: there, if only empty. */
const asked: readonly (readonly [string, Vr])[] = [
  ['00100010', 'PN'],
  ['00100020', 'LO'],
  ['00100030', 'DA'],
  ['00100040', 'CS'],
  ['00080020', 'DA'],
  ['00080030', 'TM'],
  ['00080050', 'SH'],
  ['00080090', 'PN'],
  ['00200010', 'SH'],
];

/** The attributes of patient, study, series, equipment and instance, without any content. Throws dicom/uid-... */
export function documentAttributes(context: DocumentContext, sopClassUid: string, modality: string): DicomJson {
  const { patient, study, series = {}, instanceNumber = 1, equipment = {}, when, random } = context;
  const studyUid = study['0020000D']?.Value?.[0];
  mustBeUid(typeof studyUid === 'string' ? studyUid : undefined, 'StudyInstanceUID');
  return {
    ...Object.fromEntries(asked.map(([tag, vr]) => [tag, { vr }])),
    ...picked(patient, patientTags),
    ...picked(study, studyTags),
    '00080012': attribute('DA', when.date),
    '00080013': attribute('TM', when.time),
    '00080016': attribute('UI', sopClassUid),
    '00080018': attribute('UI', newUid(random)),
    '00080023': attribute('DA', when.date),
    '00080033': attribute('TM', when.time),
    '00080060': attribute('CS', modality),
    '00080070': attribute('LO', 'DICOM Network'),
    ...(equipment.institution === undefined ? {} : { '00080080': attribute('LO', equipment.institution.slice(0, 64)) }),
    ...(series.description === undefined ? {} : { '0008103E': attribute('LO', series.description.slice(0, 64)) }),
    '00081090': attribute('LO', 'Peer'),
    '00181000': attribute('LO', (equipment.serial ?? '0').slice(0, 64)),
    '00181020': attribute('LO', (equipment.version ?? '0').slice(0, 64)),
    '0020000E': attribute('UI', series.uid ?? newUid(random)),
    '00200011': attribute('IS', series.number ?? 1),
    '00200013': attribute('IS', instanceNumber),
  };
}

// Long values that were left behind as byte ranges are none of the document's.
function picked(json: DicomJson, tags: readonly string[]): DicomJson {
  const there = tags.filter((tag) => json[tag] !== undefined && json[tag].BulkDataURI === undefined);
  return Object.fromEntries(there.map((tag) => [tag, json[tag]!]));
}

/** Text of at most `length` characters, which an attribute of limited length takes. Throws dicom/unwritable. */
export function shortText(text: string, length: number): string {
  must(text.length <= length, 'dicom/unwritable', { reason: 'too long', length });
  return text;
}
