// A hospital has a study only if it was imported there, or if its owner let a request of this hospital through.
import type { World } from '../world.ts';
import { type Check, Violation } from './check.ts';

const id = 'granted';

export function granted(): Check {
  const look = async (world: World) => {
    for (const hospital of world.hospitals) {
      const { core } = hospital.running ?? {};
      for (const study of core?.store.index.studies() ?? []) {
        const patient = core!.store.index.patient(study.patient)?.identifiers[0]?.value;
        if (study.origin === 'origin' && world.facts.patientsAt.get(hospital)?.has(patient ?? '') === true) continue;
        const requests = [...core!.exchange.asking.all()].filter((each) => each.patient.value === patient);
        const allowed = requests.some((each) =>
          world.facts.releases.some(
            ({ kind, peer, about }) => kind === 'decision' && peer === hospital.keys.peerId && about === each.id,
          ),
        );
        if (!allowed) throw new Violation(id, `${hospital.name} has a study that nobody gave it`);
      }
    }
  };
  return {
    id,
    every: look,
    atEnd: look,
    dump: (world) => world.facts.releases.slice(-20).map((each) => `${each.kind} by ${each.owner.name}`),
  };
}
