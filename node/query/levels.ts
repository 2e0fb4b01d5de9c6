// At which level an attribute is asked for: attributes beyond the index's table are often the same in all instances of a
// patient, a study, a series (the modules of PS3.3 A.1.2 to A.1.4), so that one of its instances can answer for it.
import { indexAttributesOf, type Level, levels, shared } from '../dicom/model/index-attributes.ts';
import { tagOfKeyword } from '../dicom/model/keywords.ts';

const groups: Readonly<Record<string, Level>> = {
  '0010': 'patient',
  '0012': 'study',
  '0032': 'study',
  '0038': 'study',
};

const byTag = new Map<string, Level>([
  ...shared.study.map((keyword) => [tagOfKeyword(keyword), 'study'] as const),
  ...shared.series.map((keyword) => [tagOfKeyword(keyword), 'series'] as const),
  ...levels.flatMap((level) => indexAttributesOf[level].map(({ tag }) => [tag, level] as const)),
]);

/** The highest level at which all instances share an attribute. */
export const levelOf = (tag: string): Level => byTag.get(tag) ?? groups[tag.slice(0, 4)] ?? 'instance';
