// The attributes that searches answer from the index, level by level (PS3.4 C.6, PS3.18 10.6.3.3).
import {
  type IndexAttribute,
  indexAttributesOf,
  isIndexed,
  type Level,
  levels,
  type Reckoned,
} from '../dicom/model/index-attributes.ts';
import type { JsonAttribute } from '../dicom/model/json.ts';
import type { Vr } from '../dicom/model/vr.ts';
import { isLocalSystem } from '../store/identifiers.ts';
import type { Index } from '../store/index.ts';
import type { InstanceRecord, PatientRecord, SeriesRecord, StudyRecord } from '../store/records.ts';
import { jsonOf } from './attributes.ts';
import { inAnySpelling, type Key } from './matching.ts';
import type { Matcher } from './text.ts';

/** What is known of one result: the records of its level and those above. */
export interface Row {
  readonly patient?: PatientRecord | undefined;
  readonly study?: StudyRecord | undefined;
  readonly series?: SeriesRecord | undefined;
  readonly instance?: InstanceRecord | undefined;
}

type Value = string | number | undefined;
type IndexPart = Pick<Index, 'studiesOf'>;

interface Column<Record> {
  readonly vr: Vr;
  /** The only value, where there is never more than one: nothing is made to compare it. */
  readonly value?: (record: Record) => Value;
  /** Many records have the same few values: each is compared once. */
  readonly repeated?: true;
  /** Whether some value holds, where that can be told without making a list of them. */
  readonly some?: (record: Record, holds: (value: Value) => boolean) => boolean;
  readonly values: (record: Record, index: IndexPart) => readonly Value[];
  /** What a query is compared with, where that is more than what is shown. */
  readonly matched?: (record: Record) => readonly Value[];
}

/** What stands for a column where the records say it in another way. */
type Known<Record> = Omit<Column<Record>, 'vr' | 'repeated'>;

/** One that never has more than one value. */
const one = <Record>(value: (record: Record) => Value): Known<Record> => ({
  value,
  values: (record) => [value(record)],
});

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
const instancesOf = ({ series }: StudyRecord): number => sum(series.map(({ instances }) => instances));
const distinct = <T>(values: readonly (T | undefined)[]): T[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];
const identifiers = ({ identifiers }: PatientRecord): string[] =>
  identifiers.map(({ value, written = value }) => written);
/** As they are written and, where they are known beyond this hospital, in any spelling. */
const soughtIdentifiers = ({ identifiers }: PatientRecord): string[] =>
  identifiers.flatMap(({ system, value, written = value }) =>
    isLocalSystem(system) || system === '' ? [written] : [written, inAnySpelling(value)],
  );

const reckoned: { [L in Level]: { [K in Reckoned<L>]: Known<NonNullable<Row[L]>> } } = {
  patient: {
    PatientID: { values: (record) => identifiers(record).slice(0, 1), matched: soughtIdentifiers },
    NumberOfPatientRelatedStudies: { values: ({ id }, index) => [index.studiesOf(id).length] },
    NumberOfPatientRelatedSeries: {
      values: ({ id }, index) => [sum(index.studiesOf(id).map(({ series }) => series.length))],
    },
    NumberOfPatientRelatedInstances: { values: ({ id }, index) => [sum(index.studiesOf(id).map(instancesOf))] },
  },
  study: {
    StudyInstanceUID: one(({ uid }) => uid),
    ModalitiesInStudy: {
      values: ({ series }) => distinct(series.map(({ modality }) => modality)),
      matched: ({ series }) => series.map(({ modality }) => modality),
      some: ({ series }, holds) => series.some(({ modality }) => holds(modality)),
    },
    SOPClassesInStudy: { values: ({ series }) => distinct(series.flatMap(({ sopClasses = [] }) => sopClasses)) },
    NumberOfStudyRelatedSeries: one(({ series }) => series.length),
    NumberOfStudyRelatedInstances: one(instancesOf),
  },
  series: {
    SeriesInstanceUID: one(({ uid }) => uid),
    NumberOfSeriesRelatedInstances: one(({ instances }) => instances),
  },
  instance: {
    SOPInstanceUID: one(({ sopInstanceUid }) => sopInstanceUid),
    SOPClassUID: one(({ sopClassUid }) => sopClassUid),
    AvailableTransferSyntaxUID: one(({ transferSyntax }) => transferSyntax),
  },
};

const byTag = new Map<string, readonly [Level, Column<never>]>(
  levels.flatMap((level) =>
    indexAttributesOf[level].filter(isIndexed).map((each) => [each.tag, [level, columnOf(each)]] as const),
  ),
);

function columnOf({ level, keyword, of, vr, few }: IndexAttribute): Column<never> {
  const all: Readonly<{ [keyword: string]: Known<never> }> = reckoned[level];
  const known = of === undefined ? all[keyword]! : one(of);
  return { vr, ...known, ...(few && { repeated: true }) };
}

/** The level whose column an attribute is; undefined when the index doesn't hold it. */
export const columnLevel = (tag: string): Level | undefined => byTag.get(tag)?.[0];

function column(row: Row, tag: string): readonly [Column<unknown>, unknown] | undefined {
  const found = byTag.get(tag);
  const record = found && row[found[0]];
  return record === undefined ? undefined : [found![1] as Column<unknown>, record];
}

/** What the row shows of one column, empty where it isn't known; undefined when it is no column. */
export function columnAttribute(row: Row, tag: string, index: IndexPart): JsonAttribute | undefined {
  const found = column(row, tag);
  if (found !== undefined) return jsonOf(found[0].vr, found[0].values(found[1], index));
  const known = byTag.get(tag);
  return known && { vr: known[1].vr };
}

/** What the row has to compare with a query of one column; undefined when it is no column. */
export function compared(row: Row, tag: string, index: IndexPart): string[] | undefined {
  const found = column(row, tag);
  if (found === undefined) return byTag.has(tag) ? [] : undefined;
  const [{ values, matched = values }, record] = found;
  return [...matched(record, index)].filter((value) => value !== undefined).map(String);
}

/** Whether a record holds all keys, which are columns of its level. */
export function recordTest(level: Level, keys: readonly Key[], index: IndexPart): (record: Row[Level]) => boolean {
  const tests = keys.map((key) => oneTest(level, key, index));
  const [only] = tests;
  if (only === undefined) return () => true;
  return tests.length === 1 ? only : (record) => tests.every((test) => test(record));
}

/** Every study is asked this: nothing is made for it that can be done without. */
function oneTest(level: Level, key: Key, index: IndexPart): (record: Row[Level]) => boolean {
  const { one, tags } = key;
  const [found] = tags.map((tag) => byTag.get(tag)![1] as Column<unknown>);
  if (one === undefined) {
    return (record) => key.test({ texts: (tag) => compared({ [level]: record }, tag, index)!, items: () => [] });
  }
  const { value, values, matched = values, some } = found!;
  const asked = found!.repeated ? remembered(one) : one;
  const holds = (each: Value): boolean => each !== undefined && asked(typeof each === 'string' ? each : String(each));
  if (some !== undefined) return (record) => record !== undefined && some(record, holds);
  if (value !== undefined) return (record) => record !== undefined && holds(value(record));
  return (record) => record !== undefined && matched(record, index).some(holds);
}

/** So many different values are remembered during one query. */
const rememberedMost = 4_096;

/** What was said of a value is said of it again. */
function remembered(one: Matcher): Matcher {
  const said = new Map<string, boolean>();
  return (value) => {
    const before = said.get(value);
    if (before !== undefined) return before;
    const now = one(value);
    if (said.size < rememberedMost) said.set(value, now);
    return now;
  };
}
