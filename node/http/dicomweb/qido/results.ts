// What QIDO-RS shows of each result (PS3.18 10.6.3.3).
import type { DicomJson } from '../../../dicom/model/json.ts';
import type { Level, Row } from '../../../query/columns.ts';
import type { FoundRow, QueryIndex } from '../../../query/rows.ts';
import { isOf, shown } from '../../../query/shown.ts';
import type { SearchQuery } from './query.ts';

/** Where to search: everywhere, in one study, in one series. */
export interface Scope {
  readonly study?: string;
  readonly series?: string;
}

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Tables 10.6.3-3 to 10.6.3-5 from the index, and what is in it beside. */
const ofIndex = {
  study: list(`00080020 00080030 00080050 00080056 00080061 00080090 00081030 00100010 00100020 00100030 00100040
    0020000D 00200010 00201206 00201208`),
  series: list('00080056 00080060 0008103E 00081010 00180015 0020000D 0020000E 00200011 00201209'),
  instance: list('00080016 00080018 00080056 00200013'),
};
/** From the headers: of series when they are one study's; of instances Rows and what follows where they have it. */
const ofHeader = {
  series: list('00080021 00080031 00400244 00400245 00400275'),
  instance: list('00280008 00280010 00280011 00280100'),
};

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
  all['00080005'] = { vr: 'CS', Value: ['ISO_IR 192'] };
  all['00081190'] = { vr: 'UR', Value: [urlOf(asked.base, row)] };
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
  return [...ofStudy, ...ofSeries, ...(level === 'instance' ? ofIndex.instance : []), '0020000D', '0020000E'];
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
