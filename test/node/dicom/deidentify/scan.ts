// Looks for what a de-identified file must not say: every text that the original has in an attribute that Table E.1-1
// lists and the profile does not keep, as bytes.

import { type DatasetNodes, readTree } from '../../../../node/dicom/deidentify/raw/nodes.ts';
import { charsetOf, isText, valuesOf, valueText } from '../../../../node/dicom/deidentify/raw/text-values.ts';
import { actionFor } from '../../../../node/dicom/deidentify/rules/actions.ts';
import { isDescriptive } from '../../../../node/dicom/deidentify/rules/descriptions.ts';
import { parseProfile } from '../../../../node/dicom/deidentify/rules/profile.ts';
import { listed } from '../../../../node/dicom/deidentify/rules/table.ts';
import { isPixelData } from '../../../../node/dicom/model/tags.ts';
import { readFileHead } from '../../../../node/dicom/read/part10.ts';
import { charset } from '../../../../node/dicom/text/charset.ts';
import { sourceOf } from './kit.ts';

export interface Secret {
  readonly tag: number;
  readonly vr: string;
  readonly text: string;
  readonly raw: Uint8Array;
}

/** The texts to look for. Numbers and coded strings are left out: 512 or YES stand everywhere and tell of nobody. */
export async function secretsOf(file: Uint8Array, profile: string): Promise<Secret[]> {
  const head = readFileHead(file, true)!;
  const { nodes } = await readTree(sourceOf(file.subarray(head.datasetOffset), head.transferSyntax));
  const secrets = new Map<string, Secret>();
  const kept = new Set<string>();
  const options = parseProfile(profile);
  const walk = (level: DatasetNodes, around = charset([])): void => {
    const here = charsetOf(level, around);
    for (const node of level) {
      if (node.kind === 'sequence') for (const item of node.items) walk(item, here);
      const { tag, vr } = node;
      if (node.kind !== 'value' || !isText(vr) || /^(CS|DS|IS|AS)$/.test(vr)) continue;
      const text = valueText(vr, node.value, here);
      const own = (tag >>> 16) & 1;
      if (own ? vr !== 'PN' : !listed.has(tag)) continue;
      if (!own && actionFor(tag, vr, options) === 'keep') {
        for (const each of parts(vr, text)) kept.add(each);
        continue;
      }
      if (vr === 'TM' && options.options.has('dates')) continue; // days move, times of day stay
      for (const each of parts(vr, text)) {
        if (says(vr, each)) secrets.set(each, { tag, vr, text: each, raw: rawOf(node.value, text, each) });
      }
    }
  };
  walk(nodes);
  return [...secrets.values()].filter(({ text }) => !kept.has(text)); // an option keeps it elsewhere
}

const parts = (vr: string, text: string): string[] =>
  valuesOf(vr, text).flatMap((value) =>
    (vr === 'PN' ? [value, ...value.split(/[\^= ,.]+/)] : [value]).map((each) => each.trim()),
  );

/** The bytes as they stand, where the value is one; else what Latin 1 makes of it. */
const rawOf = (value: Uint8Array, text: string, part: string): Uint8Array =>
  part === text
    ? Uint8Array.from(
        Buffer.from(
          Buffer.from(value)
            .toString('latin1')
            .replace(/[\0 ]+$/, '')
            .trim(),
          'latin1',
        ),
      )
    : Buffer.from(part, 'latin1');

// Exceptions, each for its reason: too short to be found by chance alone; words that describe images; placeholders, and
// words of DICOM itself (PNAME, TEXT); the dummies; well-known UIDs; times of whole hours.
const generic =
  /^(none|null|unknown|anonymous|anonymi[sz]ed|removed|patient|doctor|hospital|default|other|unspecified|name|text|20000101|000000|[0. :-]*|1\.2\.840\.10008\..*)$/i;

function says(vr: string, text: string): boolean {
  if (text.length < 4 || generic.test(text)) return false;
  if (vr === 'TM') return text.length >= 6;
  return vr === 'UI' || !isDescriptive(text);
}

export interface Words {
  /** Everything in the file but the pixels. */
  readonly bytes: Buffer;
  /** In numbers of pixels any short text is found by chance: only longer ones are looked for. */
  readonly pixels: Buffer;
  /** Values of IS and DS: a study that is called 1234 may have a series number 1234. */
  readonly numbers: readonly string[];
}

export async function wordsOf(file: Uint8Array): Promise<Words> {
  const head = readFileHead(file, true)!;
  const source = sourceOf(file.subarray(head.datasetOffset), head.transferSyntax);
  const { nodes } = await readTree(source);
  const numbers: string[] = [];
  const walk = (level: DatasetNodes): void => {
    for (const node of level) {
      if (node.kind === 'sequence') for (const item of node.items) walk(item);
      if (node.kind !== 'value' || (node.vr !== 'IS' && node.vr !== 'DS')) continue;
      numbers.push(
        ...Buffer.from(node.value)
          .toString('latin1')
          .split('\\')
          .map((each) => each.trim()),
      );
    }
  };
  walk(nodes);
  const last = nodes.at(-1);
  const start =
    last === undefined || !isPixelData(last.tag)
      ? undefined
      : last.kind === 'range'
        ? last.offset
        : last.kind === 'fragments'
          ? last.fragments[0]!.offset - 8
          : undefined;
  const end = start === undefined ? file.length : head.datasetOffset + start;
  return { bytes: Buffer.from(file.subarray(0, end)), pixels: Buffer.from(file.subarray(end)), numbers };
}

/** What of the secrets is in the words: as the original had it, as UTF-8 and as UTF-16. */
export function leaks(secrets: readonly Secret[], { bytes, pixels, numbers }: Words): Secret[] {
  const lower = Buffer.from(bytes.toString('latin1').toLowerCase(), 'latin1');
  return secrets.filter(({ text, raw }) => {
    const utf16 = Buffer.from(text, 'utf16le');
    // four characters of UTF-16 are also part of a look-up table
    const wide = text.length < 6 ? [] : [utf16, Buffer.from(utf16).swap16()];
    const forms = [raw, Buffer.from(text), Buffer.from(text.normalize('NFC')), ...wide];
    const found = Math.max(
      ...forms.map((form) => count(bytes, form)),
      count(lower, Buffer.from(text.toLowerCase(), 'latin1')),
    );
    if (text.length >= 8 && /\p{L}/u.test(text) && forms.some((form) => pixels.includes(Buffer.from(form))))
      return true;
    return found > numbers.filter((each) => each === text).length;
  });
}

// digits between digits are another number
function count(words: Buffer, form: Uint8Array): number {
  const digits = /^[\d.]+$/.test(Buffer.from(form).toString('latin1'));
  let found = 0;
  for (let at = words.indexOf(form); at >= 0; at = words.indexOf(form, at + 1)) {
    const around = [words[at - 1], words[at + form.length]];
    if (!digits || !around.some((byte) => byte !== undefined && byte >= 0x2e && byte <= 0x39)) found += 1;
  }
  return found;
}
