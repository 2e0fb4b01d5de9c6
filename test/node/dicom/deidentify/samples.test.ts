// Every readable sample, de-identified: nothing of what the profile takes out is anywhere in the file, pixels are those
// that were, UIDs agree across a study, and dciodvfy finds no fault that it did not find before.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { blankComments } from '../../../../node/dicom/deidentify/raw/comments.ts';
import { type DatasetNode, readTree } from '../../../../node/dicom/deidentify/raw/nodes.ts';
import { isPixelData } from '../../../../node/dicom/model/tags.ts';
import { transferSyntax, uids } from '../../../../node/dicom/model/transfer-syntax.ts';
import { readFileHead } from '../../../../node/dicom/read/part10.ts';
import { writePart10Header } from '../../../../node/dicom/write/part10-header.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { requires } from '../../../programs.ts';
import { freshDir, removeDir } from '../../stores.ts';
import { codeOf, readFile } from '../helpers.ts';
import { samples } from '../samples.ts';
import { deidentifiedFile, key, sourceOf } from './kit.ts';
import { leaks, secretsOf, wordsOf } from './scan.ts';

interface Readable {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** It has the UIDs that the peer needs to take it in. */
  readonly whole: boolean;
}

const basic = 'basic+inspected';
/** dciodvfy waits for its process to start more than it works. */
const lanes = 8;
const profiles = [
  basic,
  'basic+inspected+descriptors+structured',
  'basic+inspected+dates+characteristics+descriptors+structured+safe-private+graphics',
  'basic+inspected+uids+device+institution+full-dates',
];

const all = samples();
const readable: Readable[] = [];
for (const sample of all) {
  const bytes = sample.read();
  try {
    await deidentifiedFile(bytes);
    readable.push({ path: sample.path, bytes, whole: (await codeOf(readFile(bytes))) === 'none' });
  } catch (error) {
    if (!(error instanceof PeerError)) throw error; // samples.test.ts says which these are, and why
  }
}

describe.runIf(all.length > 0)('samples', () => {
  test.each(profiles)('%s: nothing of what it takes out is left, in any encoding', async (profile) => {
    let looked = 0;
    for (const { path, bytes } of readable) {
      const { file } = await deidentifiedFile(bytes, { profile });
      const secrets = await secretsOf(bytes, profile);
      looked += secrets.length;
      expect(leaks(secrets, await wordsOf(file)), path).toEqual([]);
      // a scanner that finds nothing must be able to find
      const first = secrets[0];
      if (first) expect(leaks(secrets, await wordsOf(await inflated(bytes))), path).toContainEqual(first);
    }
    expect(readable.length).toBeGreaterThan(290);
    expect(looked).toBeGreaterThan(1_300); // far more but where UIDs and dates are kept
  });

  test('the pixels are those of the original, but for comments', async () => {
    let compared = 0;
    for (const { path, bytes } of readable) {
      const before = await pixelsOf(bytes);
      const after = await pixelsOf((await deidentifiedFile(bytes)).file);
      expect(after === undefined, path).toBe(before === undefined);
      if (before === undefined || after === undefined) continue;
      // an odd length gets the padding that PS3.5 asks for
      expect(Buffer.compare(before, after.subarray(0, before.length)), path).toBe(0);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(220);
  });

  test('the same key gives the same bytes and the same UIDs across a study, another key others', async () => {
    const studies = new Map<string, Set<string>>();
    const instances = new Set<string>();
    for (const { path, bytes, whole } of readable) {
      const once = await deidentifiedFile(bytes);
      const again = await deidentifiedFile(bytes);
      expect(Buffer.compare(once.file, again.file), path).toBe(0);
      if (!whole) continue;
      const before = (await readFile(bytes)).summary.header;
      const { summary, head } = await readFile(once.file);
      const after = summary.header;
      expect(head.sopInstanceUid, path).toBe(after.sopInstanceUid);
      const news = studies.get(before.studyUid) ?? new Set();
      studies.set(before.studyUid, news.add(after.studyUid));
      instances.add(`${before.sopInstanceUid} ${after.sopInstanceUid}`);
      const other = await deidentifiedFile(bytes, { key: key.map((byte) => byte ^ 1) });
      expect(other.sopInstanceUid, path).not.toBe(once.sopInstanceUid);
    }
    expect([...studies.values()].every((news) => news.size === 1)).toBe(true);
    const [olds, news] = [0, 1].map((i) => new Set([...instances].map((pair) => pair.split(' ')[i])));
    expect(news!.size).toBe(olds!.size);
    expect(instances.size).toBe(olds!.size);
  });

  const dciodvfy = requires('dciodvfy');
  if (dciodvfy === undefined) return;

  const faulty = new Map<string, Set<string>>();
  test.each([profiles[0]!, profiles[2]!])('%s: dciodvfy finds no new fault', { timeout: 300_000 }, async (profile) => {
    const dir = await freshDir();
    const faults = async (name: string, bytes: Uint8Array): Promise<Set<string>> => {
      await writeFile(join(dir, name), bytes);
      const said = await new Promise<string>((resolve) => {
        execFile(dciodvfy, [join(dir, name)], { maxBuffer: 1 << 28, encoding: 'latin1' }, (_status, out, err) =>
          resolve(out + err),
        );
      });
      const lines = said.split('\n').filter((line) => line.startsWith('Error'));
      return new Set(lines.map((line) => line.replace(/\d+(\.\d+){2,}|(?<=UID )\S+/g, 'UID')));
    };
    const compare = async ({ path, bytes }: Readable, lane: number): Promise<void> => {
      const before = faulty.get(path) ?? (await faults(`before-${lane}.dcm`, await inflated(bytes)));
      faulty.set(path, before);
      const after = await faults(`after-${lane}.dcm`, (await deidentifiedFile(bytes, { profile })).file);
      expect(
        [...after].filter((fault) => !before.has(fault)),
        path,
      ).toEqual([]);
    };
    for (let at = 0; at < readable.length; at += lanes) {
      await Promise.all(readable.slice(at, at + lanes).map(compare));
    }
    await removeDir(dir);
  });
});

/** A deflated file as dciodvfy can read it, others as they are. */
async function inflated(file: Uint8Array): Promise<Uint8Array> {
  const head = readFileHead(file, true)!;
  if (!transferSyntax(head.transferSyntax).deflated) return file;
  const { sopClassUid, sopInstanceUid } = (await readFile(file)).summary.header;
  const meta = writePart10Header({ sopClassUid, sopInstanceUid, transferSyntax: uids.explicitLittleEndian });
  return Buffer.concat([meta, inflateRawSync(file.subarray(head.datasetOffset))]);
}

/** The pixel data, little-endian. */
async function pixelsOf(file: Uint8Array): Promise<Buffer | undefined> {
  const head = readFileHead(await inflated(file), true)!;
  const dataset = (await inflated(file)).subarray(head.datasetOffset);
  const { nodes } = await readTree(sourceOf(dataset, head.transferSyntax));
  const pixels: DatasetNode | undefined = nodes.find(({ tag }) => isPixelData(tag));
  if (pixels === undefined || pixels.kind === 'value' || pixels.kind === 'sequence') return undefined;
  const ranges = pixels.kind === 'range' ? [pixels] : pixels.fragments;
  const parts = ranges.map(({ offset, length }) => Uint8Array.from(dataset.subarray(offset, offset + length)));
  if (pixels.kind === 'fragments') for (const part of parts) blankComments(part);
  const bytes = Buffer.concat(parts);
  if (pixels.kind === 'range' && !pixels.littleEndian && pixels.vr === 'OW') bytes.swap16();
  return bytes;
}
