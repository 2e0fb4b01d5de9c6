// Which character set text is really in, when none is declared or the declared one gives nonsense: by UTF-8's own
// check, else by how much the text looks like names and words in the scripts of this region.
import { textScore } from './text-score.ts';

/** What the data set declares: a WHATWG label of a single-byte set, `utf-8`, or nothing that is known. */
export type Declared = string | undefined;

/** Order decides between equals. 8859-16 before the others: what they share for Romanian has commas there, not cedillas. */
const cyrillic = ['windows-1251', 'koi8-u', 'iso-8859-5', 'ibm866'] as const;
const latin = ['windows-1252', 'iso-8859-16', 'windows-1250', 'iso-8859-2'] as const;

/** A reading must look so much better than the declared one, in all and for each byte beyond ASCII (natural logarithms). */
const strong = { all: 6, each: 1 };
/** What is not declared needs little to be taken for something else than Western European. */
const weak = 1.5;
/** Text under a declared set that is worth less than this for each byte beyond ASCII is hardly text. */
const implausible = (declared: string): number => (declared === 'iso-8859-5' ? -3.6 : -5);
/** Bytes beyond ASCII that prove nothing yet: ÄÖÜ may be an abbreviation. */
const few = 4;

/**
 * The label of the character set that the values are in, or undefined when the declared one (or, without one, Western
 * European) explains them as well. `values` are those with bytes beyond ASCII; those that are valid UTF-8 are not looked
 * at unless all are, so the caller decodes them as UTF-8 by themselves.
 */
export function guessCharset(values: readonly Uint8Array[], declared: Declared): string | undefined {
  const loose = values.filter((value) => !isUtf8(value));
  if (loose.length === 0) return isUtf8Instead(values, declared) ? 'utf-8' : undefined;
  const high = loose.reduce((sum, value) => sum + highBytes(value), 0);
  const known = declared === undefined || declared === 'utf-8' ? 'windows-1252' : declared;
  const before = scoreOf(loose, known);
  const [label, score] = best(loose);
  if (label === known) return declared === 'utf-8' ? label : undefined;
  if (known === declared) {
    // two letters of Latin-2 among plain ones are more than two capitals by themselves
    if (high < few && !label.startsWith('iso-8859-16')) return undefined;
    const contradicts =
      before < implausible(declared) * high && score - before >= Math.max(strong.all, strong.each * high);
    return contradicts ? label : undefined;
  }
  if (score - before >= weak) return label;
  return declared === 'utf-8' ? known : undefined;
}

/** Valid UTF-8 with at least one character of several bytes. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    return strictUtf8.decode(bytes).length < bytes.length;
  } catch (error) {
    // not UTF-8: the decoder says so by a TypeError
    if (error instanceof TypeError) return false;
    throw error;
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

// Continuation bytes are symbols or controls in the other sets, and capitals in ISO 8859-5: what is UTF-8 looks worse as
// anything else.
function isUtf8Instead(values: readonly Uint8Array[], declared: Declared): boolean {
  if (declared === undefined) return true;
  if (declared === 'utf-8') return false;
  const high = values.reduce((sum, value) => sum + highBytes(value), 0);
  if (declared === 'iso-8859-5' && high < few) return false;
  return scoreOf(values, 'utf-8') > scoreOf(values, declared);
}

function best(values: readonly Uint8Array[]): readonly [string, number] {
  let found: readonly [string, number] = [latin[0], Number.NEGATIVE_INFINITY];
  for (const label of [...latin, ...cyrillic]) {
    const score = scoreOf(values, label);
    if (score > found[1]) found = [label, score];
  }
  return found;
}

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/** Text of a set by its WHATWG label; what the set doesn't have becomes U+FFFD. */
export function decodeAs(label: string, bytes: Uint8Array): string {
  let decoder = decoders.get(label);
  if (decoder === undefined) {
    decoder = new TextDecoder(label, { ignoreBOM: true });
    decoders.set(label, decoder);
  }
  return decoder.decode(bytes);
}

const scoreOf = (values: readonly Uint8Array[], label: string): number =>
  values.reduce((sum, value) => sum + textScore(decodeAs(label, value)), 0);

function highBytes(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte >= 0x80) count += 1;
  return count;
}
