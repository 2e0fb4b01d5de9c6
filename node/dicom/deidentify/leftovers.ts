// What was taken out may stand elsewhere too: a patient's name in a software version, an accession number in a code. All
// that is removed is remembered here, and text that would have been kept goes when it repeats any of it.
import type { Vr } from '../model/vr.ts';
import { valuesOf } from './raw/text-values.ts';
import { isDescriptive, tokensOf } from './rules/descriptions.ts';

/** More different texts than this are not remembered: then no text at all is kept. */
const mostTerms = 200_000;
/** Terms that are looked for inside of words. */
const mostInside = 2_000;
const longest = 64;

/** What programs write where nothing is known, and what people write who are nobody. */
const nobody =
  /^(none|null|nil|unknown|undefined|anonymous|anonymi[sz]ed|anon|removed|deidentified|de-identified|n\/a|not available|unspecified|default|other|patient|name|doctor|operator|hospital)$/;

const plain = (text: string): string => text.normalize('NFC').toLowerCase();

export class Leftovers {
  readonly #words = new Set<string>();
  readonly #inside = new Set<string>();
  readonly #personal = new Set<string>();
  readonly #seen = new Map<string, boolean>();
  #pattern: RegExp | undefined;
  #overflown = false;

  /** A value that the result must not repeat. `personal`: a name or number of a person, also looked for inside words. */
  add(vr: Vr, text: string, personal: boolean): void {
    if (this.#overflown) return;
    for (const value of valuesOf(vr, text)) this.#remember(vr, plain(value.trim()), personal);
    this.#overflown = this.#words.size > mostTerms || this.#inside.size > mostInside;
  }

  #remember(vr: Vr, value: string, personal: boolean): void {
    if (vr === 'PN') {
      for (const part of value.split(/[\^= ,.]+/)) if (part.length >= 3) this.#term(part, personal && part.length >= 4);
      if (/[\^= ]/.test(value)) this.#term(value, false);
    } else if (vr === 'DA' || vr === 'DT') {
      const day = value.replaceAll('.', '').slice(0, 8);
      if (day.length === 8) this.#words.add(day);
      if (value.length > 8) this.#words.add(value);
    } else if (value.length >= (vr === 'TM' ? 6 : 4)) this.#term(value, personal);
  }

  #term(value: string, personal: boolean): void {
    // words that describe images name nobody; a long text does not come twice
    if (value.length > longest || isDescriptive(value) || nobody.test(value) || /^[0. -]*$/.test(value)) return;
    this.#words.add(value);
    if (personal) this.#personal.add(value);
    const several = tokensOf(value).join() !== value;
    if (personal || (several && !/^[\d.]+$/.test(value))) this.#inside.add(value);
  }

  /** Whether a text repeats what was removed; a coded one, which is of a known list: whether it names a person. */
  isIn(text: string, coded = false): boolean {
    if (this.#overflown) return true;
    if (coded)
      return [...plain(text).split('\\'), ...tokensOf(plain(text))].some((word) => this.#personal.has(word.trim()));
    const known = this.#seen.get(text);
    if (known !== undefined) return known;
    const found = this.#look(plain(text));
    if (this.#seen.size < 10_000) this.#seen.set(text, found);
    return found;
  }

  #look(text: string): boolean {
    if (this.#words.has(text.trim())) return true;
    const words = text.match(/[\p{L}\p{M}\p{N}]+(?:[._-][\p{L}\p{M}\p{N}]+)*/gu) ?? [];
    const single = words.flatMap((word) => (/[._-]/.test(word) ? [word, ...word.split(/[._-]/)] : [word]));
    if (single.some((word) => this.#words.has(word))) return true;
    if (this.#inside.size === 0) return false;
    this.#pattern ??= new RegExp([...this.#inside].map((each) => RegExp.escape(each)).join('|'), 'u');
    return this.#pattern.test(text);
  }
}
