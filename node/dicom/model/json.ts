// Values in the DICOM JSON model (PS3.18 F): UTF-8 text, numbers as numbers, long values as byte ranges.

import { type Charset, latin1, type TextKind } from '../text/charset.ts';
import { trimmedEnd, unpadded } from '../text/trim.ts';
import type { ElementEvent } from './dataset-events.ts';
import { tagName } from './tags.ts';
import type { Vr } from './vr.ts';

export interface JsonPersonName {
  Alphabetic?: string;
  Ideographic?: string;
  Phonetic?: string;
}

export type JsonValue = string | number | null | JsonPersonName | DicomJson;

/** One attribute. `BulkDataURI` holds `bulkUri`'s placeholder, not yet a URI; `SQ` may have one too (a cap of ours). */
export interface JsonAttribute {
  vr: Vr;
  Value?: JsonValue[];
  InlineBinary?: string;
  BulkDataURI?: string;
}

/** A data set: attributes by eight hexadecimal digits. */
export interface DicomJson {
  [tag: string]: JsonAttribute;
}

/** The placeholder for a value that stays in the data set: `offset/length` in bytes from the data set's start. */
export const bulkUri = (offset: number, length: number): string => `${offset}/${length}`;

/** The range behind `bulkUri`'s placeholder, or undefined when the text is none. */
export function bulkRange(placeholder: string): { offset: number; length: number } | undefined {
  const match = /^(\d{1,15})\/(\d{1,15})$/.exec(placeholder);
  return match ? { offset: Number(match[1]), length: Number(match[2]) } : undefined;
}

/**
 * The text of DICOM JSON with attributes in ascending order (PS3.18 F.2.2; an object's own order puts (2001,0010) before
 * (0008,0005)), and with URIs for the placeholders: `uriOf` gets the tag and `bulkUri`'s text.
 */
export function dicomJsonText(json: DicomJson, uriOf: (tag: string, placeholder: string) => string): string {
  const attributes = Object.keys(json)
    .sort()
    .map((tag) => `"${tag}":${attributeText(tag, json[tag]!, uriOf)}`);
  return `{${attributes.join(',')}}`;
}

function attributeText(tag: string, attribute: JsonAttribute, uriOf: (tag: string, placeholder: string) => string) {
  const { vr, Value, BulkDataURI } = attribute;
  if (BulkDataURI !== undefined) return JSON.stringify({ vr, BulkDataURI: uriOf(tag, BulkDataURI) });
  if (vr !== 'SQ' || Value === undefined) return JSON.stringify(attribute);
  return `{"vr":"SQ","Value":[${Value.map((item) => dicomJsonText(item as DicomJson, uriOf)).join(',')}]}`;
}

/** The JSON of one element whose value is there. */
export function jsonAttribute(event: ElementEvent & { readonly value: Uint8Array }, charset: Charset): JsonAttribute {
  const { vr, value } = event;
  if (value.length === 0) return { vr };
  const number = numbers[vr];
  if (number) return filled(vr, eachNumber(event, number));
  if (binaryUnits[vr] !== undefined) return { vr, InlineBinary: base64(event, binaryUnits[vr]) };
  return filled(vr, textValues(vr, value, charset));
}

function filled(vr: Vr, values: JsonValue[]): JsonAttribute {
  return values.length === 0 ? { vr } : { vr, Value: values };
}

interface NumberReader {
  readonly size: number;
  readonly read: (view: DataView, at: number, littleEndian: boolean) => JsonValue;
}

// JSON has no NaN and no infinity, and 64 bits only up to 2^53: these stay strings.
const finite = (value: number): JsonValue => (Number.isFinite(value) ? value : String(value));
const wide = (value: bigint): JsonValue => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value));

const numbers: Readonly<Record<Vr, NumberReader>> = {
  US: { size: 2, read: (view, at, little) => view.getUint16(at, little) },
  SS: { size: 2, read: (view, at, little) => view.getInt16(at, little) },
  UL: { size: 4, read: (view, at, little) => view.getUint32(at, little) },
  SL: { size: 4, read: (view, at, little) => view.getInt32(at, little) },
  FL: { size: 4, read: (view, at, little) => finite(view.getFloat32(at, little)) },
  FD: { size: 8, read: (view, at, little) => finite(view.getFloat64(at, little)) },
  UV: { size: 8, read: (view, at, little) => wide(view.getBigUint64(at, little)) },
  SV: { size: 8, read: (view, at, little) => wide(view.getBigInt64(at, little)) },
  AT: {
    size: 4,
    read: (view, at, little) => tagName(view.getUint16(at, little) * 0x10000 + view.getUint16(at + 2, little)),
  },
};

