// How a query's keys are compared with attributes (PS3.4 C.2.2.2, PS3.18 8.3.4.1): single values, lists, wildcards,
// ranges, sequences, empty values. Shared by whatever is searched: studies, worklists.
import { must } from '../../protocol/errors.ts';
import { unseparated } from '../../protocol/tags/identifier.ts';
import type { DicomJson, JsonAttribute } from '../dicom/model/json.ts';
import { tagOfKeyword, vrOfTag } from '../dicom/model/keywords.ts';
import { isUid } from '../dicom/model/uid.ts';
import type { Vr } from '../dicom/model/vr.ts';
import { isNumeric, queryTexts } from './attributes.ts';
import type { NamesWanted } from './named.ts';
import { inBoth, inRange, isRangeVr, parseRange, type ValueRange } from './range.ts';
import { folded, fuzzyName, type Matcher, personNameMatcher, textual } from './text.ts';

export interface MatchOptions {
  /** Names match by the beginnings of their words, in any order. */
  readonly fuzzy?: boolean | undefined;
  /** A range of dates and one of times together make one range of moments, where both are asked for. */
  readonly combined?: boolean | undefined;
}

/** What is compared: the values of an attribute as text, the items of a sequence. */
export interface Source {
  texts(tag: string): readonly string[];
  items(tag: string): readonly DicomJson[];
}

/** One condition. */
export interface Key {
  /** The attributes that it looks at: one, or a date and its time. */
  readonly tags: readonly string[];
  /** The UIDs that alone match, where it is a list of them. */
  readonly uids?: ReadonlySet<string>;
  /** The text, folded, that alone matches, where there is no wildcard in it. */
  readonly exact?: string | undefined;
  /** The one range that matches. */
  readonly range?: ValueRange | undefined;
  /** The names that match, where it is one of patients' names. */
  readonly names?: NamesWanted;
  /** Whether one value is enough, where that is all there is to it: quicker than `test`. */
  readonly one?: Matcher;
  test(source: Source): boolean;
}

/** What a query says of itself, and doesn't ask for: character set, level, view, who retrieves, time zone. */
const aboutQuery = new Set(
  [
    ...['SpecificCharacterSet', 'QueryRetrieveLevel', 'QueryRetrieveView', 'RetrieveAETitle', 'TimezoneOffsetFromUTC'],
    'RetrieveURL',
  ].map(tagOfKeyword),
);

/** Whether an attribute of a query is about something that can be matched or returned. */
export const isKey = (tag: string): boolean => !aboutQuery.has(tag) && !tag.endsWith('0000');

/**
 * Whether a data set matches all keys. Keys without a value, `*`, and sequences without an item match everything.
 * @throws PeerError query/key naming the attribute, when it can't be matched or not by this value
 */
export const matches = (item: DicomJson, keys: DicomJson, options: MatchOptions = {}): boolean =>
  matcherOf(keys, options)(item);

/** `matches` with the keys read once, for many data sets. @throws PeerError query/key */
export function matcherOf(keys: DicomJson, options: MatchOptions = {}): (item: DicomJson) => boolean {
  const all = keysOf(keys, options);
  return (item) => all.every((key) => key.test(sourceOf(item)));
}

export const sourceOf = (item: DicomJson): Source => ({
  texts: (tag) => queryTexts(item[tag]),
  items: (tag) => (item[tag]?.Value ?? []).filter(isItem),
});

const isItem = (value: unknown): value is DicomJson => typeof value === 'object' && value !== null;

/** The conditions of a query; what matches everything is none. @throws PeerError query/key */
export function keysOf(keys: DicomJson, options: MatchOptions = {}): Key[] {
  const pairs = options.combined ? combinedKeys(keys) : [];
  const paired = new Set(pairs.flatMap(({ tags }) => tags));
  const rest = Object.entries(keys).filter(([tag]) => isKey(tag) && !paired.has(tag));
  return [...pairs, ...rest.flatMap(([tag, attribute]) => keyOf(tag, attribute, options) ?? [])];
}

function keyOf(tag: string, attribute: JsonAttribute, options: MatchOptions): Key | undefined {
  const vr = vrOf(tag, attribute);
  if (vr === 'SQ') return sequence(tag, attribute, options);
  const wanted = queryTexts(attribute).filter((text) => text !== '');
  const isBinary = attribute.InlineBinary !== undefined || attribute.BulkDataURI !== undefined;
  must(!isBinary && (wanted.length === 0 || !unmatchable.has(vr)), 'query/key', {
    at: tag,
    message: 'cannot be matched',
  });
  if (wanted.length === 0 || wanted.some((text) => /^\*+$/.test(text))) return undefined;
  if (vr === 'UI') return uids(tag, wanted);
  const any = wanted.filter((text) => text !== empty).map((text) => matcher(tag, vr, text, options));
  const one = any.length === 1 ? any[0]! : (value: string) => any.some((matches) => matches(value));
  return wanted.includes(empty)
    ? orEmpty(tag, one)
    : { ...anyValue(tag, one), ...quick(tag, vr, wanted), ...named(tag, wanted, options) };
}

