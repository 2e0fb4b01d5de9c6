// Which letters a name's key can begin with, told by the name's first letter alone: most names need no key to be compared.

/** First letters of keys, by first letters of names in lower case: the digraphs and rules of name-key.ts decide between them. */
const byFirst: ReadonlyArray<readonly [letters: string, initials: string]> = [
  ...(['bб', 'fф', 'gгґhх', 'lл', 'mм', 'nн', 'oо', 'rр', 'uу', 'vвw'] as const).map((all) => [all, all[0]!] as const),
  ['aаăàáä', 'a'],
  ['âǎ', 'aie'],
  ['cçčkкqxчћ', 'cg'],
  ['dдđ', 'dg'],
  ['eеéèэєё', 'ei'],
  ['iîіиїйыjyжž', 'ie'],
  ['юя', 'ie'],
  ['pп', 'pf'],
  ['sșşšсшщ', 's'],
  ['tțţтц', 'tc'],
  ['zз', 'zie'],
  ['öóòô', 'o'],
  ['üúùû', 'u'],
  ['ñń', 'n'],
  ['ł', 'l'],
];

const bit = (letter: string): number => 1 << (letter.charCodeAt(0) - 0x61);
const bits = (letters: string): number => Array.from(letters, bit).reduce((all, each) => all | each, 0);

const table = new Int32Array(0x530).fill(-1);
for (const [letters, initials] of byFirst) {
  for (const letter of letters) {
    table[letter.charCodeAt(0)] = bits(initials);
    table[letter.toUpperCase().charCodeAt(0)] = bits(initials);
  }
}

/** A bit for each letter that the key of a text may begin with; all bits where the first character tells nothing. */
export const initialsOf = (text: string): number => table[text.charCodeAt(0)] ?? -1;

/** The bit of a key's own first letter; all bits where that is none, as with a wildcard. */
export const initialOf = (key: string): number => (/^[a-z]/.test(key) ? bit(key) : -1);
