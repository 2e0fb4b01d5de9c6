// Who was expelled gets nothing: a minute later every hospital that is up follows the new roster, has no connection to
// it, lets nothing go to it, and finds it no more.
import type { World } from '../world.ts';
import { type Check, Violation } from './check.ts';

const id = 'expelled';
const spreadMs = 60_000;

export function expelled(): Check {
  const look = async (world: World) => {
    for (const { hospital, at, roster } of world.facts.expelled) {
      const { name, keys, member } = hospital;
      const late = (when: number, upSince: number) => when > Math.max(at, upSince) + spreadMs;
      for (const release of world.facts.releases) {
        const served = release.peer === keys.peerId && late(release.at, release.upSince);
        if (served) throw new Violation(id, `${release.owner.name} let a ${release.kind} go to ${name}`);
      }
      for (const found of world.facts.finds) {
        if (late(found.at, found.by.upSince) && found.members.has(member)) {
          throw new Violation(id, `${found.by.name} still finds ${name}`);
        }
      }
      for (const other of world.hospitals) {
        const { core } = other.running ?? {};
        if (core === undefined || other === hospital || !late(world.time.now(), other.upSince)) continue;
        const number = core.members.federation.current()?.membership.number ?? -1;
        if (number < roster) throw new Violation(id, `${other.name} still follows roster ${number}`);
        if (core.members.network.connected().includes(keys.peerId)) {
          throw new Violation(id, `${other.name} is still connected to ${name}`);
        }
      }
    }
  };
  return {
    id,
    every: look,
    atEnd: look,
    dump: (world) =>
      world.hospitals.map(
        ({ name, running }) => `${name}: roster ${running?.core.members.federation.current()?.membership.number}`,
      ),
  };
}