function eachNumber({ value, littleEndian }: ElementEvent & { readonly value: Uint8Array }, how: NumberReader) {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const values: JsonValue[] = [];
  for (let at = 0; at + how.size <= value.length; at += how.size) values.push(how.read(view, at, littleEndian));
  return values;
}

/** Bytes that swap places in big-endian data: InlineBinary is always little-endian (PS3.18 F.2.7). */
const binaryUnits: Readonly<Record<Vr, number>> = { OB: 1, UN: 1, OW: 2, OF: 4, OL: 4, OD: 8, OV: 8 };

function base64({ value, littleEndian }: ElementEvent & { readonly value: Uint8Array }, unit: number): string {
  const bytes = Buffer.from(value);
  if (!littleEndian && unit > 1) {
    for (let at = 0; at + unit <= bytes.length; at += unit) bytes.subarray(at, at + unit).reverse();
  }
  return bytes.toString('base64');
}

const single = new Set<Vr>(['LT', 'ST', 'UT', 'UR']);
/** The VRs whose text is in the data set's character set (PS3.5 6.1.2.2). */
export const byCharset: ReadonlySet<Vr> = new Set<Vr>(['SH', 'LO', 'ST', 'LT', 'UC', 'UT', 'PN']);
// A sign, digits, a point, an exponent: what DS allows (PS3.5 6.2) and what Number reads alike.
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function textValues(vr: Vr, bytes: Uint8Array, charset: Charset): JsonValue[] {
  const kind: TextKind = vr === 'PN' ? 'name' : single.has(vr) ? 'text' : 'values';
  const text = byCharset.has(vr) ? charset.decode(bytes, kind) : latin1(bytes);
  if (single.has(vr)) {
    const whole = unpadded(text);
    return whole === '' ? [] : [whole];
  }
  if (!text.includes('\\')) {
    const only = oneValue(vr, trimmed(text));
    return only === null ? [] : [only];
  }
  const values = text.split('\\').map((part) => oneValue(vr, trimmed(part)));
  return values;
}

const isPadding = (code: number): boolean => code === 0x20 || code === 0;

function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isPadding(text.charCodeAt(start))) start += 1;
  while (end > start && isPadding(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function oneValue(vr: Vr, text: string): JsonValue {
  if (text === '') return null;
  if (vr === 'PN') return personName(text);
  if (vr !== 'IS' && vr !== 'DS') return text;
  const number = decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}

function personName(text: string): JsonValue {
  const [alphabetic, ideographic, phonetic] = text.split('=').map((group) => trimmedEnd(group, '^ '));
  const name: JsonPersonName = {};
  if (alphabetic) name.Alphabetic = alphabetic;
  if (ideographic) name.Ideographic = ideographic;
  if (phonetic) name.Phonetic = phonetic;
  return Object.keys(name).length === 0 ? null : name;
}

/** At least the bytes that an attribute takes as JSON in UTF-8, its key counted. Sequences count their content apart. */
export function jsonSize({ Value, InlineBinary, BulkDataURI }: JsonAttribute): number {
  let size = 48 + (InlineBinary?.length ?? 0) + (BulkDataURI?.length ?? 0);
  for (const value of Value ?? []) {
    if (typeof value === 'string') size += 3 + stringSize(value);
    else if (typeof value === 'number') size += value >= 0 && value < 1e6 && Number.isInteger(value) ? 7 : 25;
    else if (value === null) size += 5;
    else
      size +=
        50 + Object.values(value).reduce((sum, part) => sum + (typeof part === 'string' ? stringSize(part) : 0), 0);
  }
  return size;
}

function stringSize(text: string): number {
  let size = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || (code >= 0xd800 && code < 0xe000)) size += 6;
    else if (code === 0x22 || code === 0x5c) size += 2;
    else size += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
  }
  return size;
}
