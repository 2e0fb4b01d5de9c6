// Reading at a hospital over DICOMweb what should be there, and comparing it with what was sent.
import { createHash } from 'node:crypto';
import { boundaryOf, multipart } from '../../node/cli/import/multipart.ts';
import { Part10Splitter } from '../../node/dicom/read/part10.ts';
import type { StudyHeld } from './expected.ts';
import type { RunningHospital } from './hospitals.ts';
import type { Sendable } from './instances.ts';
import type { SentInstance } from './send.ts';

const files = 'multipart/related; type="application/dicom"; transfer-syntax=*';
const frames = 'multipart/related; type="*/*"; transfer-syntax=*';
const json = 'application/dicom+json';

/** Differences between what was sent of a study and what this hospital gives: none if it is the same to the byte. */
export async function compareStudy(at: RunningHospital, study: StudyHeld): Promise<string[]> {
  const given = await retrieve(at, study.uid);
  const different: string[] = [];
  for (const [uid, { one, sha256 }] of study.instances) {
    const hashes = given.get(uid);
    if (hashes === undefined) different.push(`${one.name} is not at ${at.name}`);
    else if (hashes.length !== 1 || hashes[0] !== sha256) different.push(`${one.name} is another one at ${at.name}`);
    given.delete(uid);
  }
  if (given.size > 0) different.push(`${at.name} has ${given.size} instances more of a study than were sent`);
  return different;
}

/** SHA-256 of the data sets of a study by SOP Instance UID; each should come once. */
async function retrieve(at: RunningHospital, study: string): Promise<Map<string, string[]>> {
  const answer = await at.as.practitioner.openPath(`/dicom-web/studies/${study}`, files);
  const hashes = new Map<string, string[]>();
  let splitter = new Part10Splitter();
  let hash = createHash('sha256');
  const take = (bytes: Uint8Array | undefined) => bytes !== undefined && hash.update(bytes);
  for await (const event of multipart(answer, boundaryOf(answer.headers['content-type']))) {
    if (event.kind === 'part') {
      splitter = new Part10Splitter();
      hash = createHash('sha256');
    } else if (event.kind === 'data') {
      take(splitter.push(event.bytes));
    } else {
      take(splitter.end());
      const uid = splitter.head?.sopInstanceUid ?? '';
      hashes.set(uid, [...(hashes.get(uid) ?? []), hash.digest('hex')]);
    }
  }
  return hashes;
}

/** Reads the first frame of some instance of a study that is here already. False: there is none with a frame. */
export async function anyFirstFrame(at: RunningHospital, study: StudyHeld): Promise<boolean> {
  const answer = await at.as.practitioner.openPath(`/dicom-web/studies/${study.uid}/instances`, json);
  const here = JSON.parse((await whole(answer)).toString()) as Record<string, { Value?: unknown[] }>[];
  for (const each of here) {
    const sent = study.instances.get(String(each['00080018']?.Value?.[0]));
    if (sent?.one.frame === undefined) continue;
    await readFrame(at, sent.one);
    return true;
  }
  return false;
}

/** What is wrong with the first frame that this hospital gives of an instance, if anything. */
export async function compareFrame(at: RunningHospital, { one }: SentInstance): Promise<string | undefined> {
  const bytes = await readFrame(at, one);
  const { ranges, asStored } = one.frame!;
  const sent = await one.ranges(ranges);
  const same = asStored ? Buffer.compare(bytes, sent) === 0 : bytes.length === sent.length;
  return same ? undefined : `the first frame of ${one.name} is another one at ${at.name}`;
}

async function readFrame(at: RunningHospital, { header }: Sendable): Promise<Buffer> {
  const { studyUid, seriesUid, sopInstanceUid } = header;
  const path = `/dicom-web/studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}/frames/1`;
  const answer = await at.as.practitioner.openPath(path, frames);
  const parts: Buffer[] = [];
  for await (const event of multipart(answer, boundaryOf(answer.headers['content-type']))) {
    if (event.kind === 'data') parts.push(Buffer.from(event.bytes));
  }
  return Buffer.concat(parts);
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body));
}
