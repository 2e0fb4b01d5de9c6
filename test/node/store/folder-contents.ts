// What is in a data folder, as far as a peer shows it: written down beside a folder that is kept, and held against it when
// a later version opens it.
import { createHash } from 'node:crypto';
import { studyReader } from '../../../node/access/study-reader.ts';
import type { Level } from '../../../node/dicom/model/index-attributes.ts';
import type { Aside } from '../../../node/exchange/import/aside.ts';
import { parseSearch } from '../../../node/http/dicomweb/qido/query.ts';
import { resultOf } from '../../../node/http/dicomweb/qido/results.ts';
import { find } from '../../../node/query/search.ts';
import type { Index } from '../../../node/store/index.ts';
import type { StoredObjects } from '../../../node/store/objects.ts';
import type { StudyKeys } from '../../../node/store/study-keys.ts';
import { nativeBulk } from '../../../node/system/bulk.ts';

const searches: readonly (readonly [Level, string])[] = [
  ['study', ''],
  ['study', 'PatientName=*rusu*&fuzzymatching=true'],
  ['study', 'StudyDate=20260101-20260131&includefield=all'],
  ['study', 'ModalitiesInStudy=SR&includefield=NumberOfPatientRelatedStudies'],
  ['study', 'InstitutionName=*&PatientID=2000000000008'],
  ['series', 'includefield=ProtocolName,StationName'],
  ['series', 'Modality=CT&BodyPartExamined=*'],
  ['instance', ''],
  ['instance', 'InstanceNumber=2&includefield=all'],
];

interface Parts {
  readonly index: Index;
  readonly objects: StoredObjects;
  readonly keys: StudyKeys;
  readonly aside: Aside;
}

/** Everything as JSON. */
export async function contentsOf({ index, objects, keys, aside }: Parts) {
  const studies = [];
  const instances = [];
  for (const study of [...index.studies()].sort(byUid)) {
    const { series, ...rest } = study;
    // the order of series is that of the list
    studies.push({ ...rest, series: series.map(({ order: _, ...each }) => each) });
    const reader = studyReader(study, { index, objects, keys, bulk: nativeBulk });
    for await (const instance of reader.instances()) {
      const header = digest([await reader.header(instance)]);
      instances.push({ ...instance, header, bytes: await bytesOf(reader.read(instance)) });
    }
  }
  const answers = await Promise.all(
    searches.map(async ([level, text]) => ({ level, text, found: await answersTo(index, level, text) })),
  );
  const kept = [];
  for await (const { row } of aside.rows()) kept.push({ kind: row.kind, reason: row.reason, objectId: row.objectId });
  return plain({ patients: [...index.patients()].sort(byId), studies, instances, answers, aside: kept });
}

async function bytesOf(read: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of read) pieces.push(piece.slice());
  return digest(pieces);
}

async function answersTo(index: Index, level: Level, text: string): Promise<unknown[]> {
  const query = parseSearch(`/x?${text}`);
  const { keys, fuzzy } = query;
  const found: unknown[] = [];
  for await (const each of find({ index }, { level, keys, fuzzy, combined: true })) {
    found.push(sorted(await resultOf(each, { level, scope: {}, query, base: 'http://peer' }, index)));
  }
  return found;
}

const sorted = (json: object): object => Object.fromEntries(Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1)));
const digest = (pieces: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};
const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
const byUid = (a: { uid: string }, b: { uid: string }): number => (a.uid < b.uid ? -1 : 1);
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
