// A day of a country: studies come in, doctors look patients up, ask and are granted, while connections
// break, hospitals crash in the middle of what they do, the country is cut in two for hours, and one hospital is
// expelled and goes on trying.

import type { Principal } from '../../node/access/roles.ts';
import { importFile } from '../../node/exchange/import/from-file.ts';
import { PeerError } from '../../protocol/errors.ts';
import type { SimHospital } from '../hospital.ts';
import { digestOf, type SimStudy } from '../population.ts';
import type { Seeded } from '../seeded.ts';
import type { World } from '../world.ts';
import { doctorsDay, lookUp } from './doctor.ts';
import { rogue } from './rogue.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** From the start of the world. */
const plan = {
  importsUntil: 2 * hourMs,
  doctorsFrom: hourMs,
  doctorsUntil: 16 * hourMs,
  cutOff: 6 * hourMs,
  whole: 9 * hourMs,
  expel: 14 * hourMs,
  calm: 19 * hourMs,
  end: 25 * hourMs,
};

export async function first(world: World): Promise<void> {
  const begin = world.time.now();
  const until = (at: number) => world.sleep(begin + at - world.time.now());
  const keepers = world.hospitals.length > 20 ? 5 : 3;
  await world.open(keepers, (keepers + 1) / 2);
  const day = { over: false };
  const trouble = [
    world.spawn('broken connections', () => breakConnections(world, day)),
    world.spawn('crashes', () => crashSometimes(world, day)),
  ];
  crashInTransfers(world);
  const doings = world.hospitals.flatMap((hospital) => [
    world.spawn(`the scanner of ${hospital.name}`, () => scan(world, hospital, plan.importsUntil)),
    world.spawn(`the custodian of ${hospital.name}`, () => decide(world, hospital, begin + plan.end)),
    world.spawn(`the doctors of ${hospital.name}`, () =>
      doctorsDay(world, hospital, { from: begin + plan.doctorsFrom, until: begin + plan.doctorsUntil }),
    ),
  ]);
  await until(plan.cutOff);
  world.partition(world.seeded.of('partition').some(world.hospitals, world.hospitals.length >> 1));
  await until(plan.whole);
  world.partition(undefined);
  await until(plan.expel);
  const expelled = expelOne(world, keepers);
  await until(plan.calm);
  day.over = true;
  world.onTransfer = undefined;
  await until(plan.end);
  await Promise.all([...doings, ...trouble, expelled]);
  await lastLook(world);
}

/** Studies come in from the scanners, each instance again until it was acknowledged, and now and then once more. */
async function scan(world: World, hospital: SimHospital, withinMs: number): Promise<void> {
  const seeded = world.seeded.of('scanner', hospital.name);
  for (const study of world.population.studies.filter((each) => each.hospital === hospital)) {
    if (seeded.chance(0.5)) await world.sleep(seeded.int(withinMs / 3)); // the others follow at once
    if (seeded.chance(0.2)) crashAtWrite(world, hospital, seeded);
    await takeIn(world, study, seeded);
  }
}

async function takeIn(world: World, { hospital, patient, instances }: SimStudy, seeded: Seeded): Promise<void> {
  const { facts, figures } = world;
  facts.patientsAt.set(hospital, (facts.patientsAt.get(hospital) ?? new Set()).add(patient.id));
  for (const instance of instances()) {
    const { sopInstanceUid, studyUid, dataset, part10 } = instance;
    const send = () =>
      hospital.do(async (core) => {
        const { outcome } = await importFile(core.imports.importer, pieces(part10), 'scanner');
        if (outcome !== 'imported' && outcome !== 'duplicate') throw new Error(`an instance was taken as ${outcome}`);
      });
    const persistent = async () => {
      await send();
      return true;
    };
    const taken = await world.persist(hospital, persistent);
    if (taken === undefined && world.isExpelled(hospital)) return;
    if (taken === undefined) throw new Error('an import never succeeded');
    facts.acknowledge(hospital, { sopInstanceUid, studyUid, digest: digestOf(dataset) });
    figures.imports++;
    if (seeded.chance(0.1)) await world.persist(hospital, persistent);
  }
  world.trace.note(`${hospital.name} has taken in a study`);
}

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

const custodian: Principal = { name: 'Custodian', role: 'custodian' };

