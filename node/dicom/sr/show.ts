// Content items in words, for people: what `report-text.ts` and `report-html.ts` share. What an item says itself stays in
// the language that it was written in; what stands around it is in the reader's.
import type { Translate } from '../../api/texts/texts.ts';
import type { ContentItem, Report } from './report.ts';
import type { ReferencedInstance } from './values.ts';

/** DA as a date with dashes; anything else as it is. */
const dateText = (text: string): string => text.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');

/** TM with colons, without fractions; anything else as it is. */
const timeText = (text: string): string =>
  text.replace(/^(\d\d)(\d\d)?(\d\d)?(?:\.\d*)?$/, (_all, h: string, m?: string, s?: string) =>
    [h, m, s].filter((part) => part !== undefined).join(':'),
  );

/** DT with dashes and colons, its offset as it is. */
function dateTimeText(text: string): string {
  const match = /^(\d{8})(\d{2,6})?(?:\.\d*)?([+-]\d{4})?$/.exec(text);
  if (match === null) return text;
  const [, date = '', time, offset] = match;
  return [dateText(date), time && timeText(time), offset].filter(Boolean).join(' ');
}

/** PN as people say it: prefix, given, middle, family, suffix. */
function nameText(text: string): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = text.split('^');
  return [prefix, given, middle, family, suffix].filter((part) => part !== '').join(' ');
}

/** What an item says, in one line or several; containers and tables say nothing here. */
export function valueWords({ value }: ContentItem, t: Translate): string {
  switch (value.type) {
    case 'CONTAINER':
    case 'TABLE':
      return '';
    case 'TEXT':
    case 'UIDREF':
      return value.text;
    case 'PNAME':
      return nameText(value.text);
    case 'DATE':
      return dateText(value.text);
    case 'TIME':
      return timeText(value.text);
    case 'DATETIME':
      return dateTimeText(value.text);
    case 'CODE':
      return value.code?.meaning ?? '';
    case 'NUM':
      return numberWords(value);
    case 'IMAGE':
    case 'COMPOSITE':
    case 'WAVEFORM':
      return value.instances.map((each) => instanceWords(each, t)).join('; ');
    case 'SCOORD':
    case 'SCOORD3D':
      return `${value.graphic} ${pointWords(value.points, value.type === 'SCOORD' ? 2 : 3, t)}`.trim();
    case 'TCOORD':
      return timeRangeWords(value, t);
    case 'REFERENCE':
      return t('report.see', { item: value.to.join('.') });
    case 'OTHER':
      return value.named === '' ? '' : `[${value.named}]`;
  }
}

function numberWords({ text, unit, qualifier }: Extract<ContentItem['value'], { type: 'NUM' }>): string {
  // UCUM's 1 and {ratio}-like annotations are no unit to be read.
  const named = unit === undefined || (unit.value === '1' && unit.meaning === '1') || unit.meaning === 'no units';
  const number = text === undefined ? '' : `${text}${named ? '' : ` ${unit.meaning}`}`;
  return [number, qualifier && `(${qualifier.meaning})`].filter(Boolean).join(' ');
}

/** Points that are written out; a contour has hundreds. */
const pointsShown = 8;

function pointWords(points: readonly number[], size: 2 | 3, t: Translate): string {
  const shown: string[] = [];
  for (let at = 0; at + size <= points.length && shown.length < pointsShown; at += size) {
    shown.push(`(${points.slice(at, at + size).join(', ')})`);
  }
  const rest = Math.floor(points.length / size) - shown.length;
  return rest > 0 ? t('report.more', { points: shown.join(' '), rest }) : shown.join(' ');
}

function timeRangeWords(value: Extract<ContentItem['value'], { type: 'TCOORD' }>, t: Translate): string {
  const { range, samples, offsets, dateTimes } = value;
  if (samples) return t('report.samples', { range, samples: first(samples) });
  if (offsets) return `${range} ${offsets.slice(0, pointsShown).join(', ')} s`;
  return `${range} ${(dateTimes ?? []).slice(0, pointsShown).map(dateTimeText).join(', ')}`.trim();
}

const first = (list: readonly unknown[]): string => list.slice(0, pointsShown).join(', ');

function instanceWords({ sopInstanceUid, frames, segments, channels }: ReferencedInstance, t: Translate): string {
  const more = [
    frames && t('report.frames', { list: first(frames) }),
    segments && t('report.segments', { list: first(segments) }),
    channels && t('report.channels', { list: first(channels) }),
  ].filter(Boolean);
  return more.length === 0 ? sopInstanceUid : `${sopInstanceUid} (${more.join('; ')})`;
}

const kinds = ['IMAGE', 'COMPOSITE', 'WAVEFORM', 'SCOORD', 'SCOORD3D', 'TCOORD'] as const;

/** What an item is called: its concept's meaning, or what kind of thing it is when that says something. */
export function nameWords({ name, value }: ContentItem, t: Translate): string {
  if (name !== undefined && name.meaning !== '') return name.meaning;
  const kind = kinds.find((each) => each === value.type);
  return kind === undefined ? '' : t(`report.${kind}`);
}

/** The lines above a report's content: whose it is, when it was made, and whether anybody answers for it. */
export function headLines(report: Report, t: Translate): (readonly [string, string])[] {
  const { patient, patientId, date, time, referring, authors } = report;
  const when = [date && dateText(date), time && timeText(time)].filter(Boolean).join(' ');
  const who = [patient && nameText(patient), patientId].filter(Boolean).join(', ');
  const verified = report.verifiers.map(({ name, organization, at }) =>
    [nameText(name), organization, at && dateTimeText(at)].filter(Boolean).join(', '),
  );
  const lines: [string, string][] = [
    [t('report.patient'), who],
    [t('report.date'), when],
    [t('report.referring'), referring ? nameText(referring) : ''],
    [t('report.authors'), authors.map(nameText).join('; ')],
    [t('report.state'), stateWords(report, t)],
    [t('report.verifiedBy'), verified.join('; ')],
  ];
  return lines.filter(([, text]) => text !== '');
}

/** Completion and verification flags (PS3.3 C.17.2), which are words in capitals, and what the author says of them. */
function stateWords({ completion, completionDescription, verified }: Report, t: Translate): string {
  const complete = completion === 'COMPLETE' || completion === 'PARTIAL' ? t(`report.${completion}`) : completion;
  const state = completion && `${complete}, ${t(verified ? 'report.VERIFIED' : 'report.UNVERIFIED')}`;
  return [state, completionDescription].filter(Boolean).join(': ');
}
