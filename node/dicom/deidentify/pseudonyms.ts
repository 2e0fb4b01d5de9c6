// What stands for a UID, a patient and a day after de-identification: always the same under the same key, and telling
// nothing without it (HMAC-SHA-256).
import { utf8 } from '../../../protocol/bytes.ts';
import { framed, hmac } from '../../../protocol/hash.ts';
import { latin1 } from '../text/charset.ts';
import { unpadded } from '../text/trim.ts';
import { addDays } from './days.ts';

/** The standard's own UIDs name kinds of things and well-known frames of reference, never a thing of a hospital. */
const wellKnown = /^1\.2\.840\.10008\./;

/** Dates move back by one to this many days, times of day stay. */
const mostDays = 3650;

export class Pseudonyms {
  readonly #key: Uint8Array;
  readonly #patient: string;
  readonly #uids = new Map<string, string>();

  /** @param patient whatever names the patient to us, the same for all that is his or hers */
  constructor(key: Uint8Array, patient: string) {
    this.#key = key;
    this.#patient = patient;
  }

  /** How many different UIDs were replaced. */
  get uids(): number {
    return this.#uids.size;
  }

  /** `2.25.` and a UUID as an integer (PS3.5 B.2); a well-known UID stays. Without its padding. */
  uid(text: string): string {
    if (text === '' || wellKnown.test(text)) return text;
    const known = this.#uids.get(text);
    if (known !== undefined) return known;
    const bytes = this.#hash('uid', text).slice(0, 16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x80; // RFC 9562 version 8: made by a rule of our own
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const uid = `2.25.${BigInt(`0x${Buffer.from(bytes).toString('hex')}`)}`;
    this.#uids.set(text, uid);
    return uid;
  }

  /** Sixteen characters for Patient ID and Patient's Name, so that a viewer keeps two patients apart. */
  patient(): string {
    return `DEID-${Buffer.from(this.#hash('patient', this.#patient).subarray(0, 6)).toString('hex').toUpperCase().slice(0, 11)}`;
  }

  /** A DA or DT value on the patient's other calendar; undefined when it does not name a day. */
  date(text: string): string | undefined {
    const found = /^(\d{4})\.?(\d{2})\.?(\d{2})((?:\d{2}){0,3}(?:\.\d{1,6})?(?:[+-]\d{4})?)$/.exec(text);
    if (!found) return undefined;
    const [, year, month, day, rest] = found;
    const moved = addDays(Number(year), Number(month), Number(day), -this.#days());
    return moved === undefined ? undefined : `${moved}${rest}`;
  }

  #days(): number {
    const [a, b, c, d] = this.#hash('days', this.#patient) as unknown as [number, number, number, number];
    return 1 + ((a * 0x1000000 + (b << 16) + (c << 8) + d) % mostDays);
  }

  #hash(what: string, value: string): Uint8Array {
    return hmac(this.#key, framed([what, utf8(value)]));
  }
}

/** The text of a UI value without its padding. */
export const uidText = (bytes: Uint8Array): string => unpadded(latin1(bytes)).trim();