/** Somebody looks at the requests that wait, lets most of them through and research never. */
async function decide(world: World, hospital: SimHospital, until: number): Promise<void> {
  const seeded = world.seeded.of('custodian', hospital.name);
  for (;;) {
    await world.sleep(seeded.between(10 * minuteMs, hourMs));
    if (world.time.now() > until || world.isExpelled(hospital)) return;
    const decided = () =>
      hospital.do(async ({ access: { guard } }) => {
        const asked = await Array.fromAsync(guard.requests.rows({ latest: true }));
        for (const { id, purpose, owning } of asked.map(({ row }) => row)) {
          if (owning.state !== 'pending') continue;
          const refuse = purpose === 'HRESCH' || seeded.chance(0.2);
          if (refuse) await guard.deny(id, 'not for this', custodian);
          else await guard.approve(id, custodian);
          world.figures[refuse ? 'denials' : 'approvals']++;
        }
      });
    await world.persist(hospital, decided);
  }
}

async function breakConnections(world: World, day: { over: boolean }): Promise<void> {
  const seeded = world.seeded.of('cuts');
  while (!day.over) {
    await world.sleep(seeded.between(minuteMs, 20 * minuteMs));
    const [a, b] = seeded.some(world.hospitals, 2);
    if (a !== undefined && b !== undefined) world.cut(a, b);
  }
}

/** Every hospital of a small country goes down about once a day, one in five as an operator does it. */
async function crashSometimes(world: World, day: { over: boolean }): Promise<void> {
  const seeded = world.seeded.of('crashes');
  for (;;) {
    await world.sleep(seeded.between(1, (2 * 24 * hourMs) / Math.min(20, world.hospitals.length)));
    if (day.over) return;
    const hospital = seeded.pick(world.hospitals);
    const downMs = seeded.between(minuteMs, 40 * minuteMs);
    if (hospital.running === undefined || world.isExpelled(hospital)) continue;
    if (seeded.chance(0.2)) void world.spawn(`the operator of ${hospital.name}`, () => world.restart(hospital, downMs));
    else world.crash(hospital, seeded.chance(0.5) ? 'power' : 'kill', downMs);
  }
}

/** Every few transfers one side goes down in the middle: at a write to disk, or after some milliseconds. */
function crashInTransfers(world: World): void {
  const seeded = world.seeded.of('transfer crashes');
  world.onTransfer = (owner, holder) => {
    if (!seeded.chance(0.12)) return;
    if (seeded.chance(0.5)) return crashAtWrite(world, holder, seeded);
    const hospital = seeded.pick([owner, holder]);
    const [kind, downMs] = [
      seeded.chance(0.5) ? ('power' as const) : ('kill' as const),
      seeded.between(2_000, 600_000),
    ];
    world.time.at(world.time.now() + seeded.int(400), () => world.crash(hospital, kind, downMs));
  };
}

function crashAtWrite(world: World, hospital: SimHospital, seeded: Seeded): void {
  const [kind, downMs] = [seeded.chance(0.5) ? ('power' as const) : ('kill' as const), seeded.between(2_000, 600_000)];
  hospital.onWrite(seeded.between(1, 40), () => world.crash(hospital, kind, downMs));
}

/** Expels one that is no keeper, preferably one that holds a grant; a minute later it no longer plays by the rules. */
async function expelOne(world: World, keepers: number): Promise<void> {
  const seeded = world.seeded.of('expelled');
  const candidates = world.hospitals.slice(keepers);
  const holders = candidates.filter(({ keys }) => world.facts.releases.some((each) => each.peer === keys.peerId));
  const hospital = seeded.pick(holders.length > 0 ? holders : candidates);
  world.authority.expel(hospital.member);
  const others = world.hospitals.filter((each) => each !== hospital);
  const told = seeded.pick(others);
  const tell = () => told.do((core) => core.members.federation.join(world.authority.file));
  const number = (await world.persist(told, tell))?.number;
  if (number === undefined) throw new Error('nobody took the new roster');
  world.facts.expelled.push({ hospital, at: world.time.now(), roster: number });
  world.trace.note(`${hospital.name} is expelled by roster ${number}, told to ${told.name}`);
  await world.sleep(2 * minuteMs);
  await rogue(world, hospital);
}

/** Patients looked up when all is well again, of two a hospital. */
const lastLooks = 10;

async function lastLook(world: World): Promise<void> {
  const seeded = world.seeded.of('last');
  const hospitals = world.hospitals.filter((each) => !world.isExpelled(each));
  for (const patient of seeded.some(world.population.patients, lastLooks)) {
    const found = await lookUp(world, seeded.pick(hospitals), patient, 'TREAT', true);
    if (found === undefined) throw new PeerError('tags/no-keepers');
  }
}
