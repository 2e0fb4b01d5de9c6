// Copies that a grant brought: sealed objects that were verified chunk by chunk while they came, described by the
// manifest that the grant names. They are kept as they are, under the owner's series keys.
import { hex } from '../../../protocol/bytes.ts';
import {
  attributesOf,
  framesOf,
  type ManifestInstance,
  type ManifestSeries,
} from '../../../protocol/manifest/manifest.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import type { DicomJson } from '../../dicom/model/json.ts';
import { instanceHeader } from '../../dicom/read/instance-header.ts';
import type { Added, Additions, NoteStudy } from '../../store/additions.ts';
import type { Index } from '../../store/index.ts';
import type { Write } from '../../store/kv.ts';
import { type NewInstance, newPatient, rowsOf } from '../../store/new-instance.ts';
import type { ObjectStore, PartialObject } from '../../store/objects.ts';
import type { Identifier } from '../../store/records.ts';
import type { StudyKeys } from '../../store/study-keys.ts';
import { type Aside, conflictReasons } from './aside.ts';
import { type Routes, routed } from './routed.ts';

/** One object that is complete and verified. */
export interface ArrivedCopy {
  readonly series: ManifestSeries;
  readonly instance: ManifestInstance;
  /** Its sealed bytes, to be committed; undefined when the store holds the object already. */
  readonly file: PartialObject | undefined;
}

/** Whose copies these are and how they open. */
export interface Copies {
  /** The owner's member id. */
  readonly source: string;
  /** Whom was asked for: the owner's own number for the patient means nothing here. */
  readonly patient: Identifier;
  readonly studyUid: string;
  readonly keys: readonly { readonly uid: string; readonly generation: number; readonly key: Uint8Array }[];
}

export interface AdoptParts {
  readonly objects: Pick<ObjectStore, 'sync' | 'remove'>;
  readonly index: Pick<Index, 'instance' | 'study'>;
  readonly additions: Additions;
  readonly keys: StudyKeys;
  readonly aside: Aside;
  readonly clock: Clock;
  readonly random: Random;
  /** Where an instance goes on to; absent when nothing is routed. */
  readonly routes?: Routes | undefined;
  /** Called for every instance that became visible. */
  readonly changed: (studyUid: string) => void;
  /** Writes down that something of a study comes in, before it is there. Called for every group that is added. */
  readonly note: NoteStudy;
}

/** Makes arrived objects durable: files first, then all their index entries in one write. */
export async function adopt(
  parts: AdoptParts,
  study: { id: string; ref: string },
  copies: Copies,
  arrived: readonly ArrivedCopy[],
): Promise<void> {
  const settled = await Promise.allSettled(arrived.map(({ file, instance }) => file?.place(instance.objectId)));
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  await parts.objects.sync(arrived.map(({ instance }) => instance.objectId));
  const also = await parts.keys.grant(study.id, copies.source, copies.keys);
  const results = await Promise.all(
    arrived.map((each) =>
      parts.additions.add(routed(parts.routes, newCopy(parts, study, copies, each, also)), parts.note),
    ),
  );
  for (const [i, result] of results.entries()) await settle(parts, copies, arrived[i]!, result);
  if (results.includes('imported')) parts.changed(copies.studyUid);
}

function newCopy(
  parts: AdoptParts,
  study: { id: string; ref: string },
  { source, patient, studyUid }: Copies,
  { series, instance }: ArrivedCopy,
  also: readonly Write[],
): NewInstance {
  const json = attributesOf(series, instance) as DicomJson;
  const header = instanceHeader(json, instance.transferSyntax, false);
  const { sopInstanceUid, sopClassUid, transferSyntax } = instance;
  const { objectId, sealedLength, plainLength, datasetOffset, digest = '' } = instance;
  return rowsOf(header, json, {
    patient: newPatient(hex(parts.random(16)), [patient], header.columns.patient),
    study: { id: study.id, ref: study.ref, uid: studyUid, origin: 'copy' },
    instance: {
      ...{ sopInstanceUid, sopClassUid, transferSyntax, seriesUid: series.uid },
      ...{ objectId, sealedLength, plainLength, datasetOffset, digest, frames: framesOf(instance) },
      ...{ generation: series.generation, source },
    },
    now: parts.clock.now(),
    also,
  });
}

/** What we had already needs no second file; what contradicts it, or is too much, is kept aside for a person. */
async function settle(parts: AdoptParts, copies: Copies, { series, instance }: ArrivedCopy, result: Added) {
  if (result === 'imported') return;
  const { objectId, sealedLength, plainLength, datasetOffset, transferSyntax, sopClassUid, sopInstanceUid } = instance;
  if (result === 'duplicate') {
    const kept = await parts.index.instance(sopInstanceUid);
    if (kept?.objectId !== objectId) await parts.objects.remove(objectId);
    return;
  }
  const key = copies.keys.find((each) => each.uid === series.uid && each.generation === series.generation)!.key;
  await parts.aside.put({
    kind: 'conflict',
    reason: conflictReasons[result],
    announced: { from: copies.source, transferSyntax, instance: { sopClassUid, sopInstanceUid } },
    key: hex(key),
    ...{ objectId, sealedLength, plainLength, datasetOffset },
  });
}
