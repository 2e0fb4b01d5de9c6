// A sample of each transfer syntax against what dcmtk or GDCM makes of it; samples.slow.ts does all of them.
import { describe, expect, test } from 'vitest';
import { requires } from '../../../programs.ts';
import { samples } from '../samples.ts';
import { storedFile } from './kit.ts';
import { decodings, difference, framesOf } from './reference.ts';

const all = samples();
const images = all.filter(({ path, shape }) => /^[1-9]/.test(shape) && !/rtdose|truncated/.test(path));
const firsts = [...new Map(images.map((sample) => [sample.transferSyntax.split(' ').at(-1)!, sample])).entries()];
// HTJ2K and deflated frames: no other program here reads them, so that another form of the same image has to do
const alone = new Set(['1.2.840.10008.1.2.4.201', '1.2.840.10008.1.2.4.203', '1.2.840.10008.1.2.8.1']);

describe.runIf(all.length > 0)('a sample of', () => {
  const programs = [requires('gdcmconv'), requires('dcmdjpeg'), requires('dcmdjpls')];
  const compared = firsts.filter(([syntax]) => syntax !== '' && !alone.has(syntax));

  test.runIf(programs.every((program) => program !== undefined)).each(compared)('%s', async (_syntax, sample) => {
    const ours = await framesOf(await storedFile(sample.read()));
    const theirs = [...(await decodings(sample.read())).values()].map((frames) => difference(ours, frames));
    expect(Math.min(...theirs), sample.path).toBe(0);
  });

  const named = (end: string) => all.find(({ path }) => path.endsWith(`/${end}`))!.read();

  test('bits is the same deflated, run-length encoded, as JPEG 2000 and in big endian', async () => {
    for (const name of ['liver', 'liver_nonbyte_aligned']) {
      const plain = await framesOf(await storedFile(named(`${name}.dcm`)));
      for (const form of ['deflate', 'rle', 'j2k']) {
        const other = await framesOf(await storedFile(named(`${name}_${form}.dcm`)));
        expect([form, difference(plain, other)]).toEqual([form, 0]);
      }
    }
    const one = await framesOf(await storedFile(named('liver_1frame.dcm')));
    expect(difference(one, await framesOf(await storedFile(named('liver_expb_1frame.dcm'))))).toBe(0);
  });

  test('numbers of 32 bits is the same in big endian and run-length encoded', async () => {
    const plain = await framesOf(await storedFile(named('rtdose.dcm')));
    for (const form of ['expb', 'rle']) {
      expect(difference(plain, await framesOf(await storedFile(named(`rtdose_${form}.dcm`))))).toBe(0);
    }
  });

  test('HTJ2K, lossless and lossy, is nearly the same image', async () => {
    const exact = await framesOf(await storedFile(named('HTJ2KLossless_08_RGB.dcm')));
    const near = await framesOf(await storedFile(named('HTJ2K_08_RGB.dcm')));
    expect(difference(exact, near)).toBeLessThan(64);
  });
});
