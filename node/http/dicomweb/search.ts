// QIDO-RS (PS3.18 10.6): studies and series from memory, instances from their headers, piece by piece.
import { PeerError } from '../../../protocol/errors.ts';
import type { DicomJson } from '../../dicom/json.ts';
import type { Index } from '../../store/index.ts';
import type { InstanceRecord, StudyRecord } from '../../store/records.ts';
import { textsOf } from './attributes.ts';
import {
  type Columns,
  compared,
  type SeriesRow,
  type StudyRow,
  seriesColumns,
  seriesUrl,
  shown,
  studyColumns,
} from './columns.ts';
import type { Key, SearchQuery } from './query.ts';

/** Where to search: everywhere, in one study, in one series. */
export interface Scope {
  readonly study?: string;
  readonly series?: string;
}

interface Place {
  readonly index: Index;
  readonly base: string;
}

/** Matching studies, latest first. @throws PeerError http/invalid for attributes that studies aren't searched by */
export function searchStudies(place: Place, query: SearchQuery): StudyRow[] {
  const keys = keysOf(query.keys, studyColumns);
  if (keys.other.length > 0) throw notMatched(keys.other[0]!);
  return studyRows(place, {})
    .filter((row) => holds(keys.own, studyColumns, row))
    .sort(byDate);
}

/** Matching series, by study. @throws PeerError http/invalid */
export function searchSeries(place: Place, scope: Scope, query: SearchQuery): SeriesRow[] {
  const series = keysOf(query.keys, seriesColumns);
  const study = keysOf(series.other, studyColumns);
  if (study.other.length > 0) throw notMatched(study.other[0]!);
  return studyRows(place, scope)
    .filter((row) => holds(study.own, studyColumns, row))
    .sort(byDate)
    .flatMap((row) => seriesRows(row, scope))
    .filter((row) => holds(series.own, seriesColumns, row));
}

export const shownStudy = (row: StudyRow): DicomJson => shown(studyColumns, row);

/** A series; with what is known of its study, when that isn't in the URL. */
export const shownSeries = (row: SeriesRow, scope: Scope): DicomJson =>
  scope.study === undefined ? { ...shown(studyColumns, row), ...shown(seriesColumns, row) } : shown(seriesColumns, row);

/** Matching instances as they are read. */
export async function* searchInstances(place: Place, scope: Scope, query: SearchQuery): AsyncGenerator<DicomJson> {
  const series = keysOf(query.keys, seriesColumns);
  const study = keysOf(series.other, studyColumns);
  for await (const [row, instance] of instanceRows(place, scope, query)) {
    if (!holds(study.own, studyColumns, row) || !holds(series.own, seriesColumns, row)) continue;
    const header = JSON.parse(new TextDecoder().decode(await place.index.header(instance))) as DicomJson;
    if (!study.other.every(({ tag, matches }) => matches(textsOf(header[tag])))) continue;
    yield shownInstance(header, instance, row, scope, query.include);
  }
}

async function* instanceRows(
  place: Place,
  scope: Scope,
  query: SearchQuery,
): AsyncGenerator<readonly [SeriesRow, InstanceRecord]> {
  if (query.instances !== undefined) {
    for (const uid of new Set(query.instances)) {
      const instance = await place.index.instance(uid);
      const study = instance && place.index.studyById(instance.study);
      if (study === undefined || (scope.study !== undefined && study.uid !== scope.study)) continue;
      const row = rowOf(place, study);
      for (const series of seriesRows(row, scope))
        if (series.series.uid === instance!.seriesUid) yield [series, instance!];
    }
    return;
  }
  for (const row of studyRows(place, scope).sort(byDate)) {
    const series = new Map(seriesRows(row, scope).map((each) => [each.series.uid, each]));
    if (series.size === 0) continue;
    for await (const instance of place.index.instances(row.study.id)) {
      const of = series.get(instance.seriesUid);
      if (of !== undefined) yield [of, instance];
    }
  }
}

/** PS3.18 table 10.6.3-5: Rows and what follows only where the instance has them. */
const usual = ['00080016', '00080018', '00200013', '00280008', '00280010', '00280011', '00280100'];

function shownInstance(
  header: DicomJson,
  instance: InstanceRecord,
  row: SeriesRow,
  scope: Scope,
  include: SearchQuery['include'],
): DicomJson {
  const wanted = include === 'all' ? Object.keys(header) : [...usual, ...include];
  const own = Object.fromEntries(wanted.filter((tag) => tag in header).map((tag) => [tag, header[tag]!]));
  return {
    ...(scope.series === undefined && shownSeries(row, scope)),
    ...own,
    '00080056': { vr: 'CS', Value: ['ONLINE'] },
    '00081190': { vr: 'UR', Value: [`${seriesUrl(row)}/instances/${instance.sopInstanceUid}`] },
  };
}

const rowOf = ({ index, base }: Place, study: StudyRecord): StudyRow => ({
  study,
  patient: index.patient(study.patient),
  base,
});

function studyRows(place: Place, { study }: Scope): StudyRow[] {
  const one = study === undefined ? undefined : place.index.study(study);
  const all = study === undefined ? [...place.index.studies()] : one === undefined ? [] : [one];
  return all.map((each) => rowOf(place, each));
}

const seriesRows = (row: StudyRow, scope: Scope): SeriesRow[] =>
  row.study.series
    .filter(({ uid }) => scope.series === undefined || uid === scope.series)
    .map((series) => ({ ...row, series }));

/** Which keys a level can compare, and which not. */
function keysOf<Row>(keys: readonly Key[], columns: Columns<Row>): { own: Key[]; other: Key[] } {
  return { own: keys.filter(({ tag }) => tag in columns), other: keys.filter(({ tag }) => !(tag in columns)) };
}

const holds = <Row>(keys: readonly Key[], columns: Columns<Row>, row: Row): boolean =>
  keys.every(({ tag, matches }) => matches(compared(columns[tag]!, row)));

const notMatched = ({ tag }: Key): PeerError =>
  new PeerError('http/invalid', { at: tag, message: 'is not searched by at this level' });

function byDate({ study: a }: StudyRow, { study: b }: StudyRow): number {
  return later(a.date, b.date) || later(a.time, b.time) || (a.uid < b.uid ? -1 : 1);
}

const later = (a = '', b = ''): number => (a === b ? 0 : a < b ? 1 : -1);
