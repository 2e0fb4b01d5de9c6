// Names as Moldova's documents write them, Romanian, Russian, Ukrainian and Gagauz: which are one, which are not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialOf, initialsOf } from '../../../node/dicom/text/name-initials.ts';
import { nameForms, nameKey } from '../../../protocol/person/name-key.ts';

// Each line is one name.
const same = [
  ['Ковальчук', 'Kovalchuk', 'Covalciuc'],
  ['Юлия', 'Iulia', 'Yulia', 'Julia'],
  ['Юрий', 'Iurii', 'Yuri', 'Jurij', 'Iurie'],
  ['Жуков', 'Jucov', 'Zhukov', 'Žukov'],
  ['Хаждеу', 'Hajdeu', 'Khazhdeu'],
  ['Цуркану', 'Țurcanu', 'Ţurcanu', 'Turcanu', 'Tsurcanu'],
  ['Чебан', 'Ceban', 'Cheban'],
  ['Чобану', 'Ciobanu', 'Chobanu', 'Çobanu'],
  ['Шевченко', 'Șevcenco', 'Shevchenko', 'Sevcenco', 'Şevcenko'],
  ['Щербань', 'Șcerbani', 'Shcherban', 'Scerbani'],
  ['Мыцэ', 'Mîță', 'Mâță'],
  ['Mâță', 'Mata'],
  ['Кышлару', 'Câșlaru', 'Cîșlaru'],
  ['Caslaru', 'Câșlaru'],
  ['Эдуард', 'Eduard'],
  ['Яна', 'Iana', 'Yana', 'Jana'],
  ['Гуцу', 'Guțu', 'Gutu', 'Gutsu'],
  ['Георге', 'Gheorghe'],
  ['Семён', 'Семен', 'Semion', 'Semyon'],
  ['Фёдор', 'Fiodor', 'Fedor', 'Fyodor'],
  ['Пётр', 'Piotr', 'Petr', 'Pyotr'],
  ['Євген', 'Yevhen', 'Ievghen'],
  ['Київська', 'Kyivska', 'Kiivsca'],
  ['Григорій', 'Hryhoriy', 'Grigorii'],
  ['Гончар', 'Honchar', 'Goncear'],
  ["Мар'яна", 'Мар’яна', 'Mariana'],
  ['Мунтяну', 'Munteanu', 'Мунтеану'],
  ['Молдовану', 'Moldovanu'],
  ['Олтяну', 'Olteanu'],
  ['Иванов', 'Ivanov', 'Ivanoff', 'Iwanow'],
  ['Попов', 'Popow', 'Popoff', 'Popov'],
  ['Иванович', 'Ivanovici', 'Ivanovich'],
  ['Чайковский', 'Ceaicovschi', 'Chaikovsky', 'Tchaikovsky'],
  ['Ивановский', 'Ivanovschi', 'Ivanovsky', 'Ivanovskiy', 'Iwanowskij'],
  ['Алексеев', 'Alexeev', 'Alekseyev', 'Alexeiev'],
  ['Александр', 'Alexandr', 'Aleksandr'],
  ['Людмила', 'Ludmila', 'Liudmila', 'Lyudmila'],
  ['Татьяна', 'Tatiana', 'Tatyana'],
  ['Наталья', 'Natalia', 'Наталия', 'Nataliya'],
  ['Васильев', 'Vasiliev', 'Vasilyev', "Vasil'ev"],
  ['Анатолий', 'Anatolii', 'Anatoly', 'Anatolie'],
  ['Сергей', 'Serghei', 'Sergei', 'Sergey'],
  ['Евгений', 'Evghenii', 'Yevgeny', 'Evgheni'],
  ['Михаил', 'Mihail', 'Mikhail'],
  ['Кристина', 'Cristina', 'Kristina'],
  ['Бэсеску', 'Băsescu', 'Basescu'],
  ['Гынку', 'Hîncu', 'Hâncu'],
  ['Чеботарь', 'Cebotari', 'Chebotar', 'Cebotar'],
  ['Щусев', 'Șciusev', 'Shchusev'],
  ['Жосан', 'Josan', 'Zhosan'],
  ['Ион', 'Ion'],
  ['Попеску-Ионеску', 'Popescu Ionescu', 'POPESCU^IONESCU'],
  ['Русс', 'Rus'],
  ['Топал', 'Topal'],
  ['Кара Чобан', 'Kara Çoban', 'Cara Cioban'],
  ['Чакир', 'Çakir', 'Ceachir', 'Chakir', 'Çakır'],
  ['Рошка', 'Roșca', 'Rosca', 'Roşca', 'Roshka'],
  ['Стурза', 'Sturza'],
  ['Дьякону', 'Diaconu'],
  ['Джурджу', 'Giurgiu'],
  ['Ткачук', 'Tcaciuc', 'Tkachuk'],
  ['Ляху', 'Leahu'],
  ['Ищенко', 'Iscenco', 'Ishchenko'],
  ['Артём', 'Artiom', 'Artem'],
  ['Зоя', 'Zoia', 'Zoya'],
  ['Григорьев', 'Grigoriev', "Grigor'ev"],
  ['Ботнару', 'Botnaru'],
  ['Цыбулько', 'Țîbulco', 'Tsybulko'],
  ['Мельник', 'Melnic', 'Melnik', 'Mel`nyk'],
  ['Хрущев', 'Хрущёв', 'Khrushchev'],
  ['Шмидт', 'Schmidt', 'Șmidt'],
  ['Бэлць', 'Bălți'],
];

