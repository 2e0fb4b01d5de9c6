// What happens to one element, by Table E.1-1, the options and, for what the table does not list, its kind of value.
import { dictionaryVr, type Vr } from '../../model/vr.ts';
import type { Option, Profile } from './profile.ts';
import { isTechnicalText, type Rule, ruleOf } from './table.ts';

/**
 * `keep` the value (items are still looked into), `remove` the element, `empty` it, put a `dummy` for its value (of a
 * sequence: its items with dummies in them), replace the `uid`, `clean` the value.
 */
export type RuleAction = 'keep' | 'remove' | 'empty' | 'dummy' | 'uid' | 'clean';

/** UIDs that name a kind of thing, not a thing: SOP classes, transfer syntaxes, coding schemes, context groups. */
const kinds = new Set([
  0x00080016, 0x0008001a, 0x0008001b, 0x00080062, 0x0008010c, 0x00080117, 0x00080118, 0x0008040e, 0x00081150,
  0x0008115a, 0x00083002, 0x00340003, 0x04000010, 0x04000510, 0x30100052, 0x30100053,
]);

/** Not listed, and not to be kept: wrong afterwards (length to end), or sealed so that nobody can look into it. */
const never = new Set([0x00080001, 0x04000500, 0x00120062, 0x00120063, 0x00120064, 0x00280303]);

/** Binary values that are known to hold numbers for the image: colour profile, fill pattern, look-up tables, waveforms. */
const numbers = new Set([0x00282000, 0x00700256, 0x54000110, 0x54000112, 0x5400100a, 0x54001010, 0x7fe00010]);

/** Which VRs may stand for each other: a file that gives an attribute a VR of another kind hides something or is wrong. */
const kindOf: Readonly<Record<Vr, string>> = {
  ...{ US: 'number', SS: 'number', UL: 'number', SL: 'number', UV: 'number', SV: 'number', xs: 'number' },
  ...{ FL: 'number', FD: 'number', AT: 'number', OB: 'number', OW: 'number', OF: 'number', OD: 'number' },
  ...{ OL: 'number', OV: 'number', IS: 'digits', DS: 'digits' },
  ...{ LO: 'text', SH: 'text', ST: 'text', LT: 'text', UT: 'text', UC: 'text' },
};
const kind = (vr: Vr): string => kindOf[vr] ?? vr;

/** What the profile does to a standard attribute with a value of this VR. Private ones are not for here. */
export function actionFor(tag: number, vr: Vr, { options }: Profile): RuleAction {
  // commands, file meta, directory records, group lengths have no place in a de-identified data set
  if (tag >>> 16 < 8 || (tag & 0xffff) === 0 || never.has(tag)) return 'remove';
  const rule = ruleOf(tag);
  // type 3 with at least one item since it was moved out of the image IODs: empty would be wrong everywhere
  if (tag === 0x00081110 && !options.has('uids')) return 'remove';
  return rule === undefined ? unlisted(tag, vr, options) : byRule(rule, vr, options);
}

/**
 * Cleaning goes before keeping: who retains device identity and modified dates does not want a calibration date as it
 * was. Without an option, what was there stays there as a dummy wherever the table leaves the choice to the IOD's type:
 * an object that was valid stays valid, and a dummy tells nothing.
 */
function byRule({ basic, options: by }: Rule, vr: Vr, options: ReadonlySet<Option>): RuleAction {
  const codes = [...by].filter(([option]) => options.has(option)).map(([, code]) => code);
  if (codes.includes('C') && cleanable.has(vr)) return 'clean';
  if (codes.includes('K')) return 'keep';
  switch (basic) {
    case 'X':
      return 'remove';
    case 'U':
      return vr === 'UI' ? 'uid' : 'dummy';
    case 'X/Z/U*':
      return 'keep'; // the UIDs in its items are replaced by their own row
    case 'Z':
    case 'X/Z':
      return 'empty';
    default:
      return 'dummy';
  }
}

const cleanable = new Set<Vr>(['DA', 'DT', 'TM', 'SQ', 'LO', 'SH', 'ST', 'LT', 'UT', 'UC', 'CS']);

/**
 * The table lists what its authors found identifying; the rest of the standard describes equipment, acquisition and
 * image. So: unknown attributes go; numbers, coded strings and sequences stay; names of people and free text never stay
 * as they are; other text only where it is known as technical.
 */
function unlisted(tag: number, vr: Vr, options: ReadonlySet<Option>): RuleAction {
  const known = dictionaryVr(tag);
  if (known === 'UN' || vr === 'UN' || kind(known) !== kind(vr)) return 'remove';
  switch (vr) {
    case 'PN':
    case 'AE':
    case 'AS':
      return 'dummy';
    case 'DA':
    case 'DT':
    case 'TM':
      return options.has('dates') ? 'clean' : options.has('full-dates') ? 'keep' : 'dummy';
    case 'LO':
    case 'SH':
    case 'UC':
    case 'ST':
    case 'LT':
    case 'UT':
      if (isTechnicalText(tag)) return 'keep';
      return options.has('descriptors') ? 'clean' : 'dummy';
    case 'UR':
      return isTechnicalText(tag) ? 'keep' : 'remove';
    case 'UI':
      return kinds.has(tag) || options.has('uids') ? 'keep' : 'uid';
    case 'OB':
      return numbers.has(tag) || known !== 'OB' ? 'keep' : 'remove';
    default:
      return 'keep';
  }
}
