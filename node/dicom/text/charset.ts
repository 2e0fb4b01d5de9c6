// Text by Specific Character Set (0008,0005): PS3.3 C.12.1.1.2 and PS3.5 6.1, with ISO 2022 code extensions.
import { type Declared, decodeAs, isUtf8 } from './charset-guess.ts';
import { ascii, type CodeSet, escapes, type Repertoire, repertoires, wholeCharsets } from './charset-tables.ts';

/** Which delimiters a VR has besides control characters: they return to the first character set (PS3.5 6.1.2.5.3). */
export type TextKind = 'values' | 'text' | 'name';

export interface Charset {
  /** The whole value as text, delimiters in it as they are; the caller splits. */
  decode(bytes: Uint8Array, kind: TextKind): string;
  /** The terms are unknown or misspelt, or bytes came that they do not allow: some text is a guess. */
  readonly guessed: boolean;
  /** Whether the last `decode` met bytes that another set may explain better: then `guessCharset` can tell from all. */
  readonly doubted: boolean;
  /** What `guessCharset` weighs its guess against. */
  readonly declared: Declared;
  /** The guess is made: decodes by it from now on, or, when there is none, as declared; never doubts again. */
  settle(label: string | undefined): void;
}

const ESC = 0x1b;
const delimiters: Readonly<Record<TextKind, string>> = { values: '\\', text: '', name: '\\^=' };

/** The charset behind the values of (0008,0005); none or an empty one is ASCII. Never throws. */
export function charset(terms: readonly string[]): Charset {
  return new DicomCharset(terms);
}

/** Each byte as the character of the same number. */
export function latin1(bytes: Uint8Array): string {
  if (bytes.length > 24) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  let text = '';
  for (let i = 0; i < bytes.length; i += 1) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** Whether all bytes are plain ASCII without escapes: the same text in every character set but JIS X 0201. */
function isPlain(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i]!;
    if (byte >= 0x80 || byte === ESC) return false;
  }
  return true;
}

class DicomCharset implements Charset {
  guessed = false;
  doubted = false;
  readonly declared: Declared;
  #label: string | undefined;
  #contestable: boolean;
  readonly #whole: ((bytes: Uint8Array) => string) | undefined;
  readonly #initial: { readonly left: CodeSet; readonly right: CodeSet | undefined };
  readonly #plainAscii: boolean;

  constructor(terms: readonly string[]) {
    const read = terms.map((term) => readTerm(term));
    this.guessed = read.some((term) => term.guessed);
    const [first] = read;
    this.#whole = first?.whole;
    const right = first?.repertoire?.right ?? (terms.length < 2 ? undefined : onlyRight(read));
    this.#initial = { left: first?.repertoire?.left ?? ascii, right };
    this.#plainAscii = this.#initial.left === ascii;
    this.declared = first?.whole === wholeCharsets['ISO_IR 192'] ? 'utf-8' : right?.label;
    // code extensions, and scripts that no guess knows, are as they are declared
    const open = first?.whole === undefined && this.#plainAscii && (right === undefined || right.label !== undefined);
    this.#contestable = terms.length < 2 && (open || this.declared === 'utf-8');
  }

  decode(bytes: Uint8Array, kind: TextKind): string {
    this.doubted = false;
    if (this.#plainAscii && isPlain(bytes)) return latin1(bytes);
    if (this.#label !== undefined) return decodeAs(isUtf8(bytes) ? 'utf-8' : this.#label, bytes);
    const text = this.#whole ? this.#checked(this.#whole(bytes)) : this.#extended(bytes, kind);
    this.doubted = this.#contestable && !bytes.includes(ESC) && (!this.#whole || text.includes('\ufffd'));
    return text;
  }

  settle(label: string | undefined): void {
    this.#contestable = false;
    this.#label = label;
    if (label !== undefined) this.guessed = true;
  }

  #checked(text: string): string {
    if (text.includes('\ufffd')) this.guessed = true;
    return text;
  }

  // Runs of one set each: an escape changes a half, a delimiter in a single-byte left half restores both.
  #extended(bytes: Uint8Array, kind: TextKind): string {
    let { left, right } = this.#initial;
    let text = '';
    let i = 0;
    while (i < bytes.length) {
      const byte = bytes[i]!;
      if (byte === ESC) {
        const found = escapeAt(bytes, i + 1);
        if (found?.half === 'left') left = found.set;
        if (found?.half === 'right') right = found.set;
        if (!found) this.guessed = true;
        i += found ? found.length + 1 : 1;
      } else if (isReset(byte, left, kind)) {
        ({ left, right } = this.#initial);
        text += String.fromCharCode(byte);
        i += 1;
      } else {
        const end = runEnd(bytes, i, left, kind);
        const run = bytes.subarray(i, end);
        text += byte < 0x80 ? left.decode(run) : this.#rightHalf(run, right);
        i = end;
      }
    }
    return this.#checked(text);
  }

  // Bytes that the declared repertoire does not have: UTF-8 when they are valid UTF-8, else Latin 1.
  #rightHalf(run: Uint8Array, right: CodeSet | undefined): string {
    if (right) return right.decode(run);
    this.guessed = true;
    return guess(run);
  }
}

