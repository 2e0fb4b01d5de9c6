// Private attributes that are known to say nothing of anybody (PS3.15 Table E.3.10-1). Each was compared, with creator,
// tag and VR, with a published copy of the table (460 of its 479 rows); of those rows only such are taken as hold numbers
// or codes: text, sequences and bulk data of makers go even where the table calls them safe. By private creator; the
// block that a creator has in a data set is its own choice.
import type { Vr } from '../../model/vr.ts';

/** `gggg,xxee` of each, with its VR. */
const table: Readonly<Record<string, string>> = {
  'Philips PET Private Group': '7053xx00:DS 7053xx09:DS',
  'PHILIPS IMAGING DD 001': '2001xx03:FL 2001xx04:CS',
  'PHILIPS MR IMAGING DD 001': '2005xx0D:FL 2005xx0E:FL',
  GEMS_ACQU_01: '0019xx23:DS 0019xx24:DS 0019xx27:DS',
  GEMS_PARM_01: '0043xx39:IS 0043xx6F:DS',
  GEMS_HELIOS_01: '0045xx02:FL',
  'SIEMENS MR HEADER': '0019xx0C:IS 0019xx0D:CS 0019xx0E:FD 0019xx27:FD',
  ELSCINT1: '00E1xx21:DS 00E1xx50:DS 01E1xx26:CS 01F1xx01:CS 01F1xx07:DS 01F1xx26:DS 01F1xx27:DS',
};

const safe = new Map<string, Vr>();
for (const [creator, attributes] of Object.entries(table)) {
  for (const [, group, element, vr] of attributes.matchAll(/([0-9A-F]{4})xx([0-9A-F]{2}):(\w\w)/g)) {
    safe.set(`${creator.toUpperCase()} ${group}${element}`, vr!);
  }
}

/** The VR of a safe private attribute; undefined for all others. */
export const safePrivateVr = (creator: string, tag: number): Vr | undefined =>
  safe.get(
    `${creator.toUpperCase()} ${(tag >>> 16).toString(16).toUpperCase().padStart(4, '0')}${(tag & 0xff).toString(16).toUpperCase().padStart(2, '0')}`,
  );
