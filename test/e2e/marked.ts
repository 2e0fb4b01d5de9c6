// A study whose every readable part is a mark that can be looked for.

import type { Core } from '../../node/core.ts';
import { importFile } from '../../node/exchange/import/from-file.ts';
import { nationalSystem } from '../../node/setup/config.ts';
import { seriesKey } from '../../protocol/seal/keys.ts';
import { epochAt, patientTag } from '../../protocol/tags/epoch.ts';
import type { SyntheticPatient } from '../../sim/studies/modules.ts';
import { markedStudy, type SyntheticInstance } from '../../sim/studies/studies.ts';

export const patient = { id: '2000000010005', name: 'Qvortrup^Zebulonia', birthDate: '19700101', sex: 'M' } as const;
const description = 'Zqxgondol';
export const reason = 'querulous-reason-mark';
export const query = { value: patient.id, purpose: 'TREAT', reason };

/** Instances of one study of a patient, its description marked too. */
export function markedInstances(
  instances: number,
  bytesEach: number,
  seed = 1,
  who: SyntheticPatient = patient,
): SyntheticInstance[] {
  return [...markedStudy({ seed, patient: who, instances, bytesEach })].map((each) => {
    const file = Buffer.from(each.part10.buffer, each.part10.byteOffset, each.part10.length);
    file.write(description, file.indexOf('CT torace')); // of the same length
    return each;
  });
}

/** What may be read nowhere: texts and UIDs. */
export function readableMarks(instances: readonly SyntheticInstance[]): Record<string, string> {
  const [first] = instances;
  const marks: Record<string, string> = {
    'national id': patient.id,
    'family name': 'Qvortrup',
    'given name': 'Zebulonia',
    'study description': description,
    'study UID': first!.studyUid,
    'series UID': first!.seriesUid,
  };
  for (const [i, { sopInstanceUid }] of instances.entries()) marks[`SOP instance UID ${i}`] = sopInstanceUid;
  return marks;
}

/** The keys that open the study at its owner. */
export async function keyMarks(owner: Core, { studyUid, seriesUid }: SyntheticInstance) {
  const study = owner.store.index.study(studyUid)!;
  const { key } = await owner.store.keys.own(study.id);
  const { key: manifest } = await owner.manifests.cut(study);
  return { 'study key': key, 'series key': seriesKey(key, seriesUid, 1), 'manifest key': manifest };
}

export async function importAll(core: Core, instances: readonly SyntheticInstance[]): Promise<void> {
  for (const { part10 } of instances) {
    const { outcome } = await importFile(core.imports.importer, pieces(part10), 'test');
    if (outcome !== 'imported') throw new Error(`a file was not imported: ${outcome}`);
  }
}

async function* pieces(...all: Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* all;
}

/** What the keepers make of a patient's number, and the tag that it is advertised under now. */
export async function tagAt(core: Core, value: string = patient.id) {
  const secret = await core.advertising.patientTags.secret(nationalSystem, value);
  const epoch = epochAt(Date.now());
  const tag = patientTag(secret.y, secret.generation, epoch);
  return { ...secret, y: Uint8Array.from(secret.y), epoch, tag };
}