const guess = (bytes: Uint8Array): string => (isUtf8(bytes) ? decodeAs('utf-8', bytes) : ascii.decode(bytes));

function isReset(byte: number, left: CodeSet, kind: TextKind): boolean {
  if (byte < 0x20) return true;
  return left.width === 1 && byte < 0x80 && delimiters[kind].includes(String.fromCharCode(byte));
}

// A run ends where the half changes, or at an escape or reset.
function runEnd(bytes: Uint8Array, start: number, left: CodeSet, kind: TextKind): number {
  const high = bytes[start]! >= 0x80;
  let end = start + 1;
  while (end < bytes.length) {
    const byte = bytes[end]!;
    if (byte >= 0x80 !== high || byte === ESC || isReset(byte, left, kind)) break;
    end += 1;
  }
  return end;
}

function escapeAt(bytes: Uint8Array, at: number): { half: 'left' | 'right'; set: CodeSet; length: number } | undefined {
  const next = String.fromCharCode(...bytes.subarray(at, at + 3));
  const found = escapes.find(([sequence]) => next.startsWith(sequence));
  return found && { half: found[1], set: found[2], length: found[0].length };
}

interface Term {
  readonly repertoire?: Repertoire;
  readonly whole?: (bytes: Uint8Array) => string;
  readonly guessed: boolean;
}

// Spellings that scanners really write: ISO-IR 100, ISO_IR_100, ISO 8859-1 style names, UTF-8.
function readTerm(raw: string): Term {
  const term = raw.trim();
  if (term === '') return { repertoire: { left: ascii }, guessed: false };
  const exact = wholeCharsets[term];
  if (exact) return { whole: exact, guessed: false };
  const number = /^ISO[ _-]?(?:2022[ _-]?)?IR[ _-]?(\d+)$/i.exec(term)?.[1] ?? /^(\d+)$/.exec(term)?.[1];
  const proper = /^ISO(_| 2022 )IR \d+$/.test(term);
  if (number === '192' || /^(utf|unicode)[ _-]?8?$/i.test(term)) {
    return { whole: wholeCharsets['ISO_IR 192']!, guessed: true };
  }
  const repertoire = number === undefined ? iso8859(term) : repertoires[number];
  return repertoire ? { repertoire, guessed: !proper } : { repertoire: { left: ascii }, guessed: true };
}

const byPart: Readonly<Record<string, string>> = {
  '1': '100',
  '2': '101',
  '3': '109',
  '4': '110',
  '5': '144',
  '6': '127',
  '7': '126',
  '8': '138',
  '9': '148',
  '11': '166',
  '15': '203',
};

function iso8859(term: string): Repertoire | undefined {
  const part = /^ISO[ _-]?8859[ _-](\d+)$/i.exec(term)?.[1];
  const number = part === undefined ? undefined : byPart[part];
  return number === undefined ? undefined : repertoires[number];
}

// With an empty first value the right half is undefined until an escape; files that forget the escape in the first
// component mean the one set that they name.
function onlyRight(read: readonly Term[]): CodeSet | undefined {
  const rights = new Set(read.slice(1).flatMap(({ repertoire }) => repertoire?.right ?? []));
  return rights.size === 1 ? [...rights][0] : undefined;
}
