// People who can't be one under one number: each is taken in under his own name, and none by the other's (SPEC 3.8).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../../node/access/roles.ts';
import { actsOver } from '../../../../node/audit/acts.ts';
import { PatientDecisions } from '../../../../node/exchange/aside/patient-decisions.ts';
import { importFile } from '../../../../node/exchange/import/from-file.ts';
import { isFindable } from '../../../../node/exchange/import/patients.ts';
import { systemClock } from '../../../../node/system/machine.ts';
import { markedStudy } from '../../../../sim/studies/studies.ts';
import { freshDir, openStores, removeDir, type Stores } from '../../stores.ts';

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

interface Person {
  readonly id: string;
  readonly name: string;
  readonly birthDate: string;
  readonly sex: 'M' | 'F';
  readonly issuer?: string;
}

const number = '2000000000004';
const system = 'urn:dicomnet:id:md:idnp';
const anna: Person = { id: number, name: 'First^Anna', birthDate: '19500205', sex: 'F' };
const boris: Person = { id: number, name: 'Second^Boris', birthDate: '19800202', sex: 'M' };
const carla: Person = { id: number, name: 'Third^Carla', birthDate: '20150303', sex: 'F' };

/** Takes one instance in. @param change alters the file, at the same length */
async function take(seed: number, patient: Person, instances = 1, change = (bytes: Uint8Array) => bytes) {
  const all = [...markedStudy({ seed, patient, instances, bytesEach: 1_000 })];
  async function* bytes() {
    yield change(all.at(-1)!.part10);
  }
  return { ...(await importFile(stores.importer, bytes(), 'test')), uid: all[0]!.studyUid };
}

const patientOf = (uid: string) => stores.index.patient(stores.index.study(uid)!.patient)!;
const replaced = (before: string, after: string) => (bytes: Uint8Array) => {
  const copy = Buffer.from(bytes);
  copy.write(after.padEnd(before.length), copy.indexOf(before), 'latin1');
  return copy;
};

describe('an import', () => {
  it('of another person makes a record of its own, in doubt and found by nobody else; the first stays as it was', async () => {
    const [one, two, three] = [await take(1, anna), await take(2, boris), await take(3, carla)];
    expect([one, two, three].map(({ outcome }) => outcome)).toEqual(['imported', 'imported', 'imported']);
    expect(stores.index.patientsBy(system, number).map(({ name }) => name)).toEqual(
      [anna, boris, carla].map((p) => p.name),
    );
    expect([one, two, three].map(({ uid }) => isFindable(patientOf(uid)))).toEqual([true, false, false]);
    expect(stores.index.patientBy(system, number)!.name).toBe(anna.name);
  });

  it('of each of them again finds its own record, whatever came between, also after a restart', async () => {
    const [, two] = [await take(1, anna), await take(2, boris)];
    const more = [await take(11, anna), await take(12, boris), await take(13, { ...boris, name: 'SECOND BORIS' })];
    await stores.close();
    stores = await openStores(dir);
    const last = await take(14, boris);
    expect([...more, last].map(({ uid }) => patientOf(uid).name)).toEqual([
      'First^Anna',
      ...Array(3).fill('Second^Boris'),
    ]);
    expect(patientOf(last.uid).id).toBe(patientOf(two.uid).id);
    expect(stores.index.patientCount).toBe(2);
  });

  it('of all at once separates them just as well', async () => {
    const people = [anna, boris, carla];
    const taken = await Promise.all(Array.from({ length: 30 }, (_, i) => take(100 + i, people[i % 3]!)));
    expect(stores.index.patientCount).toBe(3);
    for (const [i, { uid }] of taken.entries()) expect(patientOf(uid).name).toBe(people[i % 3]!.name);
    expect(stores.index.patientsBy(system, number).filter(isFindable)).toHaveLength(1);
  });

  it('into another person’s study is kept aside', async () => {
    await take(1, anna);
    const evil = await take(1, anna, 2, replaced('First^Anna', 'Evil^Twin^'));
    expect(evil).toMatchObject({ outcome: 'aside', reason: 'import/patient-differs' });
    expect(stores.index.patientCount).toBe(1);
  });

  it('without a name is the record’s, and the first name that comes is its; then another one is another person', async () => {
    await take(1, { ...anna, name: '', birthDate: '' });
    const named = await take(2, anna);
    const other = await take(3, boris);
    expect(patientOf(named.uid)).toMatchObject({ name: anna.name, birthDate: anna.birthDate });
    expect(stores.index.patientsBy(system, number)).toHaveLength(2);
    expect(isFindable(patientOf(other.uid))).toBe(false);
  });

  it('of what is only half a name never brings two together', async () => {
    await take(1, { ...anna, name: 'Popescu', birthDate: '' });
    const maria = await take(2, { ...anna, name: 'Popescu^Maria', birthDate: '' });
    const doina = await take(3, { ...anna, name: 'Popescu^Doina', birthDate: '' });
    expect(patientOf(maria.uid).id).not.toBe(patientOf(doina.uid).id);
  });

  it.each(['0', '000000', 'UNKNOWN', 'test', 'N/A'])('takes %s for nobody’s number', async (id) => {
    const one = await take(1, { ...anna, id });
    const two = await take(2, { ...boris, id });
    expect(patientOf(one.uid).id).not.toBe(patientOf(two.uid).id);
    expect([...stores.index.patients()].map(isFindable)).toEqual([false, false]);
    expect(patientOf(two.uid).identifiers[0]!.doubt).toBeUndefined();
  });

  it('does not let a national number with a wrong check digit be found', async () => {
    const { uid } = await take(1, { ...anna, id: '2000000000005' });
    expect(isFindable(patientOf(uid))).toBe(false);
  });
});

