// Every sample file: taken in and given back to the byte, or kept aside to the byte for a reason that dcmtk sees too.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSealed, studyReader } from '../../../../node/access/study-reader.ts';
import type { InstanceHeader } from '../../../../node/dicom/read/instance-header.ts';
import { Part10Splitter } from '../../../../node/dicom/read/part10.ts';
import { importFile } from '../../../../node/exchange/import/from-file.ts';
import { unhex } from '../../../../protocol/bytes.ts';
import { requires } from '../../../programs.ts';
import { readFile } from '../../dicom/helpers.ts';
import { type Sample, samples } from '../../dicom/samples.ts';
import { freshDir, openStores, removeDir, rowsOf, type Stores } from '../../stores.ts';

/** What is kept aside or refused, and why, by the last part of the path. All others are imported. */
const reasons: Readonly<Record<string, string>> = {
  'sample_ct.dcm': 'dicom/not-dicom', // 16 bytes of text
  'no_meta.dcm': 'dicom/not-dicom', // one stray byte, then a data set
  'MR_truncated.dcm': 'dicom/truncated',
  'rtplan_truncated.dcm': 'dicom/truncated',
  'meta_missing_tsyntax.dcm': 'dicom/transfer-syntax',
  'DICOMDIR-nooffset': 'dicom/length', // its last item ends beyond the sequence
};
const directory = /^DICOMDIR(?!-nooffset)/;
const noIdentity =
  /palettes\/|HTJ2K\w*_08_RGB|JLSL_|JPEGLSNearLossless_|SC_rgb_jls_lossy|chrSQEncoding|UN_sequence|empty_charset|priv_SQ|no_meta_group_length/;

function reasonOf({ path }: Sample): string | undefined {
  const name = path.split('/').at(-1)!;
  if (directory.test(name)) return 'dicom/directory';
  return reasons[name] ?? (noIdentity.test(path) ? 'dicom/uid-missing' : undefined);
}

interface Taken {
  readonly sample: Sample;
  readonly outcome: string;
  readonly reason: string | undefined;
  /** The data set in the file, and as it is kept. */
  readonly came: Buffer;
  readonly kept: Buffer | undefined;
}

async function* whole(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

async function gathered(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The data set, where the file has a head that can be read. */
function datasetOf(file: Uint8Array): Buffer {
  const splitter = new Part10Splitter();
  try {
    const part = splitter.push(file) ?? splitter.end();
    return Buffer.from(part ?? new Uint8Array());
  } catch {
    return Buffer.alloc(0); // refused: nothing is kept that could be compared
  }
}

let dir: string;
let stores: Stores;
const taken: Taken[] = [];
const all = samples();

beforeAll(async () => {
  dir = await freshDir();
  stores = await openStores(dir);
  for (const sample of all) taken.push(await take(sample));
}, 300_000);
afterAll(async () => {
  await stores.kv.close();
  await removeDir(dir);
});

async function take(sample: Sample): Promise<Taken> {
  const file = sample.read();
  const before = new Set((await rowsOf(stores.aside)).map(({ id }) => id));
  const seen = new Set<string>();
  for (const study of stores.index.studies())
    for await (const each of stores.index.instances(study.id)) seen.add(each.objectId);
  const result = await importFile(stores.importer, whole(file), 'sample');
  const reason = 'reason' in result ? result.reason : undefined;
  const taken = { sample, outcome: result.outcome, reason, came: datasetOf(file) };
  if (result.outcome === 'aside') {
    const record = (await rowsOf(stores.aside)).find(({ id }) => !before.has(id))!;
    const { objectId, key, datasetOffset, plainLength } = record;
    return { ...taken, kept: await gathered(readSealed(stores, objectId, unhex(key), datasetOffset, plainLength)) };
  }
  if (result.outcome !== 'imported') return { ...taken, kept: undefined };
  const reader = studyReader(stores.index.study(result.study)!, stores);
  for await (const instance of reader.instances()) {
    if (!seen.has(instance.objectId))
      return { ...taken, kept: await gathered(reader.read(instance, instance.datasetOffset)) };
  }
  return { ...taken, kept: undefined };
}

describe.runIf(all.length > 0)('every sample', () => {
  it('is imported, or kept aside or refused for the reason that is true of it', () => {
    const others = new Set(['import/conflict', 'import/patient-differs']);
    const found = taken.map(({ sample, reason }) => [sample.path, others.has(reason ?? '') ? undefined : reason]);
    expect(found).toEqual(all.map((sample) => [sample.path, reasonOf(sample)]));
    expect(taken.filter(({ outcome }) => outcome === 'imported').length).toBeGreaterThan(200);
  });

  it('is kept to the byte, imported or aside', () => {
    let compared = 0;
    for (const { sample, outcome, came, kept } of taken) {
      if (outcome === 'refused' || outcome === 'duplicate') continue;
      expect(kept?.equals(came), sample.path).toBe(true);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(290);
  });

  const dcmdump = requires('dcmdump');
  it.runIf(dcmdump)('is aside for what dcmdump misses too', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'dicomnet-samples-'));
    const path = join(scratch, 'file');
    const dump = (...options: string[]) => {
      const command = ['dcmdump', ...options, '-M', path, '2>&1', '; echo exit $?'].join(' ');
      return execFileSync('sh', ['-c', command], { maxBuffer: 1 << 28 }).toString('latin1');
    };
    const uids = ['0008,0016', '0008,0018', '0020,000d', '0020,000e'].flatMap((tag) => ['+P', tag]);
    for (const { sample, reason } of taken) {
      if (reason === undefined) continue;
      await writeFile(path, sample.read());
      if (reason === 'dicom/uid-missing') {
        const named = dump(...uids).match(/^\([0-9a-f,]{9}\) UI [[=]/gm) ?? [];
        expect(new Set(named).size, sample.path).toBeLessThan(4);
      } else if (reason === 'dicom/directory' || reason === 'dicom/length') {
        // dcmdump reads over an item that is longer than its sequence, but sees no instance either
        expect(dump('+P', '0004,1220'), sample.path).toContain('(0004,1220) SQ');
      } else if (reason.startsWith('dicom/')) {
        expect(dump(), sample.path).toMatch(/^[EW]: |exit [1-9]/m);
      }
    }
    await rm(scratch, { recursive: true });
  });

  it('is in conflict only with one that came before it', async () => {
    const before: InstanceHeader[] = [];
    for (const { sample, reason } of taken) {
      if (reason?.startsWith('dicom/')) continue;
      const { header } = (await readFile(sample.read())).summary;
      const sameName = before.some(({ sopInstanceUid }) => sopInstanceUid === header.sopInstanceUid);
      const sameStudy = before.filter(({ studyUid }) => studyUid === header.studyUid);
      if (reason === 'import/conflict') expect(sameName, sample.path).toBe(true);
      if (reason === 'import/patient-differs') {
        expect(
          sameStudy.some(({ patient }) => patient.id !== header.patient.id),
          sample.path,
        ).toBe(true);
      }
      before.push(header);
    }
  });
});
