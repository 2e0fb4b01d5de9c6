// What QIDO-RS shows of each result (PS3.18 10.6.3.3).
import {
  type IndexAttribute,
  indexAttributesOf,
  isIndexed,
  type Level,
} from '../../../dicom/model/index-attributes.ts';
import type { DicomJson } from '../../../dicom/model/json.ts';
import { tagOfKeyword } from '../../../dicom/model/keywords.ts';
import type { Row } from '../../../query/columns.ts';
import type { FoundRow, QueryIndex } from '../../../query/rows.ts';
import { isOf, shown } from '../../../query/shown.ts';
import type { SearchQuery } from './query.ts';

/** Where to search: everywhere, in one study, in one series. */
export interface Scope {
  readonly study?: string;
  readonly series?: string;
}

/** What is in a result without being asked for, of each level alone. */
const usualOf = (level: Level, where: (attribute: IndexAttribute) => boolean): readonly string[] =>
  indexAttributesOf[level].filter((each) => each.qido && where(each)).map(({ tag }) => tag);

const isOfHeader = (attribute: IndexAttribute): boolean => !isIndexed(attribute);
const availability = tagOfKeyword('InstanceAvailability');

/** From the index: tables 10.6.3-3 to 10.6.3-5, a study's with its patient, and what is in it beside. */
const ofIndex = {
  study: [...usualOf('patient', isIndexed), ...usualOf('study', isIndexed), availability],
  series: [...usualOf('series', isIndexed), availability],
  instance: [...usualOf('instance', isIndexed), availability],
};
/** From the headers: of series when they are one study's; of instances Rows and what follows where they have it. */
const ofHeader = { series: usualOf('series', isOfHeader), instance: usualOf('instance', isOfHeader) };
/** In every result below a study, whatever its URL names. */
const identity = [tagOfKeyword('StudyInstanceUID'), tagOfKeyword('SeriesInstanceUID')];

export interface SearchRequest {
  readonly level: Level;
  readonly scope: Scope;
  readonly query: SearchQuery;
  /** URL of the DICOMweb service. */
  readonly base: string;
}

/** One result with everything that is usual at its level, was matched or asked for; bulk data as placeholders. */
export async function resultOf({ row, header }: FoundRow, asked: SearchRequest, index: QueryIndex): Promise<DicomJson> {
  const { level, query } = asked;
  const isAll = query.include === 'all';
  const keys = query.include === 'all' ? query.keys : { ...query.keys, ...query.include };
  const known = shown(row, usual(asked), {}, {}, index);
  const others = [...usualOfHeader(asked), ...Object.keys(keys)].filter((tag) => !(tag in known) && isOf(level, tag));
  const read = isAll || others.length > 0 ? await header() : {};
  const every = isAll ? Object.keys(read).filter((tag) => isOf(level, tag)) : [];
  const all = { ...shown(row, [...others, ...every], read, isAll ? {} : keys, index), ...known };
  all[tagOfKeyword('SpecificCharacterSet')] = { vr: 'CS', Value: ['ISO_IR 192'] };
  all[tagOfKeyword('RetrieveURL')] = { vr: 'UR', Value: [urlOf(asked.base, row)] };
  return level === 'instance' ? all : withoutBulk(all);
}

/** Bulk data is an instance's, never a series' or a study's. */
const withoutBulk = (json: DicomJson): DicomJson =>
  Object.fromEntries(Object.entries(json).filter(([, { BulkDataURI }]) => BulkDataURI === undefined));

/** What the URL names already isn't said again. */
function usual({ level, scope: { study, series } }: SearchRequest): readonly string[] {
  if (level === 'study') return ofIndex.study;
  const ofStudy = study === undefined ? ofIndex.study : [];
  const ofSeries = level === 'series' || series === undefined ? ofIndex.series : [];
  return [...ofStudy, ...ofSeries, ...(level === 'instance' ? ofIndex.instance : []), ...identity];
}

/** Reading a header for each series is only done for those of one study. */
function usualOfHeader({ level, scope }: SearchRequest): readonly string[] {
  if (level === 'instance') return ofHeader.instance;
  return level === 'series' && scope.study !== undefined ? ofHeader.series : [];
}

/** Where to retrieve it. */
export function urlOf(base: string, { study, series, instance }: Row): string {
  const places = [study && `studies/${study.uid}`, series && `series/${series.uid}`];
  const own = instance && `instances/${instance.sopInstanceUid}`;
  return [base, ...places, own].filter((place) => place !== undefined).join('/');
}
