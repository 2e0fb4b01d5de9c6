// Explicit to implicit VR while it flows: the same values, whatever the pieces.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DicomJson, JsonAttribute } from '../../../../node/dicom/model/json.ts';
import { uids } from '../../../../node/dicom/model/transfer-syntax.ts';
import { dictionaryVr } from '../../../../node/dicom/model/vr.ts';
import { readFileHead } from '../../../../node/dicom/read/part10.ts';
import { readDataset } from '../../../../node/dicom/read/read-dataset.ts';
import { toImplicit } from '../../../../node/dicom/write/to-implicit.ts';
import { writeDataset } from '../../../../node/dicom/write/write-dataset.ts';
import { concat } from '../../../../protocol/bytes.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { samples } from '../samples.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const converted = async (bytes: Uint8Array, size = 65_536): Promise<Uint8Array> =>
  concat(...(await Array.fromAsync(toImplicit(pieces(bytes, size)))));

/** The same tags, and the same values where the dictionary gives back the VR; byte ranges by their length. */
function expectSame(after: DicomJson, before: DicomJson, where = ''): void {
  const kept = Object.keys(before).filter((tag) => !tag.endsWith('0000'));
  expect(Object.keys(after).sort(), where).toEqual(kept.sort());
  for (const tag of kept) {
    const [was, is] = [before[tag]!, after[tag]!];
    if (was.vr !== is.vr) expect(dictionaryVr(Number.parseInt(tag, 16)), `${where} ${tag}`).not.toBe(was.vr);
    else if (was.vr === 'SQ') expectItems(is, was, `${where} ${tag}`);
    else expect(valuesOf(is), `${where} ${tag}`).toEqual(valuesOf(was));
  }
}

function expectItems(after: JsonAttribute, before: JsonAttribute, where: string): void {
  const items = (before.Value ?? []) as DicomJson[];
  expect(after.Value?.length ?? 0, where).toBe(items.length);
  for (const [i, item] of items.entries()) expectSame(after.Value![i] as DicomJson, item, where);
}

const valuesOf = ({ Value, InlineBinary, BulkDataURI }: JsonAttribute): unknown =>
  BulkDataURI === undefined ? (Value ?? InlineBinary) : BulkDataURI.split('/')[1];

const nested: DicomJson = {
  '00080018': { vr: 'UI', Value: ['1.2.3'] },
  '00081115': {
    vr: 'SQ',
    Value: [
      {
        '0020000E': { vr: 'UI', Value: ['1.2'] },
        '00081199': { vr: 'SQ', Value: [{}, { '00081155': { vr: 'UI', Value: ['9'] } }] },
      },
    ],
  },
  '00081140': { vr: 'SQ' },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Rusu^Ana' }] },
  '7FE00010': { vr: 'OW', InlineBinary: Buffer.alloc(300, 7).toString('base64') },
};

describe('explicit VR to implicit VR', () => {
  test('in pieces of any size', async () => {
    const explicit = writeDataset(nested, { encoding: 'explicit-le' });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (size) => {
        const json = readDataset(await converted(explicit, size), uids.implicitLittleEndian);
        expectSame(json, readDataset(explicit, uids.explicitLittleEndian));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('what is cut off, compressed or no data set is refused', async () => {
    const explicit = writeDataset(nested, { encoding: 'explicit-le' });
    await expect(converted(explicit.subarray(0, -20))).rejects.toMatchObject({ code: 'dicom/truncated' });
    const fragments = Buffer.from('e07f10004f420000ffffffff', 'hex');
    await expect(converted(fragments)).rejects.toMatchObject({ code: 'route/transfer-syntax' });
    await expect(converted(Buffer.from('0123456789abcdef'))).rejects.toMatchObject({ code: 'dicom/malformed' });
  });

  test('any bytes end in bytes or in a coded error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const error = await converted(bytes).catch((reason: unknown) => reason);
        expect(error instanceof Uint8Array || error instanceof PeerError).toBe(true);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  const explicit = samples().filter((sample) => sample.transferSyntax.endsWith(uids.explicitLittleEndian));
  if (explicit.length > 0) {
    test('every sample in explicit VR keeps its values', async () => {
      let done = 0;
      for (const sample of explicit) {
        const file = sample.read();
        const head = readFileHead(file, true);
        if (head?.transferSyntax !== uids.explicitLittleEndian || file.length > 8_000_000) continue;
        const dataset = file.subarray(head.datasetOffset);
        let before: DicomJson;
        try {
          before = readDataset(dataset, uids.explicitLittleEndian);
        } catch {
          continue; // a sample that is broken: it is not sent either
        }
        const out = await converted(dataset).catch((error: PeerError) => error);
        if (out instanceof PeerError) continue;
        expectSame(readDataset(out, uids.implicitLittleEndian), before, sample.path);
        done++;
      }
      expect(done / explicit.length, `${done} of ${explicit.length}`).toBeGreaterThan(0.9);
    });
  }
});
