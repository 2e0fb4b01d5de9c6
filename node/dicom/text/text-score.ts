// How much text looks like names and words of this region: Cyrillic (Russian, Ukrainian), Romanian, other European.

/** Letters by how often names and medical words have them; the natural logarithm of a share for each group. */
const groups: ReadonlyArray<readonly [number, string]> = [
  // Russian, with Ukrainian's own letters
  [-2.4, 'аоие'],
  [-2.7, 'нврі'],
  [-3.1, 'тскл'],
  [-3.6, 'умдй'],
  [-4, 'пгбзячья'],
  [-4.8, 'ыжшхюцфїє'],
  [-5.6, 'щэёґ'],
  [-7, 'ъ'],
  [-9, 'ђѓѕјљњћќўџ'],
  // Latin letters with marks: Romanian, Western, Central European
  [-2.8, 'ăâîșțşţ'],
  [-3.2, 'éèäöüáíó'],
  [-3.6, 'ßçñëïôûêàåøæúœ'],
  [-4, 'čšžřěłąężźćńőűýůďťňđľ'],
  [-5, 'ãõìòù'],
  [-7, 'þðÿ'],
  // what text has between its words
  [-3.5, '„”“’‘«»–—…№°'],
];

const weights = new Map(
  groups.flatMap(([weight, letters]) => Array.from(letters, (letter) => [letter, weight] as const)),
);

const otherLetter = -8;
const symbol = -10;
const control = -14;

/** A run of letters, ASCII's too, and of all that is not ASCII. */
const runs = /[A-Za-z\u0080-\uffff]+/g;
const beyondAscii = /[\u0080-\uffff]/;

/** Sum over all characters beyond ASCII of how likely each is where it stands; 0 for plain ASCII, else below. */
export function textScore(text: string): number {
  let sum = 0;
  for (const [run] of text.matchAll(runs)) if (beyondAscii.test(run)) sum += runScore(run);
  return sum;
}

function runScore(run: string): number {
  let sum = 0;
  let [ascii, cyrillic, latin, caseBreaks] = [0, 0, 0, 0];
  let lowerBefore = false;
  for (const letter of run) {
    if (letter < '\u0080') ascii += 1;
    else {
      sum += weightOf(letter);
      if (isCyrillic(letter)) cyrillic += 1;
      else if (isLatin(letter)) latin += 1;
    }
    const lower = letter.toLowerCase();
    const upper = letter !== lower;
    if (upper && lowerBefore) caseBreaks += 1;
    lowerBefore = !upper && lower !== letter.toUpperCase();
  }
  sum -= 4 * caseBreaks;
  // words are in one script
  if (cyrillic > 0) sum -= 4 * Math.min(cyrillic, ascii + latin) + cyrillicShape(run);
  // Latin words are mostly plain letters: Ç alone is a word, ÈÂÀÍÎÂ is not
  if (latin > 1 && latin > ascii) sum -= 3.5 * (latin - ascii);
  return sum;
}

const weightOf = (letter: string): number => {
  const code = letter.charCodeAt(0);
  if (code < 0xa0 || code === 0xfffd) return control;
  const known = weights.get(letter.toLowerCase());
  if (known !== undefined) return known;
  return /\p{L}/u.test(letter) && code !== 0xaa && code !== 0xba ? otherLetter : symbol;
};

/** Words without vowels, with five consonants on end, or that begin as no Russian word does, and capitals inside. */
function cyrillicShape(run: string): number {
  const word = run.toLowerCase();
  let doubt = 0;
  if (word.length > 3 && !/[аеиоуыэюяёіїє]/.test(word)) doubt += 6;
  if (/[бвгджзклмнпрстфхцчшщ]{5}/.test(word)) doubt += 4;
  if (/^[ъьы]/.test(word)) doubt += 6;
  if (/[аеиоуыэюяёії]{4}/.test(word)) doubt += 4;
  return doubt;
}

const isCyrillic = (letter: string): boolean => letter >= '\u0400' && letter <= '\u052f';
const isLatin = (letter: string): boolean => /\p{Script=Latin}/u.test(letter);
