// Given names that one person bears in Romanian and in Russian papers (SPEC 3.8).
import { nameKey } from './name-key.ts';

/** Each line is one name. */
export const nameVariants: readonly (readonly string[])[] = [
  ['Ion', 'Ioan', 'Ivan', 'Vania', 'Ionel'],
  ['Gheorghe', 'George', 'Gheorghii', 'Iurie', 'Iurii', 'Egor'],
  ['Mihai', 'Mihail', 'Mișa'],
  ['Nicolae', 'Nicolai', 'Colea'],
  ['Vasile', 'Vasilii', 'Vasea'],
  ['Petru', 'Piotr', 'Petea'],
  ['Pavel', 'Paul', 'Pașa'],
  ['Andrei', 'Andrian'],
  ['Alexandru', 'Alexandr', 'Sandu', 'Sașa', 'Alexei'],
  ['Ștefan', 'Stepan'],
  ['Dumitru', 'Dmitrii', 'Dima', 'Mitea'],
  ['Grigore', 'Grigorii', 'Grișa'],
  ['Serghei', 'Sergiu', 'Serioja'],
  ['Constantin', 'Costea'],
  ['Teodor', 'Fiodor', 'Tudor'],
  ['Filip', 'Filipp'],
  ['Evghenii', 'Eugen', 'Eugeniu', 'Jenea'],
  ['Iacob', 'Iacov'],
  ['Iosif', 'Osip'],
  ['Toma', 'Foma'],
  ['Matei', 'Matvei'],
  ['Luca', 'Lucian'],
  ['Elena', 'Ileana', 'Alena', 'Lena', 'Olena'],
  ['Maria', 'Mariia', 'Mașa', 'Marusea'],
  ['Ana', 'Anna', 'Ania', 'Hanna'],
  ['Ecaterina', 'Catea', 'Caterina'],
  ['Natalia', 'Natașa'],
  ['Tatiana', 'Tania'],
  ['Svetlana', 'Sveta'],
  ['Eugenia', 'Evghenia'],
  ['Alexandra', 'Sandra'],
  ['Sofia', 'Sonia'],
  ['Xenia', 'Oxana', 'Ksenia'],
  ['Iulia', 'Iuliana'],
  ['Daria', 'Dașa'],
  ['Liubovi', 'Liuba', 'Liubov'],
  ['Nadejda', 'Nadea'],
  ['Vera', 'Veronica'],
  ['Parascovia', 'Parascheva', 'Pașa'],
];

const byKey = new Map(nameVariants.flatMap((line) => line.map((name) => [nameKey(name), nameKey(line[0]!)] as const)));

/** The key of the name that this is a variant of; the key itself for all others. */
export const variantOf = (key: string): string => byKey.get(key) ?? key;