describe('an instance of a known study', () => {
  it('that says no number belongs to it when it says nothing else, and not when it names somebody else', async () => {
    await take(1, anna);
    const bare = (bytes: Uint8Array) => replaced('First^Anna', '')(replaced(number, '')(bytes));
    expect(await take(1, anna, 2, bare)).toMatchObject({ outcome: 'imported' });
    const other = (bytes: Uint8Array) => replaced('First^Anna', 'Evil^Twin')(replaced(number, '')(bytes));
    expect(await take(1, anna, 3, other)).toMatchObject({ outcome: 'aside', reason: 'import/patient-differs' });
  });

  it('that says what can be no number is kept aside', async () => {
    await take(1, anna);
    const unusable = replaced(number, '\u0001'.repeat(number.length));
    expect(await take(1, anna, 2, unusable)).toMatchObject({ outcome: 'aside', reason: 'import/patient-differs' });
  });
});

describe('local numbers', () => {
  const local = (id: string): Person => ({ ...anna, id, issuer: 'CITYHOSP' });

  it.each([
    ['1-23', '12-3'],
    ['7.10', '71.0'],
    ['ab1', 'AB1'],
  ])('%s and %s are two', async (a, b) => {
    const [one, two] = [await take(1, local(a)), await take(2, local(b))];
    expect(patientOf(one.uid).id).not.toBe(patientOf(two.uid).id);
    expect(patientOf(one.uid).identifiers).toMatchObject([{ value: a }]);
    expect(stores.index.patientBy('urn:dicomnet:local:CITYHOSP', b)?.id).toBe(patientOf(two.uid).id);
  });

  it('differ by outer blanks no more than DICOM says', async () => {
    const [one, two] = [await take(1, local('7 10 ')), await take(2, local(' 7 10'))];
    expect(patientOf(one.uid).id).toBe(patientOf(two.uid).id);
  });
});