const differ = [
  ['Popa', 'Popov'],
  ['Ivanov', 'Ivanova'],
  ['Rusu', 'Rusnac'],
  ['Ion', 'Ioan'],
  ['Lupu', 'Lupan'],
  ['Maria', 'Mara'],
  ['Marin', 'Marina'],
  ['Luca', 'Lucia'],
  ['Ceban', 'Ciobanu'],
  ['Ceban', 'Cebanu'],
  ['Sandu', 'Sanda'],
  ['Moraru', 'Morari'],
  ['Vasile', 'Vasilisa'],
  ['Ана', 'Инна'],
  ['Anna', 'Ina'],
  ['Сава', 'Сова'],
  ['Cojocaru', 'Cojocari'],
  ['Gutu', 'Guțan'],
  ['Petru', 'Petrov'],
  ['Dumitru', 'Dmitri'],
  ['Elena', 'Alina'],
  ['Olga', 'Oleg'],
  ['Andrei', 'Andreea'],
  ['Roman', 'Romanov'],
  ['Botnari', 'Butnaru'],
  ['Nicolae', 'Nicoleta'],
  ['Iurie', 'Iulia'],
  ['Radu', 'Rada'],
  ['Munteanu', 'Moldoveanu'],
  ['Ковальчук', 'Ковальский'],
  ['Иванов', 'Иванович'],
  ['Попович', 'Попов'],
  ['Melnic', 'Malnic'],
  ['Victor', 'Victoria'],
  ['Быков', 'Баков'],
  ['Турчан', 'Цурка'],
  ['Bostan', 'Postan'],
  ['Сырбу', 'Сербу'],
  ['Grosu', 'Grozu'],
  ['Balan', 'Bălănel'],
  ['Щербань', 'Сербан'],
  ['Жуков', 'Зуков'],
  ['Vlad', 'Vlas'],
  ['Daniel', 'Daniela'],
];

function agree(a: string, b: string): boolean {
  const keys = new Set(nameForms(a).keys);
  return nameForms(b).keys.some((key) => keys.has(key));
}

describe('names', () => {
  test('all spellings of one name match each other', () => {
    const missed = same.flatMap((spellings) =>
      spellings.flatMap((a) => spellings.filter((b) => !agree(a, b)).map((b) => `${a} ${b}`)),
    );
    expect(missed).toEqual([]);
    expect(same.length).toBeGreaterThan(60);
  });

  test('other names do not', () => {
    expect(differ.filter(([a, b]) => agree(a!, b!))).toEqual([]);
    expect(differ.length).toBeGreaterThan(40);
  });

  test('components, hyphens and spaces are one; the order of words stays', () => {
    expect(nameKey('Попеску-Ионеску^Мария')).toBe(nameKey('POPESCU  IONESCU MARIA'));
    expect(nameKey('Ion Rusu')).not.toBe(nameKey('Rusu Ion'));
    expect(nameKey("  D'Angelo ")).toBe('dangelo');
  });

  test('wildcards survive, and what precedes them never asks for more than the letters typed', () => {
    expect(nameKey('Ков*')).toBe('cov*');
    expect(nameKey('*')).toBe('*');
    expect(nameKey('K?valchuk')).toBe('c?valcuc');
    expect(nameForms('Ч*').plain).toBe('c*');
    for (const spellings of same) {
      for (const spelling of spellings) {
        for (let length = 1; length < spelling.length; length += 1) {
          const pattern = nameForms(`${spelling.slice(0, length)}*`);
          const known = nameForms(spelling);
          const begins = (text: string, start: string) => text.startsWith(start.slice(0, -1));
          const byKey = known.keys.some((key) => pattern.keys.some((start) => begins(key, start)));
          expect(byKey || begins(known.plain, pattern.plain), `${spelling.slice(0, length)}* ${spelling}`).toBe(true);
        }
      }
    }
  });

  test('a key begins as the first letter of its name allows', () => {
    for (const spelling of [...same, ...differ].flat()) {
      for (const key of nameForms(spelling).keys) expect(initialsOf(spelling) & initialOf(key), spelling).not.toBe(0);
    }
    const letters = "abcdefghijklmnopqrstuvwxyzабвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюяăâîșşțţçžščéöüł'";
    const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 6 });
    const property = fc.property(word, (text) => {
      for (const key of nameForms(text).keys) expect(initialsOf(text) & initialOf(key), `${text} ${key}`).not.toBe(0);
    });
    fc.assert(property, { seed: 2, numRuns: 20_000 });
  });

  test('any text has a key, of letters that need no folding more', () => {
    const property = fc.property(fc.string({ unit: 'binary', maxLength: 64 }), (text) => {
      const key = nameKey(text);
      expect(key.length).toBeLessThanOrEqual(text.normalize('NFKD').length * 2);
      expect(key).toBe(key.toLowerCase());
    });
    fc.assert(property, { seed: 1, numRuns: 1000 });
  });
});
