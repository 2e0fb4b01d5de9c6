import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StudyRecord } from '../../../node/store/records.ts';
import { latestFirst, StudyOrder } from '../../../node/store/study-order.ts';

const date = fc.constantFrom('20260101', '20260102', '2026.01.03', '20260104', '2026', undefined);
const time = fc.constantFrom('09', '0930', '10:15', undefined);

const study = (n: number, more: Pick<StudyRecord, 'date' | 'time'>): StudyRecord => ({
  ...{ id: `s${n}`, ref: '', uid: `1.${n}`, patient: '', origin: 'origin', received: 0, changed: 0, series: [] },
  ...more,
});

it('gives studies latest first, whenever and however many are added', () => {
  const groups = fc.array(fc.array(fc.record({ date, time }), { maxLength: 100 }), { maxLength: 5 });
  fc.assert(
    fc.property(groups, (all) => {
      const order = new StudyOrder();
      const known: StudyRecord[] = [];
      for (const group of all) {
        for (const each of group) {
          known.push(study(known.length, each));
          order.keep(known.at(-1)!);
        }
        expect([...order.latest()]).toEqual(latestFirst(known));
      }
    }),
    { seed: 3 },
  );
});

it('gives those of some dates, written with separators too; without a date none', () => {
  const order = new StudyOrder();
  const dates = ['20260101', undefined, '2026.01.03', '20260102', '20260104'];
  for (const [n, each] of dates.entries()) order.keep(study(n, { date: each }));
  const of = (low: string, high: string) => [...order.latest({ low, high })].map(({ id }) => id);
  expect(of('20260102', '20260103')).toEqual(['s2', 's3']);
  expect(of('00000000', '99999999')).toEqual(['s4', 's2', 's3', 's0']);
  expect(of('20260103', '20260102')).toEqual([]);
  expect([...order.latest()].at(-1)!.id).toBe('s1');
});

it('shows a record that was replaced; who reads already goes on undisturbed by what is added', () => {
  const order = new StudyOrder();
  order.keep(study(1, { date: '20260101' }));
  order.keep(study(2, { date: '20260103' }));
  const reading = order.latest();
  expect(reading.next().value!.id).toBe('s2');
  order.keep(study(3, { date: '20260102' }));
  expect([...order.latest()].map(({ id }) => id)).toEqual(['s2', 's3', 's1']);
  const changed = { ...study(1, { date: '20260101' }), description: 'new' };
  order.keep(changed);
  expect([...reading]).toEqual([changed]);
});
