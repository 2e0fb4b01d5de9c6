// Names found in the texts that the index keeps are those that comparing one by one finds.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keysOf } from '../../../node/query/matching.ts';
import { patientsNamed } from '../../../node/query/named.ts';
import { PatientNames } from '../../../node/store/patient-names.ts';

const some = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const word = some(
  ...['Popa', 'Popescu', 'Ковальчук', 'Kovalchuk', 'Covalciuc', 'Țurcanu', 'Mâță', 'Mîță', 'Ștefan', 'Сергей', 'Ion'],
  ...['Ana', 'Anna', 'Иван', 'Eu', '李', 'de la', "D'Arc", 'Popa-Rusu', 'Dr.', '12', ''],
);
const name = fc
  .tuple(word, some('^', ' ', '^^', '-', ''), word, some('', '', '', '=李^安', '=Ion', '^'))
  .map((parts) => parts.join(''));
const pattern = fc.oneof(
  name.map((text) => text.replaceAll('=', '')),
  fc
    .tuple(some('', '*', '?'), name, some('', '*', '^*', '?', '*a'), fc.nat(6), fc.nat(6))
    .map(([before, text, after, from, to]) => `${before}${text.replaceAll('=', '').slice(from, from + to)}${after}`),
  some('*a*', '?', '??*', '^', 'p?pa*', '*\u0301', 'e', 'ь', '* *'),
);

const found = (names: readonly (string | undefined)[], wanted: string, fuzzy: boolean) => {
  const [key] = keysOf({ '00100010': { vr: 'PN', Value: [wanted] } }, { fuzzy });
  if (key?.names === undefined) return undefined;
  const kept = new PatientNames();
  for (const [i, each] of names.entries()) if (each !== undefined) kept.add(String(i), each);
  const one = names.flatMap((each, i) => (each !== undefined && key.one!(each) ? [String(i)] : []));
  return { one, all: [...patientsNamed(kept, key.names)] };
};

test('the same, by any pattern, fuzzy or not', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 12 }), pattern, fc.boolean(), (names, wanted, fuzzy) => {
      const both = found(names, wanted, fuzzy);
      if (both !== undefined) expect(both.all, `${wanted} ${fuzzy}`).toEqual(both.one);
    }),
    { seed: 5, numRuns: 4_000 },
  );
});

test('over more names than one text holds', () => {
  const names = Array.from({ length: 3_000 }, (_, i) => `Popa${i}^Ion`);
  expect(found(names, '*a2999^*', false)?.all).toEqual(['2999']);
  expect(found(names, 'popa1024^ion', false)?.all).toEqual(['1024']);
  expect(found(names, 'ion popa29', true)?.all).toHaveLength(111);
});

test('a name that changes is found by the new one alone, however often it does', () => {
  const patients = new Map([
    ['a', 'Popa^Ion'],
    ['b', 'Rusu^Ana'],
  ]);
  const names = new PatientNames();
  for (const [id, each] of patients) names.add(id, each);
  const all = () => [...patients].map(([id, each]) => ({ id, name: each }));
  for (let i = 0; i < 5_000; i += 1) {
    patients.set('a', `Nou${i}^Ion`);
    names.replace('a', `Nou${i}^Ion`, all);
  }
  const by = (text: string) => [...patientsNamed(names, { texts: [text], fuzzy: false })];
  expect([by('Popa*'), by('Nou4998*'), by('Nou4999*'), by('Rusu*')]).toEqual([[], [], ['a'], ['b']]);
  expect(names.all.length).toBeLessThan(6);
  patients.delete('b');
  names.replace('b', undefined, all);
  expect(by('Rusu*')).toEqual([]);
});
