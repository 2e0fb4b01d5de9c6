// What comes from other systems' orders, as DICOM's values can hold it (PS3.5 6.2).
import type { ErrorCode } from '../../protocol/errors.ts';
import { must } from '../../protocol/errors.ts';
import { isUid } from '../dicom/model/uid.ts';
import type { Moment } from './order.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what DICOM text may not have
const unfit = /[\u0000-\u001f\u007f\\\ufffd]+/g;

/** One line of at most `max` characters, or undefined when nothing is left; longer text is cut. */
export function line(text: unknown, max = 64): string | undefined {
  if (typeof text !== 'string') return undefined;
  const one = Array.from(text.replace(unfit, ' ').trim()).slice(0, max).join('').trim();
  return one === '' ? undefined : one;
}

/** A name's component: what separates components and forms is taken out. */
const part = (text: unknown): string => line(typeof text === 'string' ? text.replace(/[\^=]+/g, ' ') : text) ?? '';

/** `Family^Given^Middle^Prefix^Suffix`, or undefined. PN has at most 64 characters for each form. */
export function personNameOf(parts: readonly unknown[]): string | undefined {
  const name = parts.slice(0, 5).map(part).join('^').replace(/\^+$/, '');
  return name === '' ? undefined : Array.from(name).slice(0, 64).join('');
}

/** What identifies something: never cut, since another may begin the same. @throws PeerError `code` naming `at` */
export function identifier(text: unknown, max: number, code: ErrorCode, at: string): string | undefined {
  if (text === undefined || text === '') return undefined;
  const one = line(text, max + 1);
  must(typeof text === 'string' && one !== undefined && Array.from(one).length <= max, code, {
    at,
    message: `must be text of at most ${max} characters`,
  });
  return one;
}

/** @throws PeerError `code` naming `at` */
export function uid(text: unknown, code: ErrorCode, at: string): string | undefined {
  if (text === undefined || text === '') return undefined;
  const plain = typeof text === 'string' ? text.replace(/^urn:oid:/, '') : '';
  must(isUid(plain), code, { at, message: 'is not a UID' });
  return plain;
}

/** Digits of a date, and of a time if there is one, as they stand: the hospital's own time, whatever the offset. */
export function momentOf(digits: string): Moment | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?/.exec(digits);
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = match;
  const sound = isDate(`${year}${month}${day}`) && hour < '24' && minute < '60' && second < '60';
  return sound ? { date: `${year}${month}${day}`, time: `${hour}${minute}${second}` } : undefined;
}

const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** YYYYMMDD that the calendar has (29 February in any year). */
export function isDate(text: string): boolean {
  if (!/^\d{8}$/.test(text)) return false;
  const [month, day] = [Number(text.slice(4, 6)), Number(text.slice(6))];
  return day >= 1 && day <= (days[month - 1] ?? 0);
}

const modalityPattern = /^[A-Z0-9 _]{1,16}$/;

/** A modality as DICOM names it (CID 29), from what others call it. */
export function modality(text: unknown): string | undefined {
  const upper = (line(text) ?? '').toUpperCase();
  const known = synonyms[upper] ?? upper;
  return modalityPattern.test(known) ? known : undefined;
}

// HL7 table 0074 (Diagnostic Service Section) where it isn't DICOM's own code; RAD says nothing.
const synonyms: Readonly<Record<string, string>> = {
  NMR: 'MR',
  RUS: 'US',
  VUS: 'US',
  OUS: 'US',
  NMS: 'NM',
  RX: 'CR',
  RAD: '',
};

/** AE title: at most 16 characters of ASCII. */
export function aeTitle(text: unknown): string | undefined {
  const title = line(text, 17);
  return title !== undefined && /^[\x20-\x7e]{1,16}$/.test(title) ? title : undefined;
}
