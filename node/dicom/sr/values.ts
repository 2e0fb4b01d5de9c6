// What content items say, by value type (PS3.3 C.17.3.2.1, C.18).
import { itemsOf, numbersOf, textOf, textsOf } from '../model/attributes.ts';
import type { DicomJson, JsonAttribute, JsonPersonName } from '../model/json.ts';
import { type CodedConcept, codeOf } from './codes.ts';

export interface ReferencedInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Frames of a multi-frame image, 1 is the first. */
  readonly frames?: readonly number[] | undefined;
  readonly segments?: readonly number[] | undefined;
  /** Channels of a waveform, as pairs of multiplex group and channel. */
  readonly channels?: readonly number[] | undefined;
}

export type ContentValue =
  | { readonly type: 'CONTAINER'; readonly continuous: boolean }
  | { readonly type: TextType; readonly text: string }
  | { readonly type: 'CODE'; readonly code?: CodedConcept | undefined }
  /** `text` is the number as people read it; without one the qualifier says why. */
  | {
      readonly type: 'NUM';
      readonly text?: string | undefined;
      readonly unit?: CodedConcept | undefined;
      readonly qualifier?: CodedConcept | undefined;
    }
  | { readonly type: 'IMAGE' | 'COMPOSITE' | 'WAVEFORM'; readonly instances: readonly ReferencedInstance[] }
  | {
      readonly type: 'SCOORD' | 'SCOORD3D';
      /** POINT, MULTIPOINT, POLYLINE, CIRCLE, ELLIPSE, POLYGON, ELLIPSOID. */
      readonly graphic: string;
      /** Pairs (column, row) or triplets (x, y, z in mm). */
      readonly points: readonly number[];
      readonly frameOfReference?: string | undefined;
    }
  | {
      readonly type: 'TCOORD';
      readonly range: string;
      readonly samples?: readonly number[] | undefined;
      /** Seconds. */
      readonly offsets?: readonly number[] | undefined;
      readonly dateTimes?: readonly string[] | undefined;
    }
  | { readonly type: 'TABLE'; readonly rows: readonly (readonly string[])[] }
  /** The item of the tree that is meant, by the numbers of its branches from the root; 1 is the first. */
  | { readonly type: 'REFERENCE'; readonly to: readonly number[] }
  /** A value type of a later edition. */
  | { readonly type: 'OTHER'; readonly named: string };

export type TextType = keyof typeof texts;

/** Where each keeps its text. */
const texts = {
  TEXT: '0040A160',
  DATETIME: '0040A120',
  DATE: '0040A121',
  TIME: '0040A122',
  PNAME: '0040A123',
  UIDREF: '0040A124',
} as const;

/** What an item says. Never throws: what is missing is empty. */
export function contentValue(json: DicomJson): ContentValue {
  const type = textOf(json, '0040A040');
  if (type === undefined) {
    const to = numbersOf(json, '0040DB73');
    return to.length > 0 ? { type: 'REFERENCE', to } : { type: 'OTHER', named: '' };
  }
  if (Object.hasOwn(texts, type)) {
    const tag = texts[type as TextType];
    return { type: type as TextType, text: textOf(json, tag) ?? '' };
  }
  return readers[type]?.(json) ?? { type: 'OTHER', named: type };
}

const readers: Readonly<Record<string, (json: DicomJson) => ContentValue>> = {
  CONTAINER: (json) => ({ type: 'CONTAINER', continuous: textOf(json, '0040A050') === 'CONTINUOUS' }),
  CODE: (json) => ({ type: 'CODE', code: codeOf(json, '0040A168') }),
  NUM: measured,
  IMAGE: (json) => ({ type: 'IMAGE', instances: referenced(json) }),
  COMPOSITE: (json) => ({ type: 'COMPOSITE', instances: referenced(json) }),
  WAVEFORM: (json) => ({ type: 'WAVEFORM', instances: referenced(json) }),
  SCOORD: (json) => ({ type: 'SCOORD', ...graphic(json) }),
  SCOORD3D: (json) => ({ type: 'SCOORD3D', ...graphic(json), frameOfReference: textOf(json, '30060024') }),
  TCOORD: (json) => ({
    type: 'TCOORD',
    range: textOf(json, '0040A130') ?? '',
    samples: some(numbersOf(json, '0040A132')),
    offsets: some(numbersOf(json, '0040A138')),
    dateTimes: some(textsOf(json, '0040A13A')),
  }),
  TABLE: table,
};

