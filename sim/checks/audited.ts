// Audit holds: every summary, grant and transfer had its entry on disk before its first byte left; every log verifies
// and still has these entries after any crash; and every head that a hospital has shown to others is of its log.

import { auditHead, auditHeadKind } from '../../protocol/audit/head.ts';
import { verifyEnvelope } from '../../protocol/envelope.ts';
import { entryName } from '../facts.ts';
import type { SimHospital } from '../hospital.ts';
import type { World } from '../world.ts';
import { type Check, Violation } from './check.ts';

const id = 'audited';
/** The streams of one transfer share an entry that is no older than this. */
const transferEntryMs = 3_600_000;

export function audited(): Check {
  const starts = new Map<SimHospital, number>();
  let judged = 0;
  return {
    id,
    async every(world) {
      for (const each of world.facts.releases.slice(judged)) {
        const old = each.kind === 'transfer' && each.lastWritten < each.at - transferEntryMs;
        if (each.written < each.needed || old)
          throw new Violation(id, `${each.owner.name} let a ${each.kind} go unwritten`);
      }
      judged = world.facts.releases.length;
      for (const hospital of world.hospitals) {
        if (hospital.running === undefined || starts.get(hospital) === hospital.starts) continue;
        starts.set(hospital, hospital.starts);
        await verifyLog(world, hospital);
      }
    },
    async atEnd(world) {
      starts.clear();
      await this.every(world);
    },
    dump: (world) =>
      world.facts.releases.slice(-20).map((each) => {
        const entries = `${each.written} of ${each.needed} entries`;
        return `${each.kind} by ${each.owner.name} about ${each.about}: ${entries}`;
      }),
  };
}

async function verifyLog(world: World, hospital: SimHospital): Promise<void> {
  const { core } = hospital.running!;
  const { ok, problems } = await core.audit.trail.verify(await headsShown(world, hospital));
  if (!ok) throw new Violation(id, `the log of ${hospital.name} doesn't verify: ${JSON.stringify(problems[0])}`);
  const found = new Map<string, number>();
  for await (const { entry } of core.audit.trail.entries()) {
    const name = entry && entryName(entry);
    if (name !== undefined) found.set(name, (found.get(name) ?? 0) + 1);
  }
  for (const [name, times] of world.facts.needed(hospital)) {
    if ((found.get(name) ?? 0) < times) throw new Violation(id, `the log of ${hospital.name} has lost: ${name}`);
  }
}

/** The heads of a hospital's log that others keep. */
async function headsShown(world: World, of: SimHospital) {
  const heads: { size: number; root: string }[] = [];
  for (const { name, running } of world.hospitals) {
    for await (const [key, envelope] of running?.kv.bucket('evidence').range() ?? []) {
      const fork = Buffer.from(key).toString('latin1').startsWith('fork/');
      const { value } = verifyEnvelope(envelope, auditHeadKind, auditHead, world.authority.federation, world.verify);
      if (fork) throw new Violation(id, `${name} saw two logs of one member`);
      if (value.member === of.member) heads.push({ size: value.size, root: value.root });
    }
  }
  return heads;
}
