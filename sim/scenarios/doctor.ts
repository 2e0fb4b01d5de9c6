// What doctors do: look a patient up, ask hospitals for what they have, and have it.

import type { Principal } from '../../node/access/roles.ts';
import type { FindResult } from '../../node/api/find.ts';
import { closestOf } from '../../node/net/records/distance.ts';
import { verifyAdvert } from '../../protocol/adverts/record.ts';
import { unhex } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { SimHospital } from '../hospital.ts';
import type { SyntheticPatient } from '../studies/modules.ts';
import type { World } from '../world.ts';
import { tagsOf } from './tags.ts';

const minuteMs = 60_000;
/** Few, so that the keepers' arithmetic doesn't take minutes. */
const looksEach = 2;
const doctor: Principal = { name: 'Doctor', role: 'practitioner' };

/** One hospital's doctors look patients up now and then, most of them its own. */
export async function doctorsDay(
  world: World,
  hospital: SimHospital,
  { from, until }: { from: number; until: number },
): Promise<void> {
  const seeded = world.seeded.of('doctor', hospital.name);
  const times = Array.from({ length: looksEach }, () => seeded.between(from, until)).sort((a, b) => a - b);
  for (const at of times) {
    await world.sleep(Math.max(0, at - world.time.now()));
    if (world.isExpelled(hospital)) return;
    const patient = seeded.pick(world.population.patients);
    const purpose = seeded.chance(0.1) ? 'HRESCH' : seeded.chance(0.4) ? 'ETREAT' : 'TREAT';
    // whoever finds nothing, or not everything, tries again after a while
    let found: FindResult | undefined;
    for (let tries = 0; tries < 2 && (found === undefined || !found.complete); tries++) {
      if (tries > 0) await world.sleep(seeded.between(20 * minuteMs, 90 * minuteMs));
      found = (await lookUp(world, hospital, patient, purpose, false)) ?? found;
    }
    const holders = found?.hospitals.filter((each) => each.state === 'answered' && each.member !== hospital.member);
    for (const { member, studies } of holders ?? []) {
      if (studies.length > 0) await ask(world, hospital, { member, patient, purpose });
    }
  }
}

/** Looks a patient up and writes down what must have been found. Undefined where keepers were out of reach. */
export async function lookUp(
  world: World,
  by: SimHospital,
  patient: SyntheticPatient,
  purpose: string,
  last: boolean,
): Promise<FindResult | undefined> {
  world.figures.finds++;
  const look = () =>
    by.do(async (core) => {
      const at = world.time.now();
      const before = await mustBeFound(world, by, patient);
      const result = await core.finder.find({ value: patient.id, purpose, reason: 'a question' }, doctor);
      const after = new Set(await mustBeFound(world, by, patient));
      const count = (studies: FindResult['hospitals'][number]['studies']) =>
        studies.reduce((sum, each) => sum + each.instances, 0);
      const members = new Map(result.hospitals.map((each) => [each.member, count(each.studies)]));
      const must = before.filter((member) => after.has(member));
      world.facts.finds.push({ by, patient: patient.id, at, complete: result.complete, members, must, last });
      return result;
    });
  try {
    return await world.persist(by, look);
  } catch (error) {
    if (error instanceof PeerError && (error.row.retry || error.code === 'member/unknown')) return undefined;
    throw error;
  }
}

async function ask(
  world: World,
  by: SimHospital,
  { member, patient, purpose }: { member: string; patient: SyntheticPatient; purpose: string },
): Promise<void> {
  const owner = world.hospitals.find((each) => each.member === member)!;
  const studies = world.population.studies.filter((each) => each.patient === patient && each.hospital === owner);
  const uids = new Set(studies.flatMap((study) => [...study.instances()].map((each) => each.sopInstanceUid)));
  const instances = [...(world.facts.acknowledged.get(owner)?.values() ?? [])].filter((each) =>
    uids.has(each.sopInstanceUid),
  );
  const { id: value, name, birthDate } = patient;
  const input = { member, patient: { value, name, birthDate }, refs: 'all' as const, purpose, reason: 'a question' };
  try {
    const asked = await world.persist(by, () => by.do((core) => core.exchange.asking.create(input, doctor)));
    if (asked === undefined) return;
    world.facts.asked.push({ id: asked.id, by, owner, patient: value, instances });
    world.figures.requests++;
    world.trace.note(`${by.name} asks ${owner.name} (${purpose}): ${asked.state}`);
  } catch (error) {
    if (!(error instanceof PeerError && (error.row.retry || error.code === 'member/unknown'))) throw error;
    world.trace.note(`${by.name} can't ask ${owner.name}: ${error.code}`);
  }
}

/**
 * Members whose record nobody who gets a complete answer can have missed. In a small federation everybody is asked, so
 * that one peer that has it is enough; else it must lie on more than half of the peers that are asked.
 */
async function mustBeFound(world: World, by: SimHospital, patient: SyntheticPatient): Promise<string[]> {
  const found = new Set<string>();
  const membership = by.running?.core.members.federation.current()?.membership;
  const members = membership?.members(world.time.now()).length ?? 0;
  const few = members <= limits.netClosest;
  for (const { tag } of await tagsOf(world, patient.id)) {
    const up = world.hospitals.filter((each) => each.running !== undefined && !world.isExpelled(each));
    const places = few ? undefined : closestOf(unhex(tag), [...world.hub.nodes.keys()], limits.netClosest);
    const asked = up.filter(({ keys }) => places === undefined || places.includes(keys.peerId));
    const holding = new Map<string, number>();
    for (const { running } of asked) {
      const { records } = await running!.core.records.tagStore.get({ tags: [tag] });
      for (const bytes of records) {
        const { member, state } = verifyAdvert(bytes, world.authority.federation, world.verify);
        if (state === 'holds' && membership?.member(member)) holding.set(member, (holding.get(member) ?? 0) + 1);
      }
    }
    const enough = few ? 1 : Math.floor((places?.length ?? 0) / 2) + 1;
    for (const [member, count] of holding) if (count >= enough) found.add(member);
  }
  return [...found];
}