const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined);

const graphic = (json: DicomJson) => ({
  graphic: textOf(json, '00700023') ?? '',
  points: numbersOf(json, '00700022'),
});

function measured(json: DicomJson): ContentValue {
  const item = itemsOf(json, '0040A300')[0];
  const float = item && textOf(item, '0040A161');
  return {
    type: 'NUM',
    text: (item && textOf(item, '0040A30A')) ?? float,
    unit: item && codeOf(item, '004008EA'),
    qualifier: codeOf(json, '0040A301'),
  };
}

const referenced = (json: DicomJson): ReferencedInstance[] =>
  itemsOf(json, '00081199').map((item) => ({
    sopClassUid: textOf(item, '00081150') ?? '',
    sopInstanceUid: textOf(item, '00081155') ?? '',
    frames: some(numbersOf(item, '00081160')),
    segments: some(numbersOf(item, '0062000B')),
    channels: some(numbersOf(item, '0040A0B0')),
  }));

/** Cells of one table that are shown. */
const cellsMost = 10_000;

// Tabulated Values (PS3.3 C.18.10): names of rows and columns, and cells by their numbers.
function table(json: DicomJson): ContentValue {
  const [values] = itemsOf(json, '0040A801');
  if (values === undefined) return { type: 'TABLE', rows: [] };
  const column = (item: DicomJson) => numbersOf(item, '0040A805')[0] ?? 0;
  const row = (item: DicomJson) => numbersOf(item, '0040A804')[0] ?? 0;
  const cells: [number, number, string][] = [
    ...itemsOf(values, '0040A807').map((item): [number, number, string] => [0, column(item), heading(item)]),
    ...itemsOf(values, '0040A806').map((item): [number, number, string] => [row(item), 0, heading(item)]),
    ...itemsOf(values, '0040A808').map((item): [number, number, string] => [row(item), column(item), cell(item)]),
  ].slice(0, cellsMost);
  const order = (index: 0 | 1) => [...new Set(cells.map((each) => each[index]))].sort((a, b) => a - b);
  const columns = order(1);
  if (columns.length * order(0).length > cellsMost) return { type: 'TABLE', rows: [] };
  const found = new Map(cells.map(([r, c, text]) => [`${r} ${c}`, text]));
  return { type: 'TABLE', rows: order(0).map((r) => columns.map((c) => found.get(`${r} ${c}`) ?? '')) };
}

function heading(item: DicomJson): string {
  const code = codeOf(item, '0040A043');
  const unit = codeOf(item, '004008EA');
  return `${code?.meaning ?? ''}${unit === undefined ? '' : ` [${unit.meaning}]`}`;
}

const numberTags = new Set(['0040A804', '0040A805']);

// A cell holds its value in the attribute of its VR (PS3.3 10.17); whatever is there is shown.
const cell = (item: DicomJson): string =>
  Object.entries(item)
    .filter(([tag]) => !numberTags.has(tag))
    .map(([tag, attribute]) => codeOf(item, tag)?.meaning ?? plain(attribute))
    .filter((text) => text !== '')
    .join(' ');

const plain = ({ Value = [] }: JsonAttribute): string =>
  Value.map((value) => {
    if (value === null) return '';
    return typeof value === 'object' ? ((value as JsonPersonName).Alphabetic ?? '') : String(value);
  }).join(', ');
