// Ten thousand people, some of whom share numbers, spellings and birth dates: nobody lies under another one's name, one
// person at most is told to others by a number, and nobody's study can be asked for as somebody else's.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { studiesAsked } from '../../../../node/access/asked-studies.ts';
import type { DicomJson } from '../../../../node/dicom/model/json.ts';
import { instanceHeader } from '../../../../node/dicom/read/instance-header.ts';
import { patientOf } from '../../../../node/exchange/import/patients.ts';
import { nationalSystem } from '../../../../node/setup/config.ts';
import { isFederated } from '../../../../node/store/identifiers.ts';
import { rowsOf } from '../../../../node/store/new-instance.ts';
import { isAnother, ownDemographics } from '../../../../node/store/persons.ts';
import { systemRandom } from '../../../../node/system/machine.ts';
import { hex } from '../../../../protocol/bytes.ts';
import { contradicts } from '../../../../protocol/person/demographics.ts';
import { Seeded } from '../../../../sim/seeded.ts';
import { freshDir, openStores, removeDir, type Stores } from '../../stores.ts';

interface Person {
  readonly number: string;
  readonly name: string;
  readonly birthDate: string;
  readonly sex: 'M' | 'F';
}

const families = [
  'Popescu',
  'Rusu',
  'Țurcanu',
  'Ковальчук',
  'Hîncu',
  'Munteanu',
  'Шевченко',
  'Ceban',
  'Lupu',
  'Moraru',
];
const given = [
  'Ion',
  'Maria',
  'Ștefan',
  'Елена',
  'Виктор',
  'Doina',
  'Andreea',
  'Mihaela',
  'Сергей',
  'Ana',
  'Radu',
  'Zinaida',
];
const count = 10_000;

let dir: string;
let stores: Stores;
const people: Person[] = [];
/** Who each study is of. */
const of = new Map<string, Person>();

const numberOf = (n: number): string => {
  const digits = `2${String(n).padStart(11, '0')}`;
  return `${digits}${[...digits].reduce((sum, digit, i) => sum + Number(digit) * [7, 3, 1][i % 3]!, 0) % 10}`;
};

/** Somebody new; one in ten with a number of before, as a twin, a wrong number typed, or none known. */
function person(n: number, seeded: Seeded): Person {
  const name = `${seeded.pick(families)}^${seeded.pick(given)}`;
  const birthDate = `${seeded.between(1930, 2020)}${seeded.pick(['0103', '0519', '1130', '0707'])}`;
  const fresh: Person = { number: numberOf(n), name, birthDate, sex: seeded.pick(['M', 'F'] as const) };
  const other = people.length > 0 ? seeded.pick(people) : undefined;
  if (other === undefined || seeded.int(10) > 0) return fresh;
  const [family] = other.name.split('^');
  const kinds: Person[] = [
    { ...fresh, number: other.number },
    { ...other, name: `${family}^${seeded.pick(given)}` },
    { ...fresh, number: seeded.pick(['0', '000000', 'UNKNOWN', 'TEST']) },
  ];
  return seeded.pick(kinds);
}

/** As another device or clerk writes it. */
function spelled({ name, ...rest }: Person, seeded: Seeded): Person {
  const [family, first] = name.split('^') as [string, string];
  const names = [
    name,
    name,
    name.toUpperCase(),
    `${first}^${family}`,
    `${family} ${first}`,
    `${family}^${first[0]}`,
    family,
    '',
  ];
  return {
    ...rest,
    name: seeded.pick(names),
    birthDate: seeded.pick([rest.birthDate, rest.birthDate, '', '19000101']),
  };
}

async function arrives(person: Person, n: number): Promise<void> {
  const uid = `1.2.${n}`;
  const text = (vr: 'UI' | 'LO' | 'DA' | 'CS', value: string) => ({ vr, ...(value !== '' && { Value: [value] }) });
  const json: DicomJson = {
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.2'),
    '00080018': text('UI', `${uid}.1`),
    '00100010': { vr: 'PN', ...(person.name !== '' && { Value: [{ Alphabetic: person.name }] }) },
    '00100020': text('LO', person.number),
    '00100030': text('DA', person.birthDate),
    '00100040': text('CS', person.sex),
    '0020000D': text('UI', uid),
    '0020000E': text('UI', `${uid}.0`),
  };
  const header = instanceHeader(json, '1.2.840.10008.1.2.1', false);
  const options = { defaultSystem: nationalSystem, issuers: { '': nationalSystem } };
  const added = rowsOf(header, json, {
    patient: patientOf(header.patient, options, systemRandom),
    study: { id: hex(systemRandom(16)), ref: hex(systemRandom(16)), uid, origin: 'origin' },
    instance: {
      ...{ sopInstanceUid: `${uid}.1`, sopClassUid: header.sopClassUid, transferSyntax: header.transferSyntax },
      ...{ seriesUid: `${uid}.0`, source: undefined, generation: 1, frames: { kind: 'none' as const } },
      ...{ objectId: uid, sealedLength: 1, plainLength: 1, datasetOffset: 0, digest: uid },
    },
    ...{ now: n, also: [] },
  });
  expect(await stores.additions.add(added, async () => undefined)).toBe('imported');
}

beforeAll(async () => {
  dir = await freshDir();
  stores = await openStores(dir);
  const seeded = new Seeded('many people');
  const coming: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    const who = person(n, seeded);
    people.push(who);
    for (let study = 0; study < 2; study += 1) {
      const id = of.size + 1;
      of.set(`1.2.${id}`, who);
      coming.push(arrives(study === 0 ? who : spelled(who, seeded), id));
    }
    if (n % 100 === 0) await Promise.all(coming.splice(0));
  }
  await Promise.all(coming);
}, 120_000);
afterAll(async () => {
  await stores.close();
  await removeDir(dir);
});

it('has numbers that several have', () => {
  const numbers = Map.groupBy(people, ({ number }) => number);
  expect([...numbers.values()].filter((some) => some.length > 1).length).toBeGreaterThan(300);
  expect(stores.index.studyCount).toBe(2 * count);
});

it('lets no study lie under another person’s record', () => {
  for (const study of stores.index.studies()) {
    const record = stores.index.patient(study.patient)!;
    expect(isAnother(ownDemographics(study), record)).toBe(false);
    expect(record.identifiers[0]!.value).toBe(of.get(study.uid)!.number);
  }
});

it('tells others of one person at most by a number, and of nobody by what is none', () => {
  const told = new Map<string, string>();
  for (const { id, identifiers } of stores.index.patients()) {
    for (const { value } of identifiers.filter(isFederated)) {
      expect(told.get(value)).toBeUndefined();
      told.set(value, id);
    }
  }
  for (const none of ['0', '000000', 'UNKNOWN', 'TEST']) expect(told.has(none)).toBe(false);
});

it('gives nobody’s study to who asks for another one, with a name or a number alone', () => {
  let [got, kept] = [0, 0];
  for (const { number, name, birthDate } of people) {
    const record = stores.index.patientBy(nationalSystem, number);
    if (record === undefined) continue;
    for (const asked of [{ name, birthDate }, {}]) {
      for (const study of studiesAsked(stores.index, record, asked, 'all')) {
        const own = ownDemographics(study);
        expect(contradicts(own, record)).toBe(false);
        if (contradicts(own, asked))
          kept += 1; // nothing of it fits: a person decides (matchAsked says that it differs)
        else got += 1;
      }
    }
  }
  expect(got).toBeGreaterThan(2 * count);
  expect(kept).toBeLessThan(got / 10);
});