function named(tag: string, texts: readonly string[], { fuzzy = false }: MatchOptions): Pick<Key, 'names'> {
  if (tag !== patientName || texts.some((text) => text.includes('='))) return {};
  return { names: { texts, fuzzy } };
}

/** What lets a single value be looked up instead of compared with everything. */
function quick(tag: string, vr: Vr, [text, ...more]: readonly string[]): Pick<Key, 'exact' | 'range'> {
  if (text === undefined || more.length > 0) return {};
  if (isRangeVr(vr)) return { range: parseRange(tag, vr, text) };
  return /[*?]/.test(text) ? {} : { exact: folded(text) };
}

/** Any of several values matches, whatever the VR (C.2.2.2.2, C.2.2.2.8). */
const anyValue = (tag: string, one: Matcher): Key => ({
  tags: [tag],
  one,
  test: (source) => source.texts(tag).some(one),
});

const orEmpty = (tag: string, one: Matcher): Key => ({
  tags: [tag],
  test: (source) => {
    const values = source.texts(tag);
    return values.every((value) => value === '') || values.some(one);
  },
});

/** Two quotation marks ask for attributes without a value (C.2.2.2.7). */
const empty = '""';
const patientName = tagOfKeyword('PatientName');
const patientId = tagOfKeyword('PatientID');
const unmatchable = new Set<Vr>(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);

/** A query may name any VR, or none in implicit VR; what the dictionary says counts. */
function vrOf(tag: string, { vr }: JsonAttribute): Vr {
  const known = vrOfTag(tag);
  return known === 'UN' ? vr : known;
}

function matcher(tag: string, vr: Vr, wanted: string, { fuzzy = false }: MatchOptions): Matcher {
  if (isRangeVr(vr)) return inRange(vr, parseRange(tag, vr, wanted));
  if (isNumeric(vr)) return number(tag, wanted);
  if (tag === patientId) return identifier(wanted);
  if (vr !== 'PN') return textual(wanted);
  const exact = personNameMatcher(wanted);
  if (!fuzzy) return exact;
  // adds to what wildcards find (PS3.18 8.3.4.2): viewers ask for *text* and for fuzziness at once
  const alike = fuzzyName(wanted);
  return (value) => exact(value) || alike(value);
}

/** A normalized number that any spelling of it finds; what isn't marked so is compared as it is written (PS3.5 6.2, LO). */
export const inAnySpelling = (value: string): string => `\u0001${value}`;

function identifier(wanted: string): Matcher {
  const [written, kept] = [textual(wanted), textual(inAnySpelling(unseparated(wanted)))];
  return (value) => written(value) || kept(value);
}

function uids(tag: string, wanted: readonly string[]): Key {
  must(wanted.every(isUid), 'query/key', { at: tag, message: 'is not a list of UIDs' });
  const set = new Set(wanted);
  return { ...anyValue(tag, (value) => set.has(value)), uids: set };
}

function number(tag: string, text: string): Matcher {
  const wanted = text.trim() === '' ? Number.NaN : Number(text);
  must(!Number.isNaN(wanted), 'query/key', { at: tag, message: 'is not a number' });
  return (value) => value !== '' && Number(value) === wanted;
}

/** Some item matches all keys of the one item in the query (C.2.2.2.6). */
function sequence(tag: string, { Value = [] }: JsonAttribute, options: MatchOptions): Key | undefined {
  const items = Value.filter(isItem);
  must(items.length <= 1, 'query/key', { at: tag, message: 'has more than one item' });
  const keys = items[0] === undefined ? [] : keysOf(items[0], options);
  if (keys.length === 0) return undefined;
  return {
    tags: [tag],
    test: (source) => source.items(tag).some((item) => keys.every((key) => key.test(sourceOf(item)))),
  };
}

/** Dates with the times that belong to them: birth; study, series, acquisition, content; steps, scheduled and performed. */
const moments = [
  ...['Study', 'Series', 'Acquisition', 'Content', 'PatientBirth'],
  ...['ScheduledProcedureStepStart', 'ScheduledProcedureStepEnd'],
  ...['PerformedProcedureStepStart', 'PerformedProcedureStepEnd'],
].map((what) => ({ date: tagOfKeyword(`${what}Date`), time: tagOfKeyword(`${what}Time`) }));

function combinedKeys(keys: DicomJson): Key[] {
  return moments.flatMap(({ date, time }): Key[] => {
    const [day, hour] = [onlyRange(keys, date, 'DA'), onlyRange(keys, time, 'TM')];
    if (!day?.open || !hour?.open) return [];
    const both = inBoth(day, hour);
    return [{ tags: [date, time], range: day, test: (source) => both(source.texts(date), source.texts(time)) }];
  });
}

function onlyRange(keys: DicomJson, tag: string, vr: 'DA' | 'TM'): ValueRange | undefined {
  const [text, ...more] = queryTexts(keys[tag]);
  return text === undefined || /^\*+$/.test(text) || text === empty || more.length > 0
    ? undefined
    : parseRange(tag, vr, text);
}
