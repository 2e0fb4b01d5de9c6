// Whether two sets of demographics under one identifier can be one person's (SPEC 3.8). It errs towards two persons: what
// is taken for two waits for somebody to look, what is taken for one is released.
import { nameKey } from './name-key.ts';
import { variantOf } from './name-variants.ts';

/** What is said of a person. What is absent, empty or a placeholder says nothing. */
export interface Demographics {
  /** A DICOM person name (PS3.5 6.2, PN), or free text. */
  readonly name?: string | undefined;
  /** YYYYMMDD (PS3.5 6.2, DA). */
  readonly birthDate?: string | undefined;
  /** M, F or O (PS3.3 C.7.1.1). */
  readonly sex?: string | undefined;
}

/**
 * True when they contradict each other: two real birth dates that differ; names without a part in common; a family name
 * in common whose given names have nothing to do with each other, as twins have. Symmetric, and nothing contradicts
 * itself. A sex alone never does: it is the field that clerks leave as the machine had it.
 */
export function contradicts(a: Demographics, b: Demographics): boolean {
  if (a.name === b.name && a.birthDate === b.birthDate) return false; // nearly always
  const [bornA, bornB] = [birthDateOf(a.birthDate), birthDateOf(b.birthDate)];
  if (bornA !== undefined && bornB !== undefined && bornA !== bornB) return true;
  const [formsA, formsB] = [formsOf(a.name), formsOf(b.name)];
  if (formsA.length === 0 || formsB.length === 0) return false;
  // a name may be written in several scripts: they are one person's when any two agree
  return !formsA.some((left) => formsB.some((right) => agree(left, right)));
}

/** One written form of a name: the keys of its parts. */
interface NameParts {
  readonly family: readonly string[];
  readonly given: readonly string[];
}

function agree(a: NameParts, b: NameParts): boolean {
  const [allA, allB] = [
    [...a.family, ...a.given],
    [...b.family, ...b.given],
  ];
  if (!meet(allA, allB)) return false;
  if (a.given.length === 0 || b.given.length === 0) return true;
  // a surname changes by marriage, a given name doesn't; either may stand in the other's place
  return meet(a.given, allB) || meet(b.given, allA);
}

const meet = (a: readonly string[], b: readonly string[]): boolean =>
  a.some((left) => b.some((right) => alike(left, right)));

/** Equal, variants of one name, or one is the other's initial. */
function alike(a: string, b: string): boolean {
  if (a === b || variantOf(a) === variantOf(b)) return true;
  return (a.length === 1 && b.startsWith(a)) || (b.length === 1 && a.startsWith(b));
}

/** What stands where nobody knew a name. */
const placeholders = new Set(
  ['anonymous', 'anonim', 'anonymized', 'unknown', 'necunoscut', 'неизвестный', 'noname', 'name', 'none', 'nn', 'no']
    .concat(['patient', 'pacient', 'пациент', 'test', 'тест', 'xxx', 'xx', 'x', 'baby', 'copil', 'nou', 'nascut'])
    .map(nameKey),
);

/** The usable forms of a name: a PN has up to three, joined by `=`; other text is one with its first word as family. */
function formsOf(name: string | undefined): NameParts[] {
  const forms = (name ?? '').split('=').map((form): NameParts => {
    const [family = '', ...given] = form.includes('^') ? form.split('^').slice(0, 3) : [form];
    if (form.includes('^')) return { family: keysOf(family), given: given.flatMap(keysOf) };
    const [first, ...rest] = keysOf(family);
    return { family: first === undefined ? [] : [first], given: rest };
  });
  return forms.filter(({ family, given }) => family.length + given.length > 0);
}

const keysOf = (text: string): string[] =>
  nameKey(text)
    .split(' ')
    .filter((part) => /\p{L}/u.test(part) && !placeholders.has(part));

/** A date on which somebody can be born and which is nobody's stand-in. */
function birthDateOf(text: string | undefined): string | undefined {
  const digits = text?.trim().replace(/^(\d{4})[.-](\d{2})[.-](\d{2})$/, '$1$2$3');
  if (digits === undefined || !/^\d{8}$/.test(digits)) return undefined;
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number) as [
    number,
    number,
    number,
  ];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  const isReal = year > 1850 && days !== undefined && day >= 1 && day <= days;
  return isReal && !standIns.has(digits) ? digits : undefined;
}

/** Dates that devices and clerks put where none is known. */
const standIns = new Set(['19000101', '19010101', '20000101', '19700101']);
