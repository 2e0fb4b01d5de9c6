// One attribute of DICOM JSON as the bytes of its value (PS3.5 6.2), little endian, text as UTF-8, not padded.
import { must, PeerError } from '../../../protocol/errors.ts';
import type { JsonAttribute, JsonPersonName, JsonValue } from '../model/json.ts';
import type { Vr } from '../model/vr.ts';
import { trimmedEnd } from '../text/trim.ts';

/** VRs whose text is in the data set's character set; the others are single bytes (PS3.5 6.1.2.2). */
export const inCharset: ReadonlySet<Vr> = new Set(['SH', 'LO', 'ST', 'LT', 'UC', 'UT', 'PN']);
const oneByte = new Set<Vr>(['AE', 'AS', 'CS', 'DA', 'DS', 'DT', 'IS', 'TM', 'UI', 'UR']);
const whole = new Set<Vr>(['ST', 'LT', 'UT', 'UR']);

interface NumberWriter {
  readonly size: number;
  readonly write: (view: DataView, at: number, value: JsonValue) => void;
}

const integer = (low: number, high: number, value: JsonValue): number => {
  const number = typeof value === 'string' ? Number(value) : value;
  must(typeof number === 'number' && Number.isInteger(number), 'dicom/unwritable', { reason: 'not an integer' });
  must(number >= low && number <= high, 'dicom/unwritable', { reason: 'out of range' });
  return number;
};

// JSON has no NaN and no infinity: json.ts keeps them as strings.
const float = (value: JsonValue): number => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  must(typeof number === 'number' && (!Number.isNaN(number) || value === 'NaN'), 'dicom/unwritable', {
    reason: 'not a number',
  });
  return number;
};

function big(low: bigint, high: bigint, value: JsonValue): bigint {
  const text = typeof value === 'number' ? String(value) : value;
  must(typeof text === 'string' && /^-?\d{1,20}$/.test(text), 'dicom/unwritable', { reason: 'not an integer' });
  const number = BigInt(text);
  must(number >= low && number <= high, 'dicom/unwritable', { reason: 'out of range' });
  return number;
}

const numbers: Readonly<Record<Vr, NumberWriter>> = {
  US: { size: 2, write: (view, at, value) => view.setUint16(at, integer(0, 0xffff, value), true) },
  SS: { size: 2, write: (view, at, value) => view.setInt16(at, integer(-0x8000, 0x7fff, value), true) },
  UL: { size: 4, write: (view, at, value) => view.setUint32(at, integer(0, 0xffffffff, value), true) },
  SL: { size: 4, write: (view, at, value) => view.setInt32(at, integer(-0x80000000, 0x7fffffff, value), true) },
  FL: { size: 4, write: (view, at, value) => view.setFloat32(at, float(value), true) },
  FD: { size: 8, write: (view, at, value) => view.setFloat64(at, float(value), true) },
  UV: { size: 8, write: (view, at, value) => view.setBigUint64(at, big(0n, 2n ** 64n - 1n, value), true) },
  SV: { size: 8, write: (view, at, value) => view.setBigInt64(at, big(-(2n ** 63n), 2n ** 63n - 1n, value), true) },
  AT: {
    size: 4,
    write: (view, at, value) => {
      must(typeof value === 'string' && /^[0-9A-Fa-f]{8}$/.test(value), 'dicom/unwritable', { reason: 'not a tag' });
      view.setUint16(at, Number.parseInt(value.slice(0, 4), 16), true);
      view.setUint16(at + 2, Number.parseInt(value.slice(4), 16), true);
    },
  },
};

/** The value's bytes, of odd length where it is odd. Throws dicom/unwritable. */
export function valueBytes({ vr, Value = [], InlineBinary }: JsonAttribute): Uint8Array {
  if (InlineBinary !== undefined) return binaryBytes(InlineBinary);
  if (Value.length === 0) return new Uint8Array(0);
  const number = numbers[vr];
  if (number) return numberBytes(number, Value);
  must(inCharset.has(vr) || oneByte.has(vr), 'dicom/unwritable', { reason: 'a VR without values', vr });
  must(!whole.has(vr) || Value.length === 1, 'dicom/unwritable', { reason: 'several values', vr });
  const text = Value.map((value) => valueText(vr, value)).join('\\');
  if (inCharset.has(vr)) return Buffer.from(text, 'utf8');
  // What the reader took byte by byte goes back so; no other text has a place in these VRs.
  must(!/[^\0-\xff]/.test(text), 'dicom/unwritable', { reason: 'text outside its repertoire', vr });
  return Buffer.from(text, 'latin1');
}

function binaryBytes(text: string): Uint8Array {
  must(/^[A-Za-z0-9+/]*={0,2}$/.test(text), 'dicom/unwritable', { reason: 'not base64' });
  return Buffer.from(text, 'base64');
}

function numberBytes({ size, write }: NumberWriter, values: readonly JsonValue[]): Uint8Array {
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    write(view, i * size, value);
  });
  return bytes;
}

/** One value as text, as it stands between backslashes. */
function valueText(vr: Vr, value: JsonValue): string {
  if (value === null) return '';
  if (vr === 'PN') return nameText(value);
  if (vr === 'DS') return typeof value === 'number' ? decimalText(value) : longDecimal(plainText(vr, value));
  if (vr === 'IS') return integerText(value);
  return plainText(vr, value);
}

function plainText(vr: Vr, value: JsonValue): string {
  const text = typeof value === 'number' ? String(value) : value;
  must(typeof text === 'string', 'dicom/unwritable', { reason: 'not text', vr });
  must(whole.has(vr) || !text.includes('\\'), 'dicom/unwritable', { reason: 'a backslash in a value', vr });
  return text;
}

function nameText(value: JsonValue): string {
  if (typeof value === 'string') return plainText('PN', value);
  must(typeof value === 'object' && value !== null, 'dicom/unwritable', { reason: 'not a name' });
  const { Alphabetic = '', Ideographic = '', Phonetic = '' } = value as JsonPersonName;
  const groups = [Alphabetic, Ideographic, Phonetic].map((group) => plainText('PN', group));
  must(!groups.some((group) => group.includes('=')), 'dicom/unwritable', { reason: 'an equals sign in a name' });
  return trimmedEnd(groups.join('='), '=');
}

const decimalBytes = 16;
const integerBytes = 12;

/** A number as DS: exact where 16 characters can be (PS3.5 6.2), else its nearest of 16 characters. */
export function decimalText(value: number): string {
  must(Number.isFinite(value), 'dicom/unwritable', { reason: 'not a decimal' });
  const exact = Object.is(value, -0) ? '-0' : unsigned(String(value));
  if (exact.length <= decimalBytes) return exact;
  for (let digits = 16; digits > 0; digits -= 1) {
    const texts = [String(Number(value.toPrecision(digits))), value.toExponential(digits - 1)].map(unsigned);
    const fits = texts.find((text) => text.length <= decimalBytes && Number.isFinite(Number(text)));
    if (fits !== undefined) return fits;
  }
  throw new PeerError('dicom/unwritable', { reason: 'not a decimal' }); // never: one digit takes at most 7 characters
}

const unsigned = (text: string): string => text.replace('e+', 'e');

// JSON may hold DS as text, to be exact: what is a number but too long for DS is shortened like one.
function longDecimal(text: string): string {
  const number = text.length > decimalBytes ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? decimalText(number) : text;
}

function integerText(value: JsonValue): string {
  if (typeof value === 'string') return plainText('IS', value);
  const text = String(value);
  must(typeof value === 'number' && text.length <= integerBytes, 'dicom/unwritable', { reason: 'not an IS' });
  return text;
}