describe('a person decides', () => {
  const by: Principal = { name: 'Ion Rusu', role: 'custodian' } as Principal;
  let written: { kind: string; outcome: string; patient?: string | undefined; detail?: unknown }[];
  let touched: string[];
  let decisions: PatientDecisions;

  beforeEach(() => {
    written = [];
    touched = [];
    const log = { append: async (entry: never) => ({ index: written.push(entry) }) };
    decisions = new PatientDecisions({
      ...{ index: stores.index, bucket: stores.kv.bucket('patientDecision'), acts: actsOver(log) },
      ...{ clock: systemClock, touch: (id: string) => void touched.push(id) },
    });
  });

  /** All records as they are, by id. */
  const all = () => JSON.parse(JSON.stringify([...stores.index.patients()].sort((a, b) => (a.id < b.id ? -1 : 1))));
  const studies = () => new Map([...stores.index.studies()].map(({ uid, patient }) => [uid, patient]));

  it.each(['merge', 'apart', 'wrong-number'] as const)(
    '%s, in writing, and takes it back as it was',
    async (decision) => {
      const [, two] = [await take(1, anna), await take(2, boris)];
      const [before, of] = [all(), studies()];
      const { id } = patientOf(two.uid);
      const left = await decisions.decide(id, decision, by);
      if (decision === 'merge') {
        expect(patientOf(two.uid).name).toBe(anna.name);
        expect(stores.index.patientCount).toBe(1);
      } else expect(left.id).toBe(id);
      expect(left.identifiers).toHaveLength(decision === 'wrong-number' ? 0 : 1);
      expect(isFindable(left)).toBe(decision === 'merge');
      expect(written.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
        'amendment pending',
        'amendment success',
      ]);
      expect(written[0]).toMatchObject({ patient: id, detail: { decision } });
      expect(touched).toContain(id);
      await stores.close();
      stores = await openStores(dir);
      const again = new PatientDecisions({
        ...{ index: stores.index, bucket: stores.kv.bucket('patientDecision'), touch: () => undefined },
        ...{ clock: systemClock, acts: actsOver({ append: async () => ({ index: 0 }) }) },
      });
      await again.undo(id, by);
      expect(all()).toEqual(before);
      expect(studies()).toEqual(of);
      await expect(again.undo(id, by)).rejects.toThrow('patient/decision');
    },
  );

  it('that the first one’s number is wrong, and the other one has it alone', async () => {
    const [one, two] = [await take(1, boris), await take(2, anna)];
    await decisions.decide(patientOf(one.uid).id, 'wrong-number', by);
    expect(patientOf(one.uid).identifiers).toEqual([]);
    expect(isFindable(patientOf(two.uid))).toBe(true);
    expect(touched).toContain(patientOf(two.uid).id);
    // more of that study still comes to it
    expect(await take(1, boris, 2)).toMatchObject({ outcome: 'imported' });
  });

  it('merge: what comes of either name belongs to the one record then', async () => {
    const [, two] = [await take(1, anna), await take(2, boris)];
    await decisions.decide(patientOf(two.uid).id, 'merge', by);
    await take(3, boris);
    await take(4, anna);
    expect(stores.index.patientCount).toBe(1);
    await take(5, carla);
    expect(stores.index.patientCount).toBe(2);
  });

  it('nothing where nothing is in doubt', async () => {
    const { uid } = await take(1, anna);
    for (const what of ['merge', 'apart', 'wrong-number'] as const) {
      await expect(async () => decisions.decide(patientOf(uid).id, what, by)).rejects.toThrow('patient/decision');
    }
    expect(written).toEqual([]);
    await expect(async () => decisions.decide('00'.repeat(16), 'merge', by)).rejects.toThrow('patient/unknown');
  });

  it('to link a number: one person becomes one record, another one is in doubt', async () => {
    const [one, same, other] = [
      await take(1, anna),
      await take(2, { ...anna, id: 'A-1', issuer: 'CITYHOSP' }),
      await take(3, { ...boris, id: 'B-1', issuer: 'CITYHOSP' }),
    ];
    await decisions.link(patientOf(same.uid).id, { system, value: number }, by);
    expect(patientOf(same.uid).id).toBe(patientOf(one.uid).id);
    const before = patientOf(other.uid).id;
    expect(isFindable(await decisions.link(before, { system, value: number }, by))).toBe(false);
    expect(patientOf(other.uid).id).toBe(before);
    expect(touched).toContain(before);
  });
});
