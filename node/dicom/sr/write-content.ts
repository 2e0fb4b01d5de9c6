// Content items to write (PS3.3 C.17.3, C.18).
import { must } from '../../../protocol/errors.ts';
import { attribute, sequence, sequenceOf } from '../model/attributes.ts';
import type { DicomJson } from '../model/json.ts';
import { type CodedConcept, codeSequence, dcm } from './codes.ts';
import type { Evidence } from './evidence.ts';

type Relationship = 'CONTAINS' | 'HAS CONCEPT MOD' | 'HAS OBS CONTEXT' | 'HAS ACQ CONTEXT' | 'INFERRED FROM';

function item(relationship: Relationship, type: string, name: CodedConcept | undefined, value: DicomJson): DicomJson {
  return {
    '0040A010': attribute('CS', relationship),
    '0040A040': attribute('CS', type),
    ...(name === undefined ? {} : { '0040A043': codeSequence(name) }),
    ...value,
  };
}

/** The item with these below it. */
export const withChildren = (parent: DicomJson, children: readonly DicomJson[]): DicomJson =>
  children.length === 0 ? parent : { ...parent, '0040A730': sequenceOf(children) };

export const container = (name: CodedConcept, children: readonly DicomJson[]): DicomJson =>
  withChildren(item('CONTAINS', 'CONTAINER', name, { '0040A050': attribute('CS', 'SEPARATE') }), children);

/** The root of a content tree: these attributes stand in the data set itself. */
export const rootContainer = (title: CodedConcept, template: string, children: readonly DicomJson[]): DicomJson =>
  withChildren(
    {
      '0040A040': attribute('CS', 'CONTAINER'),
      '0040A043': codeSequence(title),
      '0040A050': attribute('CS', 'SEPARATE'),
      '0040A504': sequence({ '00080105': attribute('CS', 'DCMR'), '0040DB00': attribute('CS', template) }),
    },
    children,
  );

export const textItem = (relationship: Relationship, name: CodedConcept, text: string): DicomJson =>
  item(relationship, 'TEXT', name, { '0040A160': attribute('UT', cleanText(text)) });

export const codeContent = (relationship: Relationship, name: CodedConcept, code: CodedConcept): DicomJson =>
  item(relationship, 'CODE', name, { '0040A168': codeSequence(code) });

const nameItem = (relationship: Relationship, name: CodedConcept, person: string): DicomJson =>
  item(relationship, 'PNAME', name, { '0040A123': attribute('PN', { Alphabetic: cleanName(person) }) });

export const uidItem = (relationship: Relationship, name: CodedConcept, uid: string): DicomJson =>
  item(relationship, 'UIDREF', name, { '0040A124': attribute('UI', uid) });

export const dateItem = (relationship: Relationship, name: CodedConcept, date: string): DicomJson =>
  item(relationship, 'DATE', name, { '0040A121': attribute('DA', date) });

export const timeItem = (relationship: Relationship, name: CodedConcept, time: string): DicomJson =>
  item(relationship, 'TIME', name, { '0040A122': attribute('TM', time) });

export const numberItem = (
  relationship: Relationship,
  name: CodedConcept,
  value: number,
  unit: CodedConcept,
): DicomJson =>
  item(relationship, 'NUM', name, {
    '0040A300': sequence({ '004008EA': codeSequence(unit), '0040A30A': attribute('DS', value) }),
  });

/** An instance that is meant: as IMAGE, WAVEFORM or COMPOSITE, as its class asks. `purpose`: of the reference. */
export function instanceItem(
  relationship: Relationship,
  { sopClassUid, sopInstanceUid, frames, image }: Evidence,
  purpose?: CodedConcept,
): DicomJson {
  const type = sopClassUid.startsWith(waveforms) ? 'WAVEFORM' : image ? 'IMAGE' : 'COMPOSITE';
  return item(relationship, type, purpose, {
    '00081199': sequence({
      '00081150': attribute('UI', sopClassUid),
      '00081155': attribute('UI', sopInstanceUid),
      ...(image && frames !== undefined && frames.length > 0 ? { '00081160': attribute('IS', ...frames) } : {}),
    }),
  });
}

const waveforms = '1.2.840.10008.5.1.4.1.1.9.';

/** The language of what follows (PS3.16 TID 1204), by its tag (RFC 5646). Throws dicom/unwritable for none. */
export function languageItem(tag: string): DicomJson {
  must(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag) && tag.length <= 16, 'dicom/unwritable', { reason: 'language' });
  const named = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' }).of(tag) ?? tag;
  const language = { value: tag, scheme: 'RFC5646', meaning: named.slice(0, 64) };
  return codeContent('HAS CONCEPT MOD', dcm('121049', 'Language of Content Item and Descendants'), language);
}

/** Who observed it (PS3.16 TID 1001, 1003). */
export const observerItems = (name: string, organization: string): DicomJson[] => [
  codeContent('HAS OBS CONTEXT', dcm('121005', 'Observer Type'), dcm('121006', 'Person')),
  nameItem('HAS OBS CONTEXT', dcm('121008', 'Person Observer Name'), name),
  textItem('HAS OBS CONTEXT', dcm('121009', "Person Observer's Organization Name"), organization),
];

/** Lines end with CR LF (PS3.5 6.1.3); other control characters are none that DICOM text may have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const controls = /[\0-\x08\x0b\x0e-\x1f\x7f]/g;
const cleanText = (text: string): string => text.replace(controls, '').replace(/\r\n|\r|\n/g, '\r\n');

/** Text that one component group of a PN can hold; carets stay, they part a name's components. */
export const cleanName = (name: string): string =>
  name
    .replace(controls, '')
    .replace(/[\\=\r\n\t\f]/g, ' ')
    .trim()
    .slice(0, 64);
