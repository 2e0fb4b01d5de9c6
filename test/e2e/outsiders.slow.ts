// What a hundred outsiders and one hostile member, all at full rate, cost the others: the same things quiet and under
// attack in one run, by turns, as a ratio of medians. The attackers take processor time of this machine too, so the figure
// is told and only a gross one fails.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemTimers } from '../../node/system/machine.ts';
import { eventually } from '../node/hospitals.ts';
import { importAll, markedInstances, reason } from './marked.ts';
import type { Outsiders, Tried } from './outsiders.ts';
import { startWorld } from './world.ts';

const doctor = { name: 'Dr. C', role: 'practitioner' } as const;
const rounds = 4;
const perRound = 5;
/** Patients 2000000000008 and on, each with its right check digit. */
const patientOf = (n: number) => {
  const digits = `20000000${String(1000 + n)}`;
  const sum = [...digits].reduce((all, digit, i) => all + Number(digit) * [7, 3, 1][i % 3]!, 0);
  return { id: `${digits}${sum % 10}`, name: `Quiet^Nr${n}`, birthDate: '19700101', sex: 'M' } as const;
};

const start = () =>
  startWorld({
    hospitals: {
      A: { config: (config) => ({ ...config, policy: { autoGrant: [{ purpose: 'TREAT' as const }] } }) },
      B: {},
      C: {},
    },
    attackers: { M: 'hospital' },
  });
let world: Awaited<ReturnType<typeof start>>;
const attackers = fork(new URL('./outsiders.ts', import.meta.url).pathname);

beforeAll(async () => {
  world = await start();
  const { core } = world.hospitals.A;
  for (let n = 0; n < 2 * rounds * perRound; n++) {
    await importAll(core, markedInstances(4, 200_000, 100 + n, patientOf(n)));
  }
  await core.advertising.advertiser.flush();
  const { M: m } = world.attackers;
  await m.stop();
  const port = Number(/tcp\/(\d+)/.exec(core.members.network.addresses()[0]!)![1]);
  const about: Outsiders = {
    ...{ peer: core.peerId, port, outsiders: 100 },
    ...{ federation: m.federation, member: Buffer.from(m.seed).toString('hex') },
  };
  attackers.send(about);
  expect((await once(attackers, 'message'))[0]).toBe('ready');
});
afterAll(async () => {
  attackers.disconnect();
  await world.stop();
});

const times = { quiet: { find: [], ask: [], transfer: [] }, attacked: { find: [], ask: [], transfer: [] } } as Record<
  'quiet' | 'attacked',
  Record<'find' | 'ask' | 'transfer', number[]>
>;

async function measure(n: number, into: (typeof times)['quiet']): Promise<void> {
  const { C: c } = world.hospitals;
  const { id: value } = patientOf(n);
  const began = performance.now();
  const { hospitals } = await c.core.finder.find({ value, purpose: 'TREAT', reason }, doctor);
  expect(hospitals).toMatchObject([{ state: 'answered' }]);
  const found = performance.now();
  const ask = { member: 'A', patient: { value }, refs: 'all' as const, purpose: 'TREAT', reason };
  const { id } = await c.core.exchange.asking.create(ask, doctor);
  const asked = performance.now();
  while (c.core.exchange.transfers.get(id)?.state !== 'done') await systemTimers.sleep(2);
  const done = performance.now();
  into.find.push(found - began);
  into.ask.push(asked - found);
  into.transfer.push(done - asked);
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;

test('a hundred outsiders and a hostile member at full rate are not felt by the others', async () => {
  let n = 0;
  let tried: Tried = { outsiders: 0, member: 0 };
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < perRound; i++) await measure(n++, times.quiet);
    attackers.send('attack');
    await systemTimers.sleep(2_000);
    for (let i = 0; i < perRound; i++) await measure(n++, times.attacked);
    attackers.send('rest');
    [tried] = (await once(attackers, 'message')) as [Tried];
    await eventually('they are gone', () => world.hospitals.A.core.members.network.connected().length <= 3, 30_000);
    await systemTimers.sleep(1_000);
  }
  console.log(`outsiders tried ${tried.outsiders} times, the member ${tried.member}`);
  expect(Math.min(tried.outsiders, tried.member)).toBeGreaterThan(200);
  for (const what of ['find', 'ask', 'transfer'] as const) {
    const [quiet, attacked] = [median(times.quiet[what]), median(times.attacked[what])];
    console.log(
      `${what}: ${quiet.toFixed(1)} ms quiet, ${attacked.toFixed(1)} ms attacked, ratio ${(attacked / quiet).toFixed(2)}`,
    );
    expect(attacked / quiet).toBeLessThan(5);
  }
});
