// Content items in words, for people: what `report-text.ts` and `report-html.ts` share.
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
export function valueWords({ value }: ContentItem): string {
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
      return value.instances.map(instanceWords).join('; ');
    case 'SCOORD':
    case 'SCOORD3D':
      return `${value.graphic} ${pointWords(value.points, value.type === 'SCOORD' ? 2 : 3)}`.trim();
    case 'TCOORD':
      return timeRangeWords(value);
    case 'REFERENCE':
      return `see item ${value.to.join('.')}`;
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

function pointWords(points: readonly number[], size: 2 | 3): string {
  const shown: string[] = [];
  for (let at = 0; at + size <= points.length && shown.length < pointsShown; at += size) {
    shown.push(`(${points.slice(at, at + size).join(', ')})`);
  }
  const rest = Math.floor(points.length / size) - shown.length;
  return rest > 0 ? `${shown.join(' ')} and ${rest} more` : shown.join(' ');
}

function timeRangeWords(value: Extract<ContentItem['value'], { type: 'TCOORD' }>): string {
  const { range, samples, offsets, dateTimes } = value;
  if (samples) return `${range} samples ${samples.slice(0, pointsShown).join(', ')}`;
  if (offsets) return `${range} ${offsets.slice(0, pointsShown).join(', ')} s`;
  return `${range} ${(dateTimes ?? []).slice(0, pointsShown).map(dateTimeText).join(', ')}`.trim();
}

function instanceWords({ sopInstanceUid, frames, segments, channels }: ReferencedInstance): string {
  const more = [
    frames && `frames ${frames.slice(0, pointsShown).join(', ')}`,
    segments && `segments ${segments.slice(0, pointsShown).join(', ')}`,
    channels && `channels ${channels.slice(0, pointsShown).join(', ')}`,
  ].filter(Boolean);
  return more.length === 0 ? sopInstanceUid : `${sopInstanceUid} (${more.join('; ')})`;
}

/** What an item is called: its concept's meaning, or what kind of thing it is when that says something. */
export function nameWords({ name, value }: ContentItem): string {
  if (name !== undefined && name.meaning !== '') return name.meaning;
  const kinds: Readonly<Record<string, string>> = {
    IMAGE: 'Image',
    COMPOSITE: 'Object',
    WAVEFORM: 'Waveform',
    SCOORD: 'Region',
    SCOORD3D: 'Region',
    TCOORD: 'Time',
  };
  return kinds[value.type] ?? '';
}

/** The lines above a report's content: whose it is, when it was made, and whether anybody answers for it. */
export function headLines(report: Report): (readonly [string, string])[] {
  const { patient, patientId, date, time, referring, authors, completion, completionDescription } = report;
  const when = [date && dateText(date), time && timeText(time)].filter(Boolean).join(' ');
  const who = [patient && nameText(patient), patientId].filter(Boolean).join(', ');
  const verified = report.verifiers.map(({ name, organization, at }) =>
    [nameText(name), organization, at && dateTimeText(at)].filter(Boolean).join(', '),
  );
  const state = [completion, completion && (report.verified ? 'VERIFIED' : 'UNVERIFIED')].filter(Boolean).join(', ');
  const lines: [string, string][] = [
    ['Patient', who],
    ['Date', when],
    ['Referring physician', referring ? nameText(referring) : ''],
    ['Authors', authors.map(nameText).join('; ')],
    ['State', [state, completionDescription].filter(Boolean).join(': ')],
    ['Verified by', verified.join('; ')],
  ];
  return lines.filter(([, text]) => text !== '');
}
