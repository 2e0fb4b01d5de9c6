// Value representations (PS3.5 6.2) and the dictionary that names them for implicit VR (PS3.6, from dcmjs).
import { dictionary } from 'dcmjs/dictionary';

/** The two letters of a value representation. An unknown one is read as UN. */
export type Vr = string;

const shortVrs = 'AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US';
const longVrs = 'OB OD OF OL OV OW SQ SV UC UN UR UT UV';

const code = (vr: string): number => (vr.charCodeAt(0) << 8) | vr.charCodeAt(1);
const vrByCode = new Map<number, Vr>(`${shortVrs} ${longVrs}`.split(' ').map((vr) => [code(vr), vr]));
const longForm = new Set<Vr>(longVrs.split(' '));

/** The value representation behind two bytes of an explicit VR element, undefined when PS3.5 knows none. */
export const vrOf = (first: number, second: number): Vr | undefined => vrByCode.get((first << 8) | second);

/** Whether explicit VR gives this VR two reserved bytes and a length of 32 bits (PS3.5 7.1.2). */
export const hasLongForm = (vr: Vr): boolean => longForm.has(vr);

/** Two capital letters: a value representation, if perhaps one of a later edition. */
export const looksLikeVr = (first: number, second: number): boolean =>
  first >= 0x41 && first <= 0x5a && second >= 0x41 && second <= 0x5a;

// Ambiguous in the dictionary: xs = US or SS by Pixel Representation, ox = OB or OW, lt = US or OW, up = UL.
const chosen: Readonly<Record<string, Vr>> = { ox: 'OW', lt: 'OW', up: 'UL', xs: 'xs' };

function loadDictionary(): Map<number, Vr> {
  const vrs = new Map<number, Vr>();
  for (const [key, { vr }] of Object.entries(dictionary)) {
    // Repeating groups stand as (6000-60FF,0010); private and generic entries are left out on purpose: what a private
    // element means depends on its creator, so it stays UN.
    const match = /^\(([0-9A-F]{4})(?:-([0-9A-F]{4}))?,([0-9A-F]{4})\)$/i.exec(key);
    if (!match || vr === undefined || vr === 'na') continue;
    vrs.set(Number.parseInt(`${match[1]}${match[3]}`, 16), chosen[vr] ?? vr);
  }
  return vrs;
}

const vrs = loadDictionary();

/** The VR of a tag by PS3.6: `xs` for "US or SS", UN for what it doesn't name. Private creators are LO, lengths UL. */
export function dictionaryVr(tag: number): Vr {
  const known = vrs.get(tag);
  if (known !== undefined) return known;
  const group = tag >>> 16;
  const element = tag & 0xffff;
  if (element === 0) return 'UL';
  if (group & 1) return element >= 0x10 && element <= 0xff ? 'LO' : 'UN';
  const repeating = (group & 0xff00) === 0x5000 || (group & 0xff00) === 0x6000;
  return (repeating ? vrs.get((tag & 0xff00ffff) >>> 0) : undefined) ?? 'UN';
}
