// Dates, times and ranges of them (PS3.4 C.2.2.2.5): one value stands for all that begins with it.
import { PeerError } from '../../protocol/errors.ts';
import type { Matcher } from './text.ts';

/** Digits of each form when nothing is left out; what is left out of a query matches whatever stands there. */
const forms = {
  DA: { digits: 8, pattern: /^\d{8}$/ },
  TM: { digits: 12, pattern: /^\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?$/ },
  DT: { digits: 20, pattern: /^\d{4}(\d{2}(\d{2}(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?)?)?([+-]\d{4})?$/ },
} as const;

type RangeVr = keyof typeof forms;

export const isRangeVr = (vr: string): vr is RangeVr => vr in forms;

/** Ends of a range as digits, both included; `open` when it was written with a hyphen. */
export interface ValueRange {
  readonly low: string;
  readonly high: string;
  readonly open: boolean;
}

/** @throws PeerError query/key */
export function parseRange(tag: string, vr: RangeVr, text: string): ValueRange {
  const { digits, pattern } = forms[vr];
  const [first, last] = ends(vr, text.trim());
  const sound = `${first}${last}` !== '' && [first, last].every((end) => end === '' || pattern.test(end));
  if (!sound) throw new PeerError('query/key', { at: tag, message: `is not a ${vr} value or range` });
  const low = whole(vr, first, '0');
  const high = last === '' ? '9'.repeat(digits) : whole(vr, last, '9');
  return { low, high, open: text.includes('-') && !(vr === 'DT' && first === last) };
}

/** The two ends as they are written, the same for a single value; of a DT a hyphen may also begin its offset from UTC. */
function ends(vr: RangeVr, text: string): [first: string, last: string] {
  const parts = text.split('-').map((each) => each.trim());
  if (vr === 'DT') {
    // PS3.5 6.2: behind a hyphen, 0000 to 1200 is an offset and no year
    for (let i = 1; i < parts.length; i += 1) {
      if (/^(0\d|1[01])\d\d$|^1200$/.test(parts[i]!) && parts[i - 1] !== '') {
        parts.splice(i - 1, 2, `${parts[i - 1]}-${parts[i]}`);
        i -= 1;
      }
    }
  }
  const [first = '', last = first, ...more] = parts;
  return more.length > 0 ? ['-', '-'] : [first, last];
}

/** Whether a value lies in a range. */
export const inRange =
  (vr: RangeVr, { low, high }: ValueRange): Matcher =>
  (value) => {
    const known = digitsOf(vr, value);
    return known !== undefined && low <= known && known <= high;
  };

/** Date and time taken together as one moment (C.2.2.2.5.2: combined date-time matching). */
export function inBoth(
  date: ValueRange,
  time: ValueRange,
): (dates: readonly string[], times: readonly string[]) => boolean {
  const [low, high] = [`${date.low}${time.low}`, `${date.high}${time.high}`];
  return (dates, times) => {
    const day = dates[0] === undefined ? undefined : digitsOf('DA', dates[0]);
    if (day === undefined) return false;
    const moment = `${day}${digitsOf('TM', times[0] ?? '00') ?? '0'.repeat(forms.TM.digits)}`;
    return low <= moment && moment <= high;
  };
}

/** All digits of a stored value, undefined when it is none: separators of old files (1993.08.22, 10:15) are left out. */
function digitsOf(vr: RangeVr, value: string): string | undefined {
  const known = whole(vr, value, '0');
  return /^\d+$/.test(known) ? known : undefined;
}

/** An offset from UTC doesn't take part: both are compared as local times. */
function whole(vr: RangeVr, text: string, filler: string): string {
  const { digits } = forms[vr];
  const local = vr === 'DT' ? text.replace(/[+-]\d{4}$/, '') : text;
  return (local.length === digits ? local : local.replace(/[.:]/g, '')).padEnd(digits, filler);
}
