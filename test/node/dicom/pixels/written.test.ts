// What we write in another transfer syntax, read by dcmtk and GDCM; regions that are blanked; pictures as dcm2pnm's.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode as decodePng } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { performPixels } from '../../../../node/dicom/pixels/jobs.ts';
import { recipe } from '../../../../node/dicom/pixels/recipe.ts';
import { pixelSource } from '../../../../node/dicom/pixels/source.ts';
import { asTransferSyntax, part10Of, type TranscodeOptions } from '../../../../node/dicom/pixels/transcode.ts';
import { requires } from '../../../programs.ts';
import { codeOf } from '../helpers.ts';
import { samples } from '../samples.ts';
import { storedFile } from './kit.ts';
import { codecs, decodings, difference, framesOf, inline } from './reference.ts';

const all = samples();
const named = (end: string) => all.find(({ path }) => path.endsWith(`/${end}`))!.read();
const explicit = '1.2.840.10008.1.2.1';
const jpegBaseline = '1.2.840.10008.1.2.4.50';

async function written(part10: Uint8Array, to: string, options: TranscodeOptions = {}): Promise<Buffer> {
  const stored = await storedFile(part10);
  const parts: Uint8Array[] = [];
  const made = await asTransferSyntax(stored, [to], { pixels: inline }, options);
  for await (const chunk of part10Of(stored, made)) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}

describe.runIf(all.length > 0)('written anew', () => {
  const programs = [requires('gdcmconv'), requires('dcmdjpeg'), requires('dcmdjpls')];
  const files = [
    'CT_small.dcm',
    'examples_rgb_color.dcm',
    'examples_palette.dcm',
    'SC_rgb_jpeg_dcmtk.dcm',
    'MR_small_bigendian.dcm',
  ];
  const targets = ['1.2.840.10008.1.2.5', ...['70', '80', '90'].map((end) => `1.2.840.10008.1.2.4.${end}`)];

  test.runIf(programs.every((program) => program !== undefined)).each(targets)('%s is read by others', async (to) => {
    for (const file of files) {
      const before = await framesOf(await storedFile(named(file)));
      const theirs = [...(await decodings(await written(named(file), to))).values()];
      expect([file, theirs.length > 0, Math.min(...theirs.map((each) => difference(before, each)))]).toEqual([
        file,
        true,
        0,
      ]);
    }
  });

  test.runIf(requires('dcmdjpeg') !== undefined)('JPEG baseline says that it is lossy, and is near', async () => {
    const file = await written(named('examples_rgb_color.dcm'), jpegBaseline, { quality: 95 });
    const { header } = await storedFile(file);
    expect(header['00282110']?.Value).toEqual(['01']);
    expect(header['00282114']?.Value).toEqual(['ISO_10918_1']);
    expect(header['00080008']?.Value?.[0]).toBe('DERIVED');
    expect(header['00280004']?.Value).toEqual(['YBR_FULL_422']);
    const before = await framesOf(await storedFile(named('examples_rgb_color.dcm')));
    const theirs = (await decodings(file)).get('dcmdjpeg')!;
    expect(difference(before, theirs)).toBeLessThan(32);
    expect(await codeOf(written(named('CT_small.dcm'), jpegBaseline))).toBe('pixels/cannot-encode');
  });

  test('what is accepted as it is stored comes to the byte', async () => {
    const stored = await storedFile(named('MR_small_RLE.dcm'));
    const made = await asTransferSyntax(stored, [explicit, stored.transferSyntax], { pixels: inline });
    expect(made).toMatchObject({ transferSyntax: stored.transferSyntax, length: stored.length });
    const raw = await asTransferSyntax(stored, ['1.2.840.10008.1.2', explicit], { pixels: inline });
    expect(raw.transferSyntax).toBe(explicit);
    const none = asTransferSyntax(stored, ['1.2.840.10008.1.2.4.102'], { pixels: inline });
    expect(await codeOf(none)).toBe('pixels/cannot-encode');
  });

  test('blanked regions are black in every frame, and nothing else is', async () => {
    const blank = [{ left: 10, top: 20, right: 30, bottom: 25 }];
    for (const [file, to] of [
      ['SC_rgb_rle_2frame.dcm', explicit],
      ['SC_rgb_jpeg_dcmtk.dcm', '1.2.840.10008.1.2.4.80'],
      ['CT_small.dcm', '1.2.840.10008.1.2.5'],
    ] as const) {
      const before = await framesOf(await storedFile(named(file)));
      const after = await framesOf(await storedFile(await written(named(file), to, { blank })));
      expect(after).toHaveLength(before.length);
      for (const [i, { shape, pixels }] of after.entries()) {
        const size = (shape.bitsAllocated / 8) * shape.samples;
        const colours = new Set<string>();
        for (let at = 0; at < pixels.length; at += size) {
          const [column, row] = [(at / size) % shape.columns, Math.floor(at / size / shape.columns)];
          const inside = column >= 10 && column < 30 && row >= 20 && row < 25;
          const pixel = Buffer.from(pixels.subarray(at, at + size)).toString('hex');
          if (inside) colours.add(pixel);
          else if (pixel !== Buffer.from(before[i]!.pixels.subarray(at, at + size)).toString('hex'))
            colours.add('other');
        }
        expect([file, ...colours]).toHaveLength(2);
      }
    }
  });
});

describe.runIf(all.length > 0)('a picture', () => {
  const files = [
    'CT_small.dcm',
    'MR_small_bigendian.dcm',
    'examples_palette.dcm',
    'SC_rgb_small_odd.dcm',
    'rtdose.dcm',
  ];

  const program = requires('dcm2pnm');

  test.runIf(program !== undefined).each(files)('of %s is that of dcm2pnm', async (file) => {
    const stored = await storedFile(named(file));
    const { shape, transferSyntax, frame } = pixelSource(stored);
    const how = await recipe(stored, shape, 0, { type: 'image/png' });
    const bytes = await frame(0);
    const { data } = decodePng(
      performPixels(codecs, { type: 'render', bytes, shape, transferSyntax, recipe: how }).bytes,
    );
    const theirs = dcm2pnm(program!, named(file), how.gray.voi ? ['+Wi', '1'] : shape.bitsStored > 8 ? ['+Wm'] : []);
    const apart = Array.from(data, (value, at) => Math.abs(value - theirs[at]!));
    expect(apart.length).toBe(theirs.length);
    expect(apart.reduce((most, each) => Math.max(most, each), 0)).toBeLessThanOrEqual(2);
  });
});

/** The first frame as 8-bit samples. */
function dcm2pnm(program: string, part10: Uint8Array, window: readonly string[]): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'dicomnet-pixels-'));
  try {
    const [from, to] = [join(dir, 'in.dcm'), join(dir, 'out.pnm')];
    writeFileSync(from, part10);
    execFileSync(program, ['-q', '-O', '+F', '1', '+op', ...window, from, to], { stdio: 'ignore' });
    const bytes = readFileSync(to);
    const head = /^P[56]\s+(?:#.*\s+)*\d+\s+\d+\s+\d+\s/.exec(bytes.subarray(0, 300).toString('latin1'))!;
    return bytes.subarray(head[0].length);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
