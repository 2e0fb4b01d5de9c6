// How names are compared: letters only matter as far as clerks agree on them.

const letters: Readonly<Record<string, string>> = {
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ß: 'ss',
  ı: 'i',
  þ: 'th',
  '\u2019': "'",
  '\u02bc': "'",
  // Cyrillic to Latin as Romanian documents write Russian, Ukrainian and Moldovan names.
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  ґ: 'g',
  д: 'd',
  е: 'e',
  є: 'e',
  ж: 'j',
  з: 'z',
  и: 'i',
  і: 'i',
  к: 'c',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  у: 'u',
  ф: 'f',
  х: 'h',
  ц: 't',
  ч: 'c',
  ш: 's',
  щ: 'sc',
  ъ: '',
  ы: 'i',
  ь: '',
  э: 'e',
  ю: 'iu',
  я: 'ia',
  ђ: 'd',
  ј: 'i',
  љ: 'l',
  њ: 'n',
  ћ: 'c',
  џ: 'g',
};

// Romanian spelling hardens c and g before e and i with an h, and softens c with an i before other sounds.
const softening = /[гк](?=[еиєіёэ])/gu;
// Юлия is Iulia.
const doubledI = /и(?=[яю])/gu;
const ciEnding = /ч(?=[аоуюя]|$|[^\p{L}*?])/gu;

/**
 * Text for name matching: lower case, no diacritics (ș = ş = s, ă = â = a), Cyrillic written as Romanian does
 * (Сергей Ковальчук = serghei covalciuc), spaces and `^` as one space. Not for display.
 */
export function foldForSearch(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(softening, (letter) => (letter === 'г' ? 'gh' : 'ch'))
    .replace(ciEnding, 'ci')
    .replace(doubledI, '')
    .replace(/\P{ASCII}/gu, (letter) => letters[letter] ?? letter)
    .replace(/[\s^]+/gu, ' ')
    .trim();
}
