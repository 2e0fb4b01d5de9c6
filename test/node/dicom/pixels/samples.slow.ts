// Every sample file: decoded as dcmtk or GDCM do, rendered, and written in every other transfer syntax without loss.
import { describe, expect, test } from 'vitest';
import { uids } from '../../../../node/dicom/model/transfer-syntax.ts';
import { encodable, isLossless } from '../../../../node/dicom/pixels/encode.ts';
import { performPixels } from '../../../../node/dicom/pixels/jobs.ts';
import { recipe } from '../../../../node/dicom/pixels/recipe.ts';
import { pixelSource } from '../../../../node/dicom/pixels/source.ts';
import { transcode } from '../../../../node/dicom/pixels/transcode.ts';
import { writePart10Header } from '../../../../node/dicom/write/part10-header.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { requires } from '../../../programs.ts';
import { codeOf } from '../helpers.ts';
import { type Sample, samples } from '../samples.ts';
import { storedFile } from './kit.ts';
import { codecs, decodings, difference, framesOf, inline } from './reference.ts';

// What cannot be decoded, and why: its codestream's size was overwritten with a sequence delimiter.
const undecodable: Record<string, string> = { 'JPEG2000-embedded-sequence-delimiter.dcm': 'pixels/corrupt' };
// What no program here decodes (samples.test.ts compares them with other forms of the same image)...
const alone = /HTJ2K|liver\w*_(deflate|rle|j2k)/;
// ... and where theirs is another: GDCM and dcmtk swap words of 32 bits as pairs of 16.
const differ = /rtdose_expb/;

const name = ({ path }: Sample): string => path.split('/').at(-1)!;

/** The samples that have pixels. */
async function images(): Promise<Sample[]> {
  const found: Sample[] = [];
  for (const sample of samples()) {
    const code = await codeOf(storedFile(sample.read()).then(pixelSource));
    if (code === 'none') found.push(sample);
    else if (!code.startsWith('dicom/')) expect([sample.path, code]).toEqual([sample.path, 'pixels/none']);
  }
  return found;
}

const all = await images();

describe.runIf(all.length > 0)('every sample', () => {
  const programs = [requires('gdcmconv'), requires('dcmdjpeg'), requires('dcmdjpls')];

  test.runIf(programs.every((program) => program !== undefined))('is decoded as by others', async () => {
    const found: [string, unknown][] = [];
    for (const sample of all) {
      const code = await codeOf(storedFile(sample.read()).then(framesOf));
      if (code !== 'none' || alone.test(name(sample)) || differ.test(name(sample))) {
        if (code !== 'none') found.push([name(sample), code]);
        continue;
      }
      const ours = await framesOf(await storedFile(sample.read()));
      const theirs = [...(await decodings(sample.read())).values()].map((frames) => difference(ours, frames));
      const least = Math.min(...theirs);
      if (least !== 0) found.push([name(sample), least]);
    }
    expect(found).toEqual(Object.entries(undecodable));
  });

  test('is rendered', async () => {
    for (const sample of all.filter((each) => undecodable[name(each)] === undefined)) {
      const stored = await storedFile(sample.read());
      const { shape, transferSyntax, frame } = pixelSource(stored);
      for (const type of ['image/png', 'image/jpeg'] as const) {
        const how = await recipe(stored, shape, 0, { type, view: { width: 200, height: 200 } });
        const bytes = await frame(0);
        const picture = performPixels(codecs, { type: 'render', bytes, shape, transferSyntax, recipe: how });
        expect(Math.max(picture.width, picture.height), sample.path).toBe(200);
      }
    }
  });

  const targets = [uids.explicitLittleEndian, uids.implicitLittleEndian, ...encodable.filter(isLossless)];

  test.each(targets)('is written as %s without loss, or refused', async (to) => {
    let written = 0;
    for (const sample of all.filter((each) => undecodable[name(each)] === undefined)) {
      const stored = await storedFile(sample.read());
      const before = await framesOf(stored);
      try {
        const head = writePart10Header({ sopClassUid: '1.2', sopInstanceUid: '1.2', transferSyntax: to });
        const parts: Uint8Array[] = [head];
        for await (const chunk of await transcode(stored, to, { pixels: inline })) parts.push(Uint8Array.from(chunk));
        const again = await framesOf(await storedFile(Buffer.concat(parts)));
        const same = again.every(({ pixels }, i) => Buffer.compare(pixels, before[i]!.pixels) === 0);
        expect([sample.path, again.length, same]).toEqual([sample.path, before.length, true]);
        written += 1;
      } catch (error) {
        if (!(error instanceof PeerError)) throw error;
        expect([sample.path, error.code]).toEqual([sample.path, 'pixels/cannot-encode']);
      }
    }
    expect(written).toBeGreaterThan(190);
  });
});
