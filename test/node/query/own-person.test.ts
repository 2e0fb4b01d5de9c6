// A study shows and is found by what its own instances say of its patient (PS3.4 C.6.2.1.2, PS3.18 10.6.3.3).
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DicomJson } from '../../../node/dicom/model/json.ts';
import { attributeNamed } from '../../../node/dicom/model/keywords.ts';
import { importFile } from '../../../node/exchange/import/from-file.ts';
import { linkPatient } from '../../../node/exchange/import/patients.ts';
import { jsonOf } from '../../../node/query/attributes.ts';
import { search } from '../../../node/query/search.ts';
import { systemClock } from '../../../node/system/machine.ts';
import { markedStudy } from '../../../sim/studies/studies.ts';
import { freshDir, openStores, removeDir, type Stores } from '../stores.ts';

let dir: string;
let stores: Stores;

beforeEach(async () => {
  dir = await freshDir();
  stores = await openStores(dir);
});
afterEach(async () => {
  await stores.close();
  await removeDir(dir);
});

const ana = { id: '2000000010005', name: 'Rusu^Ana', birthDate: '19700205', sex: 'F' } as const;

async function take(seed: number, patient: { id: string; name: string; birthDate: string; sex: 'M' | 'F' }) {
  const [one] = [...markedStudy({ seed, patient, instances: 1, bytesEach: 1_000 })];
  async function* bytes() {
    yield one!.part10;
  }
  expect(await importFile(stores.importer, bytes(), 'test')).toMatchObject({ outcome: 'imported' });
  return one!.studyUid;
}

const shown = ['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex', 'StudyInstanceUID'];
const tagOf = (keyword: string) => attributeNamed(keyword)!.tag;

/** What is found, by study: name and number. */
async function found(keys: Readonly<Record<string, string>>, level: 'study' | 'series' | 'instance' = 'study') {
  const asked: DicomJson = Object.fromEntries(
    [...shown.map((keyword) => [keyword, ''] as const), ...Object.entries(keys)].map(([keyword, value]) => {
      const { tag, vr } = attributeNamed(keyword)!;
      return [tag, jsonOf(vr, value === '' ? [] : [value])];
    }),
  );
  const all: Record<string, unknown[]> = {};
  for await (const each of search({ index: stores.index }, { level, keys: asked })) {
    const values = shown.map((keyword) => each[tagOf(keyword)]?.Value?.[0]);
    all[String(values[4])] = [(values[0] as { Alphabetic: string }).Alphabetic, values[1], values[2]];
  }
  return all;
}

async function bothOfAna() {
  const first = await take(1, ana);
  const second = await take(2, { ...ana, id: 'SPITAL-77', name: 'Русу^Анна Мария' });
  const { patient } = stores.index.study(second)!;
  const number = { system: 'urn:dicomnet:id:md:idnp', value: ana.id };
  const parts = { index: stores.index, clock: systemClock, touch: () => undefined };
  await linkPatient(parts, patient, number, async () => undefined);
  expect(stores.index.patientCount).toBe(1);
  return { first, second };
}

it('shows each study of one person as its own instances do, at every level below', async () => {
  const { first, second } = await bothOfAna();
  for (const level of ['study', 'series', 'instance'] as const) {
    expect(await found({}, level)).toEqual({
      [first]: ['Rusu^Ana', ana.id, ana.birthDate],
      [second]: ['Русу^Анна Мария', 'SPITAL-77', ana.birthDate],
    });
  }
});

it('finds a study by its own name, number, or both, and not by another study’s', async () => {
  const { first, second } = await bothOfAna();
  const uids = async (keys: Readonly<Record<string, string>>) => Object.keys(await found(keys)).sort();
  expect(await uids({ PatientName: 'Rusu^Ana Maria' })).toEqual([second]);
  expect(await uids({ PatientName: 'Rusu^Ana' })).toEqual([first]);
  expect(await uids({ PatientName: 'Rusu*' })).toEqual([first, second].sort());
  expect(await uids({ PatientName: 'Rusu^Ana', PatientBirthDate: ana.birthDate })).toEqual([first]);
  expect(await uids({ PatientName: 'Rusu^Ana Maria', StudyInstanceUID: first })).toEqual([]);
  // each number of the record finds all that is the person's
  for (const PatientID of [ana.id, 'SPITAL-77']) {
    expect(await uids({ PatientID })).toEqual([first, second].sort());
    expect(await uids({ PatientID, PatientName: 'Rusu^Ana' })).toEqual([first]);
  }
  expect(await uids({ PatientID: 'SPITAL-78' })).toEqual([]);
});

it('does so after a restart', async () => {
  const { first, second } = await bothOfAna();
  await stores.close();
  stores = await openStores(dir);
  expect(Object.keys(await found({ PatientName: 'Rusu^Ana Maria' }))).toEqual([second]);
  expect(Object.keys(await found({ PatientName: 'Rusu^Ana' }))).toEqual([first]);
});
