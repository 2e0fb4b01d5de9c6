// The defined terms of Specific Character Set (PS3.3 C.12.1.1.2) and what decodes them.

/** One designated set: how many bytes make a character, and how to turn a run of such bytes into text. */
export interface CodeSet {
  readonly width: 1 | 2;
  readonly decode: (bytes: Uint8Array) => string;
  /** The WHATWG label of a set whose text a guess can judge: those of Latin and Cyrillic. */
  readonly label?: string;
}

const labelled = (label: string): ((bytes: Uint8Array) => string) => {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  return (bytes) => {
    decoder ??= new TextDecoder(label);
    return decoder.decode(bytes);
  };
};

const mapped = (bytes: Uint8Array, high: number): Uint8Array => bytes.map((byte) => byte | high);

const eucJp = labelled('euc-jp');

// JIS X 0201: 05/12 is the yen sign and 07/14 the overline; the right half is half-width katakana.
const romaji = (bytes: Uint8Array): string => ascii.decode(bytes).replaceAll('\\', '¥').replaceAll('~', '‾');
const katakana = (bytes: Uint8Array): string =>
  Array.from(bytes, (b) => (b > 0xa0 && b < 0xe0 ? String.fromCharCode(0xff61 + b - 0xa1) : '\ufffd')).join('');
// JIS X 0212 stands in EUC-JP behind a single shift, three bytes a character.
const supplementary = (bytes: Uint8Array): string => {
  const euc: number[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) euc.push(0x8f, bytes[i]! | 0x80, bytes[i + 1]! | 0x80);
  return eucJp(Uint8Array.from(euc));
};

const single = (label: string): CodeSet => ({ width: 1, decode: labelled(label) });
const judged = (label: string): CodeSet => ({ ...single(label), label });

export const ascii: CodeSet = single('iso-8859-1');
const latin = {
  '100': judged('iso-8859-1'),
  '101': judged('iso-8859-2'),
  '109': judged('iso-8859-3'),
  '110': judged('iso-8859-4'),
  '144': judged('iso-8859-5'),
  '127': single('iso-8859-6'),
  '126': single('iso-8859-7'),
  '138': single('iso-8859-8'),
  '148': judged('iso-8859-9'),
  '203': judged('iso-8859-15'),
  '166': single('windows-874'),
} as const;

const jisX0201Left: CodeSet = { width: 1, decode: romaji };
const jisX0201Right: CodeSet = { width: 1, decode: katakana };
const jisX0208: CodeSet = { width: 2, decode: (bytes) => eucJp(mapped(bytes, 0x80)) };
const jisX0212: CodeSet = { width: 2, decode: supplementary };
const ksX1001: CodeSet = { width: 2, decode: labelled('euc-kr') };
const gb2312: CodeSet = { width: 2, decode: labelled('gbk') };

/** What a term's value designates at the start: the left half (bytes below 80H) and the right half. */
export interface Repertoire {
  readonly left?: CodeSet;
  readonly right?: CodeSet;
}

/** By registration number, as in `ISO_IR 101` and `ISO 2022 IR 101`. */
export const repertoires: Readonly<Record<string, Repertoire>> = {
  '6': { left: ascii },
  ...Object.fromEntries(Object.entries(latin).map(([number, right]) => [number, { left: ascii, right }])),
  '13': { left: jisX0201Left, right: jisX0201Right },
  // Sets that only escapes reach; a right half also serves files that name it first.
  '87': {},
  '159': {},
  '149': { right: ksX1001 },
  '58': { right: gb2312 },
};

/** Escape sequences (PS3.3 C.12.1.1.2, tables C.12-3 and C.12-4), without the ESC, and the half that each designates. */
export const escapes: ReadonlyArray<readonly [string, 'left' | 'right', CodeSet]> = [
  ['(B', 'left', ascii],
  ['-A', 'right', latin['100']],
  ['-B', 'right', latin['101']],
  ['-C', 'right', latin['109']],
  ['-D', 'right', latin['110']],
  ['-L', 'right', latin['144']],
  ['-G', 'right', latin['127']],
  ['-F', 'right', latin['126']],
  ['-H', 'right', latin['138']],
  ['-M', 'right', latin['148']],
  ['-b', 'right', latin['203']],
  ['-T', 'right', latin['166']],
  [')I', 'right', jisX0201Right],
  ['(J', 'left', jisX0201Left],
  ['$B', 'left', jisX0208],
  ['$(D', 'left', jisX0212],
  ['$)C', 'right', ksX1001],
  ['$)A', 'right', gb2312],
];

/** Terms that stand alone and take no escapes. */
export const wholeCharsets: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  'ISO_IR 192': labelled('utf-8'),
  GB18030: labelled('gb18030'),
  GBK: labelled('gbk'),
};
