// Query keys as people name them, and what is asked for when they don't say.
import { must } from '../../protocol/errors.ts';
import type { QueryLevel } from '../dicom/dimse/query-models.ts';
import { indexAttributesOf, type Level } from '../dicom/model/index-attributes.ts';
import type { DicomJson } from '../dicom/model/json.ts';
import { attributeNamed } from '../dicom/model/keywords.ts';
import { jsonOf } from '../query/attributes.ts';

const asked = (level: Level): readonly string[] =>
  indexAttributesOf[level].filter(({ cfind }) => cfind).map(({ keyword }) => keyword);

/** Return keys of each level beside those that were named: its own, those of a study's patient, unique ones above. */
const usual: Record<QueryLevel, readonly string[]> = {
  PATIENT: asked('patient'),
  STUDY: [...asked('patient'), ...asked('study')],
  SERIES: ['StudyInstanceUID', ...asked('series')],
  IMAGE: ['StudyInstanceUID', 'SeriesInstanceUID', ...asked('instance')],
};

/** Keyword or tag (eight hexadecimal digits) to the text to match, several with backslashes; empty asks for the value. */
export type Keys = Readonly<Record<string, string>>;

/** The keys of an identifier. @throws PeerError remote/key */
export function identifierKeys(level: QueryLevel, keys: Keys): DicomJson {
  const json: DicomJson = {};
  for (const [name, text] of [...usual[level].map((key) => [key, ''] as const), ...Object.entries(keys)]) {
    const attribute = attributeNamed(name);
    must(attribute !== undefined && attribute.vr !== 'SQ', 'remote/key', { at: name.slice(0, 64) });
    json[attribute.tag] = jsonOf(attribute.vr, text === '' ? [] : text.split('\\'));
  }
  return json;
}
