// A hospital that was expelled and doesn't mind the rules: it keeps its keys, its grants and its tags, lets everybody
// in and asks everybody for everything.
import { MemoryNetwork } from '../../node/net/memory/network.ts';
import { signSummaryRequest, summaryProtocol } from '../../protocol/adverts/ask.ts';
import { hex } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { encodeTransferFrame, transferProtocol, transferVersion } from '../../protocol/transfer/messages.ts';
import type { SimHospital } from '../hospital.ts';
import type { World } from '../world.ts';
import { type PlacedTag, tagsOf } from './tags.ts';

const openDoors = { mayConnect: () => true, maySpeak: () => true, isMember: () => true };

/** Tries for some hours. What it gets the world's wire sees; here it must only not be let in by mistake. */
export async function rogue(world: World, hospital: SimHospital): Promise<void> {
  const tags = await knownTags(world, hospital);
  hospital.crash('kill');
  world.trace.note(`${hospital.name} goes on trying`);
  const timers = world.time.timers();
  const network = new MemoryNetwork({ self: hospital.keys.peerId }, { hub: world.hub, doorkeeper: openDoors, timers });
  await network.start();
  const seeded = world.seeded.of('rogue');
  for (let round = 0; round < 3; round++) {
    for (const other of world.hospitals.filter((each) => each !== hospital)) {
      for (const envelope of summaryRequests(world, hospital, other, tags)) {
        await refused(network.request(other.keys.peerId, summaryProtocol, envelope));
      }
      for (const grant of grantsOf(world, hospital, other)) {
        await refused(pull(network, other.keys.peerId, grant));
      }
    }
    await world.sleep(seeded.between(1, 60) * 60_000);
  }
  await network.stop();
}

/** Those of its own patients, whom others may hold too. */
async function knownTags(world: World, hospital: SimHospital): Promise<PlacedTag[]> {
  const own = world.population.studies.filter((each) => each.hospital === hospital).map((each) => each.patient.id);
  const tags: PlacedTag[] = [];
  for (const patient of new Set(own)) tags.push(...(await tagsOf(world, patient)));
  return tags;
}

function* summaryRequests(
  world: World,
  hospital: SimHospital,
  to: SimHospital,
  tags: readonly PlacedTag[],
): Generator<Uint8Array> {
  const now = world.time.now();
  for (const { tag, epoch } of tags) {
    const request = {
      id: hex(world.seeded.of('rogue request', to.name, tag, now).bytes(16)),
      from: hospital.member,
      to: to.member,
      practitioner: { name: 'Doctor', role: 'practitioner' },
      ...{ purpose: 'TREAT', reason: 'a question', tag, epoch },
      ...{ issuedAt: now, notAfter: now + 600_000 },
    };
    yield signSummaryRequest(request, world.authority.federation, hospital.keys.signer);
  }
}

const grantsOf = (world: World, holder: SimHospital, owner: SimHospital): Set<string> =>
  new Set(
    world.facts.releases
      .filter((each) => each.kind === 'transfer' && each.owner === owner && each.peer === holder.keys.peerId)
      .map((each) => each.about),
  );

async function pull(network: MemoryNetwork, peer: string, grant: string): Promise<void> {
  const channel = await network.open(peer, transferProtocol);
  await channel.write(encodeTransferFrame({ type: 'open', version: transferVersion, grant }));
  await channel.write(encodeTransferFrame({ type: 'manifest-wanted' }));
  await channel.write(encodeTransferFrame({ type: 'want', wants: [{ index: 0, from: 0 }] }));
  for await (const _ of channel.read()); // what came is for the wire to see
}

async function refused(attempt: Promise<unknown>): Promise<void> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof PeerError) return;
    throw error;
  }
}
