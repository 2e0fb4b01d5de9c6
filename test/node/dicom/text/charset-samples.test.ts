// The samples' text against dcmtk's reading of it, where dcmtk reads their character set.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { DicomJson, JsonAttribute, JsonPersonName, JsonValue } from '../../../../node/dicom/model/json.ts';
import { readPart10 } from '../../../../node/dicom/read/read-dataset.ts';
import { requires } from '../../../programs.ts';
import { type Sample, samples } from '../samples.ts';

const dcm2json = requires('dcm2json');
// Those made for their character sets, and some that have another for other reasons.
const chosen = samples().filter(({ path }) => /charset_files|SR\b|rtplan\.dcm|liver/i.test(path));
// This dcmtk knows no ISO 2022 IR 87; the second has it in one item alone, and the third is not a sound data set.
const theyCannot = /chrH31|chrH32|chrJapMulti|chrSQEncoding/;

describe.runIf(dcm2json !== undefined && chosen.length > 0)('text of the samples', () => {
  test('is what dcm2json reads', async () => {
    let beyondAscii = 0;
    for (const sample of chosen.filter(({ path }) => !theyCannot.test(path))) {
      const theirs = await read(sample);
      if (theirs === undefined) continue;
      const expected = texts(theirs);
      const ours = texts(readPart10(sample.read()).json);
      expect(
        expected.map(([at]) => [at, ours.find(([each]) => each === at)?.[1]]),
        sample.path,
      ).toEqual(expected);
      beyondAscii += expected.filter(([, text]) => /\P{ASCII}/u.test(text)).length;
    }
    expect(beyondAscii).toBeGreaterThan(15);
  });
});

/** Undefined for what dcm2json refuses: compressed pixel data. */
async function read({ file }: Sample): Promise<DicomJson | undefined> {
  try {
    const { stdout } = await promisify(execFile)(dcm2json!, ['+f', file], { maxBuffer: 64 << 20 });
    return JSON.parse(stdout) as DicomJson;
  } catch (error) {
    expect((error as { stderr?: string }).stderr).toMatch(/compressed pixel data|not supported/);
    return undefined;
  }
}

const textual = new Set(['SH', 'LO', 'ST', 'LT', 'UC', 'UT', 'PN']);

function texts(json: DicomJson, at = ''): Array<readonly [string, string]> {
  return Object.entries(json).flatMap(([tag, attribute]) => {
    if (attribute.vr === 'SQ') return items(attribute).flatMap((item, i) => texts(item, `${at}${tag}[${i}].`));
    const text = (attribute.Value ?? []).map(plain).join('\\');
    return textual.has(attribute.vr) && text !== '' ? [[`${at}${tag}`, text] as const] : [];
  });
}

const items = ({ Value = [] }: JsonAttribute): DicomJson[] => Value.map((item) => (item ?? {}) as DicomJson);

function plain(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return String(value ?? '').trim();
  const { Alphabetic, Ideographic, Phonetic } = value as JsonPersonName;
  return [Alphabetic, Ideographic, Phonetic].map((group) => (group ?? '').replace(/[\^ ]+$/, '')).join('=');
}
