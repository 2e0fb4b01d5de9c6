// HL7 v2 messages in ER7 (HL7 2.5.1 chapter 2): segments, fields, repetitions, components, escapes, character sets.
import { must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { decodeAs, guessCharset, isUtf8 } from '../dicom/text/charset-guess.ts';

/** One segment. Fields count as in the standard: 1 is what follows the name, but of MSH, where it is the separator. */
export class Segment {
  readonly name: string;
  readonly #fields: readonly string[];
  readonly #marks: Marks;

  constructor(fields: readonly string[], marks: Marks) {
    this.name = fields[0]!;
    this.#fields = this.name === 'MSH' ? ['MSH', marks.field, ...fields.slice(1)] : fields;
    this.#marks = marks;
  }

  /** A component of the first repetition, escapes undone; '' for what isn't there and for HL7's null. */
  text(field: number, component = 1): string {
    return this.repetitions(field)[0]?.[component - 1] ?? '';
  }

  /** All repetitions of a field as their components. */
  repetitions(field: number): string[][] {
    const raw = this.#fields[field] ?? '';
    if (raw === '' || raw === '""') return [];
    return cut(raw, this.#marks.repetition).map((each) =>
      cut(each, this.#marks.component).map((text) => unescaped(cut(text, this.#marks.subcomponent)[0]!, this.#marks)),
    );
  }

  /** A field as it came. */
  raw(field: number): string {
    return this.#fields[field] ?? '';
  }
}

interface Marks {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escaping: string;
  readonly subcomponent: string;
}

/** The segments of a message. @throws PeerError order/hl7 */
export function parseHl7(bytes: Uint8Array): Segment[] {
  must(bytes.length <= limits.orderBytes, 'http/too-large');
  const text = decoded(unframed(bytes));
  const lines = text.split(/\r\n|\r|\n/).filter((each) => each !== '');
  check(lines.length <= limits.hl7Segments, 'MSH', 'has too many segments');
  const marks = marksOf(lines[0] ?? '');
  return lines.map((each) => {
    check(/^[A-Z][A-Z0-9]{2}$/.test(each.slice(0, 3)), 'segment', 'has no name of three characters');
    check(each.length === 3 || each[3] === marks.field, each.slice(0, 3), 'has no field separator after its name');
    return new Segment(cut(each, marks.field), marks);
  });
}

function check(condition: boolean, at: string, message: string): asserts condition {
  if (!condition) throw new PeerError('order/hl7', { at, message });
}

/** Split with a bound. */
function cut(text: string, mark: string): string[] {
  const parts = text.split(mark, limits.hl7Parts + 1);
  check(parts.length <= limits.hl7Parts, 'segment', 'has too many parts');
  return parts;
}

/** MLLP's frame (0BH before, 1CH 0DH behind) may still be on it. */
function unframed(bytes: Uint8Array): Uint8Array {
  const start = bytes[0] === 0x0b ? 1 : 0;
  const end = bytes.indexOf(0x1c);
  return bytes.subarray(start, end < 0 ? bytes.length : end);
}

function marksOf(msh: string): Marks {
  check(/^MSH[^\w\s][^\w\s]{4,5}/.test(msh), 'MSH-2', 'must have the four encoding characters');
  const [field, component, repetition, escaping, subcomponent] = msh.slice(3, 8) as unknown as string[];
  const marks = {
    field: field!,
    component: component!,
    repetition: repetition!,
    escaping: escaping!,
    subcomponent: subcomponent!,
  };
  check(new Set(Object.values(marks)).size === 5, 'MSH-2', 'must have different encoding characters');
  check(msh[8] === field || msh[9] === field, 'MSH-2', 'must have four or five encoding characters');
  return marks;
}

// HL7 table 0211. Escapes between sets (MSH-20) aren't taken; GB 18030 and the like stand for themselves.
const labels: Readonly<Record<string, string>> = {
  ASCII: 'windows-1252',
  '8859/1': 'iso-8859-1',
  '8859/2': 'iso-8859-2',
  '8859/3': 'iso-8859-3',
  '8859/4': 'iso-8859-4',
  '8859/5': 'iso-8859-5',
  '8859/6': 'iso-8859-6',
  '8859/7': 'iso-8859-7',
  '8859/8': 'iso-8859-8',
  '8859/9': 'iso-8859-9',
  '8859/15': 'iso-8859-15',
  'UNICODE UTF-8': 'utf-8',
  UNICODE: 'utf-8',
  'UTF-8': 'utf-8',
  'GB 18030-2000': 'gb18030',
  CP1250: 'windows-1250',
  CP1251: 'windows-1251',
};

// What is declared; without a declaration, or against its own (ASCII with bytes beyond it), UTF-8 or a guess.
function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe || bytes[0] === 0xff) return utf16(bytes);
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const body = bytes.subarray(start);
  const declared = declaredSet(body);
  if (declared !== '') {
    const label = labels[declared.toUpperCase()];
    check(label !== undefined, 'MSH-18', 'names a character set that is not known here');
    if (declared.toUpperCase() !== 'ASCII') return decodeAs(label, body);
  }
  if (isUtf8(body)) return decodeAs('utf-8', body);
  return decodeAs(guessCharset([body], undefined) ?? 'windows-1252', body);
}

const utf16 = (bytes: Uint8Array): string => new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);

/** The first of MSH-18, read as plain bytes: all sets agree on it. */
function declaredSet(bytes: Uint8Array): string {
  const end = bytes.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  const head = Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
  const [field = '|', , repetition = '~'] = [head[3], head[4], head[5]];
  return (head.split(field)[17] ?? '').split(repetition)[0]!.trim();
}

/** Escape sequences (2.7): delimiters, bytes beyond text are dropped, line breaks are spaces. */
function unescaped(text: string, { escaping, field, component, subcomponent, repetition }: Marks): string {
  if (text === '""') return '';
  if (!text.includes(escaping)) return text;
  const meanings = new Map<string, string>([
    ['F', field],
    ['S', component],
    ['T', subcomponent],
    ['R', repetition],
    ['E', escaping],
    ['.br', ' '],
    ['.sp', ' '],
  ]);
  const pieces = text.split(escaping);
  let plain = pieces[0]!;
  for (let i = 1; i < pieces.length; i += 2) {
    const code = pieces[i]!;
    // an escape character that opens nothing is itself
    if (i + 1 >= pieces.length) return plain + escaping + code;
    plain += (meanings.get(code) ?? hexText(code)) + pieces[i + 1]!;
  }
  return plain;
}

/** `Xhh..`: bytes in hexadecimal, taken where they are ASCII; highlighting and private escapes are nothing. */
function hexText(code: string): string {
  if (!/^X([0-9A-Fa-f]{2})+$/.test(code)) return '';
  return Buffer.from(code.slice(1), 'hex')
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, ' ');
}
