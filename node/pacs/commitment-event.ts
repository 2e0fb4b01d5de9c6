// The two data sets of storage commitment (PS3.4 tables J.3-1 and J.3-2), and what is true of the instances named.
import { must } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { commitmentClass, commitmentInstance, type Referenced } from '../dicom/dimse/scu/commitment.ts';
import type { EventReport } from '../dicom/dimse/services.ts';
import type { DicomJson, JsonAttribute, JsonValue } from '../dicom/model/json.ts';
import { isUid } from '../dicom/model/uid.ts';
import type { Index } from '../store/index.ts';
import type { StoredObjects } from '../store/objects.ts';

/** What is to be committed. */
export interface Requested {
  readonly transactionUid: string;
  readonly references: readonly Referenced[];
}

/** Failure Reason (0008,1197): PS3.3 C.14.1.1. */
const reasons = { noSuchInstance: 0x0112, classConflict: 0x0119 } as const;

const uidIn = (json: DicomJson, tag: string): string => {
  const value = json[tag]?.Value?.[0];
  must(typeof value === 'string' && isUid(value), 'dimse/argument', { at: tag });
  return value;
};

/** @throws PeerError dimse/argument naming what is missing or malformed, dimse/matches for too many */
export function requestedOf(dataset: DicomJson): Requested {
  const items = dataset['00081199']?.Value ?? [];
  must(items.length > 0, 'dimse/argument', { at: '00081199' });
  must(items.length <= limits.dimseCommitInstances, 'dimse/matches');
  return { transactionUid: uidIn(dataset, '00081195'), references: items.map(referenceOf) };
}

function referenceOf(item: JsonValue): Referenced {
  must(typeof item === 'object' && item !== null, 'dimse/argument', { at: '00081199' });
  const json = item as DicomJson;
  return { sopClassUid: uidIn(json, '00081150'), sopInstanceUid: uidIn(json, '00081155') };
}

interface CommitmentEventParts {
  readonly index: Pick<Index, 'instance'>;
  readonly objects: Pick<StoredObjects, 'has'>;
}

/** Why an instance cannot be committed; undefined when it is in the index and its object on the disk. */
async function failureOf({ sopClassUid, sopInstanceUid }: Referenced, { index, objects }: CommitmentEventParts) {
  const instance = await index.instance(sopInstanceUid);
  if (instance === undefined || !(await objects.has(instance.objectId))) return reasons.noSuchInstance;
  return instance.sopClassUid === sopClassUid ? undefined : reasons.classConflict;
}

const uid = (value: string): JsonAttribute => ({ vr: 'UI', Value: [value] });

/** The event that says what is committed and what is not, as it is now. */
export async function commitmentEvent(
  { transactionUid, references }: Requested,
  retrieveAe: string,
  parts: CommitmentEventParts,
): Promise<EventReport> {
  const [committed, failed]: [DicomJson[], DicomJson[]] = [[], []];
  for (const reference of references) {
    const reason = await failureOf(reference, parts);
    const item: DicomJson = { '00081150': uid(reference.sopClassUid), '00081155': uid(reference.sopInstanceUid) };
    if (reason === undefined) committed.push(item);
    else failed.push({ ...item, '00081197': { vr: 'US', Value: [reason] } });
  }
  const dataset: DicomJson = {
    '00080054': { vr: 'AE', Value: [retrieveAe] },
    '00081195': uid(transactionUid),
    ...(committed.length > 0 && { '00081199': { vr: 'SQ', Value: committed } }),
    ...(failed.length > 0 && { '00081198': { vr: 'SQ', Value: failed } }),
  };
  const typeId = failed.length === 0 ? 1 : 2;
  return { sopClassUid: commitmentClass, sopInstanceUid: commitmentInstance, typeId, dataset };
}
