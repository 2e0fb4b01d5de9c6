// Looking up: an answer that says it is complete misses nobody whose record lies where it had to be asked for; and when
// all is well again, everybody finds everything.
import type { Found } from '../facts.ts';
import type { World } from '../world.ts';
import { type Check, Violation } from './check.ts';

const id = 'found';

export function found(): Check {
  let judged = 0;
  const look = async (world: World) => {
    for (const each of world.facts.finds.slice(judged)) judge(world, each);
    judged = world.facts.finds.length;
  };
  return {
    id,
    every: look,
    atEnd: look,
    dump: (world) =>
      world.facts.finds.slice(-10).map((each) => {
        const members = `${each.members.size} found, ${each.must.length} to be found`;
        return `${each.by.name}: ${each.complete ? 'complete' : 'incomplete'}, ${members}${each.last ? ', at the end' : ''}`;
      }),
  };
}

function judge(world: World, { by, complete, must, members, last, patient }: Found): void {
  const missed = must.filter((member) => !members.has(member));
  if (complete && missed.length > 0)
    throw new Violation(id, `${by.name} missed ${missed.length} in a complete look-up`);
  if (!last) return;
  if (!complete) throw new Violation(id, `${by.name} has no complete answer at the end`);
  for (const hospital of world.hospitals) {
    if (world.isExpelled(hospital)) continue;
    const held = world.population.studies.filter((each) => each.patient.id === patient && each.hospital === hospital);
    const instances = held.reduce((sum, study) => sum + [...study.instances()].length, 0);
    if ((members.get(hospital.member) ?? 0) !== instances) {
      const finds = `${members.get(hospital.member) ?? 0} of ${instances} instances`;
      throw new Violation(id, `${by.name} finds ${finds} at ${hospital.name}`);
    }
  }
}
