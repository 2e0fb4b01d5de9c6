// Every sample file, read whole and in odd pieces, against what the manifest says of it and what dcmjs reads.
import dcmjs from 'dcmjs';
import { describe, expect, test } from 'vitest';
import type { DicomJson } from '../../../../node/dicom/model/json.ts';
import { frameCount, frameRanges } from '../../../../node/dicom/read/frames.ts';
import { codeOf, readFile } from '../helpers.ts';
import { type Sample, samples } from '../samples.ts';

// What cannot be read, and why: checked by hand with dcmdump. By the last part of the path.
const unreadable: Record<string, string> = {
  'sample_ct.dcm': 'dicom/not-dicom', // 16 bytes of text
  'no_meta.dcm': 'dicom/not-dicom', // one stray byte, then a data set
  'MR_truncated.dcm': 'dicom/truncated',
  'rtplan_truncated.dcm': 'dicom/truncated',
  'meta_missing_tsyntax.dcm': 'dicom/transfer-syntax',
  'DICOMDIR-nooffset': 'dicom/length', // its last item ends beyond the sequence
  DICOMDIR: 'dicom/directory',
  'DICOMDIR-bigEnd': 'dicom/directory',
  'DICOMDIR-empty.dcm': 'dicom/directory',
  'DICOMDIR-implicit': 'dicom/directory',
  'DICOMDIR-nopatient': 'dicom/directory',
  'DICOMDIR-reordered': 'dicom/directory',
};
// Palettes, codec samples and test stumps without a study, or without a SOP class or instance UID.
const noIdentity =
  /palettes\/|HTJ2K\w*_08_RGB|JLSL_|JPEGLSNearLossless_|SC_rgb_jls_lossy|chrSQEncoding|UN_sequence|empty_charset|priv_SQ|no_meta_group_length/;

const expected = (path: string): string =>
  unreadable[path.split('/').at(-1)!] ?? (noIdentity.test(path) ? 'dicom/uid-missing' : 'none');

const all = samples();
const readable = all.filter(({ path }) => expected(path) === 'none');

describe.runIf(all.length > 0)('sample files', () => {
  test('each is read or refused by the code that is true', async () => {
    const found = await Promise.all(all.map(async (one) => [one.path, await codeOf(readFile(one.read()))]));
    expect(found).toEqual(all.map(({ path }) => [path, expected(path)]));
  });

  test('each agrees with the manifest, and its frames lie within it', async () => {
    for (const sample of readable) await agrees(sample);
  });

  test('pieces of any size read the same', async () => {
    for (const sample of readable) {
      const bytes = sample.read();
      const whole = await readFile(bytes);
      expect(await readFile(bytes, [1, 7, 3, 4096, 2, 65537]), sample.path).toEqual(whole);
      if (bytes.length < 50_000) expect(await readFile(bytes, [1]), sample.path).toEqual(whole);
    }
  });

  test('text and numbers are those that dcmjs reads', async () => {
    for (const log of [dcmjs.log, dcmjs.log.getLogger('validation.dcmjs')]) log.setLevel('silent');
    let compared = 0;
    for (const sample of readable.filter(({ path }) => !dcmjsDiffers.test(path))) {
      const bytes = sample.read();
      const theirs = dcmjs.data.DicomMessage.readFile(bytes.buffer as ArrayBuffer).dict as DicomJson;
      const { json } = (await readFile(bytes)).summary;
      expect(values(json), sample.path).toMatchObject(values(theirs));
      compared += 1;
    }
    expect(compared).toBeGreaterThan(240);
  });
});

async function agrees(sample: Sample): Promise<void> {
  const bytes = sample.read();
  const { head, summary } = await readFile(bytes);
  const { header, frames } = summary;
  const { rows, columns, frames: count } = header.instance;
  const shape = `${rows ?? ''}x${columns ?? ''}x${count ?? 1}`;
  expect(sample.shape.replace('1A', '1'), sample.path).toBe(shape);
  expect(header.series.modality ?? '', sample.path).toBe(sample.modality);
  const named = sample.transferSyntax.split(' ').at(-1)!;
  expect(named === '' ? head.guessedSyntax : named === header.transferSyntax, sample.path).toBe(true);
  expect(frames.kind === 'unknown' && frames.reason !== 'deflated', sample.path).toBe(false);
  expect(summary.jsonWhole, sample.path).toBe(true);
  for (let index = 0; index < frameCount(frames); index += 1) {
    for (const { offset, length } of frameRanges(frames, index)!.ranges) {
      expect(offset + length, sample.path).toBeLessThanOrEqual(bytes.length - head.datasetOffset);
    }
  }
}

// dcmjs refuses these: no preamble, several character sets, a wrong meta length; or reads the first as explicit VR.
const dcmjsDiffers =
  /SC_rgb_jpeg\.dcm|NoMeta|rtstruct|no-meta-length|chrH3|chrI2|Multi|J2K_pixelrep|badVR|empty_number/;

// Top-level text and integers that both keep; dcmjs pads some VRs and knows neither AT nor empty numbers.
function values(json: DicomJson): Record<string, unknown> {
  const plain = Object.entries(json).filter(([tag, { vr, Value }]) => {
    const has = Value !== undefined && Value.length > 0 && Value.every((value) => value !== '' && value !== null);
    return has && /^(UI|CS|DA|TM|SH|LO|IS|DS|UL)$/.test(vr) && !tag.endsWith('0000') && tag !== '00080005';
  });
  return Object.fromEntries(plain.map(([tag, { vr, Value }]) => [tag, { vr, Value }]));
}
