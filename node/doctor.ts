// Looks at everything that has to hold for this peer to do its work, and says what to do where it doesn't.
import type { Clock } from '../protocol/ports.ts';
import type { Core } from './core.ts';
import type { Config } from './setup/config.ts';
import type { ObjectStore } from './store/objects.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What to do; what was found, if all is well. */
  readonly advice: string;
}

export interface DoctorParts {
  readonly core: Core;
  readonly config: Config;
  readonly objects: ObjectStore;
  readonly ports: { readonly http: number; readonly dimse: number };
  readonly clock: Clock;
}

/** Years before which a machine's clock can't be right. */
const builtAt = 1_767_225_600_000; // 1 January 2026
const dayMs = 24 * 3_600_000;

export async function doctor(parts: DoctorParts): Promise<Check[]> {
  return [checkPorts(parts), checkClock(parts), await checkDisk(parts), ...checkFederation(parts), checkRecords(parts)];
}

const check = (name: string, ok: boolean, found: string, todo: string): Check => ({
  name,
  ok,
  advice: ok ? found : todo,
});

function checkPorts({ ports, core }: DoctorParts): Check {
  const addresses = core.network.addresses();
  const found = `HTTP on ${ports.http}, DICOM on ${ports.dimse}, peers on ${addresses.length} addresses`;
  return check('ports', addresses.length > 0, found, 'No address for other peers: set p2p.listen in peer.json.');
}

function checkClock({ clock }: DoctorParts): Check {
  const ok = clock.now() > builtAt;
  return check(
    'clock',
    ok,
    'The clock is plausible.',
    'Set the clock: requests are refused when it is 10 minutes off.',
  );
}

async function checkDisk({ objects, config }: DoctorParts): Promise<Check> {
  const free = await objects.free();
  const gigabytes = (free / 1e9).toFixed(1);
  const enough = free > config.storage.minFreeBytes * 2;
  const todo = `Only ${gigabytes} GB are free: free some space, or lower storage.minFreeBytes.`;
  return check('disk', enough, `${gigabytes} GB are free.`, todo);
}

function checkFederation({ core, clock }: DoctorParts): Check[] {
  const us = core.federation.current();
  if (us === undefined) {
    const todo = 'Give join-request.cbor to the federation authority, then run join with the roster file it gives you.';
    return [check('roster', false, '', todo)];
  }
  const { members, connected } = core.federation.status();
  const others = members.length - 1;
  const days = Math.floor((us.membership.roster.expires - clock.now()) / dayMs);
  const keepers = members.filter((member) => member.keeper);
  const needed = us.membership.indexKey?.t ?? 1;
  const inReach = keepers.filter((keeper) => keeper.connected || keeper.id === us.member.id).length;
  return [
    check(
      'roster',
      days > 14,
      `Roster ${us.membership.number}, valid for ${days} days.`,
      `The roster expires in ${days} days: ask the authority for the next one.`,
    ),
    check(
      'reachability',
      others === 0 || connected.length > 0,
      `${connected.length} of ${others} other members are connected.`,
      'No other member is connected: check that this machine reaches them and they reach its p2p port.',
    ),
    check(
      'keepers',
      inReach >= needed,
      `${inReach} of ${keepers.length} keepers are in reach, ${needed} are needed.`,
      keepers.length === 0
        ? 'No keepers yet: the authority names them with federation keepers.'
        : `Only ${inReach} of ${keepers.length} keepers are in reach and ${needed} are needed: patients cannot be looked up until more are on line.`,
    ),
  ];
}

function checkRecords({ core }: DoctorParts): Check {
  const { stored, alarms } = core.ledger.status();
  const found = `${stored.full} records are stored everywhere, ${stored.partly} on fewer peers, ${stored.nowhere} are waiting.`;
  return check(
    'records',
    alarms.length === 0,
    found,
    `${alarms.length} records lapse soon or were never stored: connect to more members.`,
  );
}
