// What a de-identified object says of itself (PS3.15 E.2, PS3.3 C.12.1.1.9 and C.7.6.1.1.7).

import type { DatasetNode } from './raw/nodes.ts';
import { padded } from './rules/dummies.ts';
import { methodCodes, type Profile } from './rules/profile.ts';

const text = (tag: number, vr: string, value: string): DatasetNode => ({
  kind: 'value',
  tag,
  vr,
  value: padded(vr, value),
  littleEndian: true,
});

/** The data set with Patient Identity Removed, how, and what became of dates and pixels, in their places. */
export function marked(
  nodes: readonly DatasetNode[],
  profile: Profile,
  pixels: 'as-they-were' | 'blanked' | 'inspected',
): DatasetNode[] {
  const { options } = profile;
  const dates = options.has('full-dates') ? 'UNMODIFIED' : options.has('dates') ? 'MODIFIED' : 'REMOVED';
  const items = methodCodes(profile, pixels === 'blanked').map(({ value, meaning }) => [
    text(0x00080100, 'SH', value),
    text(0x00080102, 'SH', 'DCM'),
    text(0x00080104, 'LO', meaning),
  ]);
  const marks: DatasetNode[] = [
    text(0x00120062, 'CS', 'YES'),
    text(0x00120063, 'LO', 'DICOM PS3.15 Annex E, Table E.1-1'),
    { kind: 'sequence', tag: 0x00120064, vr: 'SQ', items },
    text(0x00280303, 'CS', dates),
  ];
  if (pixels !== 'as-they-were') marks.push(text(0x00280301, 'CS', 'NO'));
  const replaced = new Set(marks.map(({ tag }) => tag));
  return [...nodes.filter(({ tag }) => !replaced.has(tag)), ...marks].sort((a, b) => a.tag - b.tag);
}
