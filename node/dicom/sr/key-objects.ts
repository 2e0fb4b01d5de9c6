// Key object selections (PS3.3 A.35.4, PS3.16 TID 2010): instances that somebody picked out, and why.
import { must } from '../../../protocol/errors.ts';
import { itemsOf, sequence, textOf } from '../model/attributes.ts';
import type { DicomJson } from '../model/json.ts';
import { type DocumentContext, documentAttributes } from '../write/new-document.ts';
import { newUid } from '../write/new-uid.ts';
import { type CodedConcept, codeOf, dcm } from './codes.ts';
import { type Evidence, evidenceSequence, readEvidence } from './evidence.ts';
import { contentValue } from './values.ts';
import { instanceItem, languageItem, observerItems, rootContainer, textItem } from './write-content.ts';

export const keyObjectClass = '1.2.840.10008.5.1.4.1.1.88.59';

/** Titles of CID 7010 that need no further reason. */
export const keyObjectTitles = {
  'of-interest': dcm('113000', 'Of Interest'),
  'for-referring-provider': dcm('113002', 'For Referring Provider'),
  'for-surgery': dcm('113003', 'For Surgery'),
  'for-teaching': dcm('113004', 'For Teaching'),
  'for-conference': dcm('113005', 'For Conference'),
  'for-therapy': dcm('113006', 'For Therapy'),
  'for-patient': dcm('113007', 'For Patient'),
  'for-peer-review': dcm('113008', 'For Peer Review'),
  'for-research': dcm('113009', 'For Research'),
  'for-printing': dcm('113018', 'For Printing'),
  'for-report-attachment': dcm('113020', 'For Report Attachment'),
  'for-litigation': dcm('113021', 'For Litigation'),
  manifest: dcm('113030', 'Manifest'),
  'complete-study-content': dcm('113032', 'Complete Study Content'),
} as const satisfies Record<string, CodedConcept>;

export type KeyObjectTitle = keyof typeof keyObjectTitles;

export interface KeyObjectsInput {
  /** One for each study that has instances in the selection: its own document lies in each (PS3.3 C.17.6.2.1). */
  readonly documents: readonly DocumentContext[];
  readonly title: KeyObjectTitle;
  readonly note?: string | undefined;
  readonly language?: string | undefined;
  readonly observer?: { readonly name: string; readonly organization: string } | undefined;
  /** In the order in which they are to be looked at. */
  readonly references: readonly Evidence[];
}

/**
 * A document for each study, which say the same and name each other. Throws dicom/unwritable when nothing is selected, or
 * when a study with selected instances has no document.
 */
export function keyObjects(input: KeyObjectsInput): DicomJson[] {
  const { documents, references } = input;
  must(references.length > 0, 'dicom/unwritable', { reason: 'nothing is selected' });
  const made = documents.map((context) => documentAttributes(withSeries(context), keyObjectClass, 'KO'));
  const studies = new Set(made.map(studyOf));
  const covered = references.every(({ studyUid }) => studies.has(studyUid)) && studies.size === documents.length;
  must(covered, 'dicom/unwritable', { reason: 'each study needs one document' });
  const content = selection(input);
  return made.map((document) => {
    const others = made.filter((other) => other !== document).map(asEvidence);
    return {
      ...document,
      '00081111': sequence(),
      '0040A375': evidenceSequence(references),
      ...(others.length === 0 ? {} : { '0040A525': evidenceSequence(others) }),
      ...content,
    };
  });
}

const withSeries = (context: DocumentContext): DocumentContext => ({
  ...context,
  series: { uid: newUid(context.random), ...context.series },
});

const studyOf = (document: DicomJson): string => textOf(document, '0020000D') ?? '';

const asEvidence = (document: DicomJson): Evidence => ({
  studyUid: studyOf(document),
  seriesUid: textOf(document, '0020000E') ?? '',
  sopClassUid: keyObjectClass,
  sopInstanceUid: textOf(document, '00080018') ?? '',
});

const description = dcm('113012', 'Key Object Description');

function selection({ title, note, language, observer, references }: KeyObjectsInput): DicomJson {
  return rootContainer(keyObjectTitles[title], '2010', [
    ...(language === undefined ? [] : [languageItem(language)]),
    ...(observer === undefined ? [] : observerItems(observer.name, observer.organization)),
    ...(note?.trim() ? [textItem('CONTAINS', description, note)] : []),
    ...references.map((each) => instanceItem('CONTAINS', each)),
  ]);
}

export interface KeyObjects {
  readonly title: CodedConcept | undefined;
  readonly note: string | undefined;
  /** With their studies and series when the evidence names them; frames when some are meant. */
  readonly references: readonly Evidence[];
  /** The same selection, as it lies in other studies. */
  readonly identical: readonly Evidence[];
}

/** Reads a selection. Throws report/none when the data set is none. */
export function readKeyObjects(json: DicomJson): KeyObjects {
  must(textOf(json, '00080016') === keyObjectClass, 'report/none');
  const evidence = new Map(readEvidence(json, '0040A375').map((each) => [each.sopInstanceUid, each]));
  const content = itemsOf(json, '0040A730');
  const note = content.find((item) => codeOf(item, '0040A043')?.value === description.value);
  return {
    title: codeOf(json, '0040A043'),
    note: note && textOf(note, '0040A160'),
    references: content.flatMap((item) => references(item, evidence)),
    identical: readEvidence(json, '0040A525'),
  };
}

function references(item: DicomJson, evidence: ReadonlyMap<string, Evidence>): Evidence[] {
  const value = contentValue(item);
  if (value.type !== 'IMAGE' && value.type !== 'COMPOSITE' && value.type !== 'WAVEFORM') return [];
  return value.instances.map(({ sopClassUid, sopInstanceUid, frames }) => {
    const { studyUid = '', seriesUid = '' } = evidence.get(sopInstanceUid) ?? {};
    return { studyUid, seriesUid, sopClassUid, sopInstanceUid, frames, image: value.type === 'IMAGE' };
  });
}
