// Looks at everything that has to hold for this peer to do its work, and says what to do where it doesn't.
import type { Clock } from '../protocol/ports.ts';
import type { Translate } from './api/texts/texts.ts';
import type { Federation } from './federation/federation.ts';
import type { Network } from './net/network.ts';
import type { RepublishLedger } from './net/records/ledger.ts';
import type { Config } from './setup/config.ts';
import { isFederated, isLocalSystem } from './store/identifiers.ts';
import type { Index } from './store/index.ts';
import type { StoredObjects } from './store/objects.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What to do; what was found, if all is well. */
  readonly advice: string;
}

export interface DoctorParts {
  readonly federation: Pick<Federation, 'current' | 'status'>;
  readonly network: Pick<Network, 'addresses'>;
  readonly ledger: Pick<RepublishLedger, 'status'>;
  readonly config: Config;
  readonly index: Pick<Index, 'patients'>;
  readonly objects: StoredObjects;
  /** Addresses to listen on that this machine does not have. */
  readonly gone: () => readonly string[];
  readonly ports: { readonly http: number; readonly dimse: number };
  readonly clock: Clock;
}

/** Years before which a machine's clock can't be right. */
const builtAt = 1_767_225_600_000; // 1 January 2026
const dayMs = 24 * 3_600_000;

type CheckName = 'ports' | 'clock' | 'disk' | 'roster' | 'reachability' | 'keepers' | 'records' | 'patients';

/** All checks, their advice in the language that `t` speaks. */
export async function doctor(parts: DoctorParts, t: Translate): Promise<Check[]> {
  return [
    checkPorts(parts, t),
    checkClock(parts, t),
    await checkDisk(parts, t),
    ...checkFederation(parts, t),
    checkRecords(parts, t),
    checkPatients(parts, t),
  ];
}

const check = (name: CheckName, ok: boolean, found: string, todo: string): Check => ({
  name,
  ok,
  advice: ok ? found : todo,
});

function checkPorts({ ports, network, gone }: DoctorParts, t: Translate): Check {
  const addresses = network.addresses().length;
  const list = gone().join(', ');
  if (list !== '') return check('ports', false, '', t('doctor.ports.gone', { list }));
  return check('ports', addresses > 0, t('doctor.ports.found', { ...ports, addresses }), t('doctor.ports.todo'));
}

const checkClock = ({ clock }: DoctorParts, t: Translate): Check =>
  check('clock', clock.now() > builtAt, t('doctor.clock.found'), t('doctor.clock.todo'));

async function checkDisk({ objects, config }: DoctorParts, t: Translate): Promise<Check> {
  const bytes = await objects.free();
  const free = (bytes / 1e9).toFixed(1);
  const enough = bytes > config.storage.minFreeBytes * 2;
  return check('disk', enough, t('doctor.disk.found', { free }), t('doctor.disk.todo', { free }));
}

function checkFederation({ federation, clock }: DoctorParts, t: Translate): Check[] {
  const us = federation.current();
  if (us === undefined) return [check('roster', false, '', t('doctor.roster.none'))];
  const { members, connected } = federation.status();
  const others = members.length - 1;
  const { number, roster } = us.membership;
  const days = Math.floor((roster.expires - clock.now()) / dayMs);
  const keepers = members.filter((member) => member.keeper);
  const needed = us.membership.indexKey?.t ?? 1;
  const inReach = keepers.filter((keeper) => keeper.connected || keeper.id === us.member.id).length;
  const reach = { inReach, keepers: keepers.length, needed };
  return [
    check('roster', days > 14, t('doctor.roster.found', { number, days }), t('doctor.roster.todo', { days })),
    check(
      'reachability',
      others === 0 || connected.length > 0,
      t('doctor.reachability.found', { connected: connected.length, others }),
      t('doctor.reachability.todo'),
    ),
    check(
      'keepers',
      inReach >= needed,
      t('doctor.keepers.found', reach),
      keepers.length === 0 ? t('doctor.keepers.none') : t('doctor.keepers.todo', reach),
    ),
  ];
}

function checkRecords({ ledger }: DoctorParts, t: Translate): Check {
  const { stored, alarms } = ledger.status();
  const todo = t('doctor.records.todo', { alarms: alarms.length });
  return check('records', alarms.length === 0, t('doctor.records.found', stored), todo);
}

/** Who waits for a decision, and who has a national number that others can't find him by: a wrong one, or nobody's. */
function checkPatients({ index }: DoctorParts, t: Translate): Check {
  let [doubts, unusable] = [0, 0];
  for (const { identifiers } of index.patients()) {
    if (identifiers.some(({ doubt }) => doubt !== undefined && doubt.apart !== true)) doubts += 1;
    const national = identifiers.filter(({ system, doubt }) => !isLocalSystem(system) && doubt === undefined);
    if (national.length > 0 && !national.some(isFederated)) unusable += 1;
  }
  return check(
    'patients',
    doubts === 0,
    t('doctor.patients.found', { unusable }),
    t('doctor.patients.todo', { doubts }),
  );
}
