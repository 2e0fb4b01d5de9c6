// The text of raw values, under the character set of the data set or item that they stand in.

import { tags } from '../../model/tags.ts';
import type { Vr } from '../../model/vr.ts';
import { type Charset, charset, latin1, type TextKind } from '../../text/charset.ts';
import { unpadded } from '../../text/trim.ts';
import type { DatasetNodes } from './nodes.ts';

const kinds: Readonly<Record<Vr, TextKind>> = { PN: 'name', LO: 'values', SH: 'values', UC: 'values' };
const encoded = new Set<Vr>(['PN', 'LO', 'SH', 'UC', 'ST', 'LT', 'UT']);
const ascii = new Set<Vr>(['AE', 'AS', 'CS', 'DA', 'DS', 'DT', 'IS', 'TM', 'UI', 'UR']);

export const isText = (vr: Vr): boolean => encoded.has(vr) || ascii.has(vr);

/** The character set that a data set or item declares, else that around it. */
export function charsetOf(nodes: DatasetNodes, around: Charset): Charset {
  const declared = nodes.find(({ tag }) => tag === tags.specificCharacterSet);
  if (declared?.kind !== 'value') return around;
  return charset(
    latin1(declared.value)
      .split('\\')
      .map((term) => term.trim()),
  );
}

/** All of the value, unpadded; its values are divided by `\` where the VR allows several. */
export function valueText(vr: Vr, value: Uint8Array, charset: Charset): string {
  const text = encoded.has(vr) ? charset.decode(value, kinds[vr] ?? 'text') : latin1(value);
  return unpadded(text);
}

/** The values that a text holds. */
export const valuesOf = (vr: Vr, text: string): string[] => (/^(ST|LT|UT|UR)$/.test(vr) ? [text] : text.split('\\'));
