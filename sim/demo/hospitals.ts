// Three hospitals: their data folders, their federation, and what it takes to talk to a running one.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accounts } from '../../node/api/accounts.ts';
import { PeerClient } from '../../node/cli/client.ts';
import { admitting, dealing } from '../../node/federation/authority/changes.ts';
import { change, createFederation } from '../../node/federation/authority/federation.ts';
import { type Config, readConfig, writeConfig } from '../../node/setup/config.ts';
import { createData, type Initialized } from '../../node/setup/init.ts';
import { joinData } from '../../node/setup/join.ts';
import { nativeVerify, systemClock, systemRandom } from '../../node/system/machine.ts';
import { verifyJoin } from '../../protocol/federation/join.ts';
import { freePort } from '../ports.ts';

export const host = '127.0.0.1';

/** A hospital that has its data folder, and a place in the federation. */
export interface Hospital {
  readonly name: string;
  readonly dir: string;
  readonly logFile: string;
  readonly config: Config;
  readonly url: string;
  readonly made: Initialized;
}

/** A hospital whose peer runs. */
export interface RunningHospital extends Hospital {
  /** By the role of who holds the token. */
  readonly as: Readonly<Record<'admin' | 'practitioner' | 'custodian', PeerClient>>;
}

/** A federation-wide system whose numbers have no check digit: a national one would not let others find foreign numbers. */
const foreignSystem = 'urn:dicomnet:id:demonstration';

/**
 * Makes data folders below `root` for hospitals of these names, on free ports of this machine only.
 * @param foreign the patients' numbers are not this country's
 */
export async function makeHospitals(root: string, names: readonly string[], foreign: boolean): Promise<Hospital[]> {
  const make = async (name: string, i: number): Promise<Hospital> => {
    const letter = String.fromCharCode(97 + i);
    const dir = join(root, letter);
    const [http, dimse, p2p] = [await freePort(), await freePort(), await freePort()];
    const made = await createData(dir, { name, country: 'MD', http, dimse, p2p });
    const usual = await readConfig(dir);
    const config = {
      ...usual,
      dimse: { ...usual.dimse, host },
      p2p: { ...usual.p2p, listen: [`/ip4/${host}/tcp/${p2p}`] },
      ...(foreign && {
        patientId: { ...usual.patientId, defaultSystem: foreignSystem, issuers: { '': foreignSystem } },
      }),
    };
    await writeConfig(dir, config);
    return { name, dir, logFile: join(root, `${letter}.log`), config, url: `http://${host}:${http}`, made };
  };
  return Promise.all(names.map(make));
}

/** The authority's work: a federation, everybody admitted, all of them keepers; then each peer joins. */
export async function federate(root: string, hospitals: readonly Hospital[]): Promise<void> {
  const dir = join(root, 'authority');
  const parts = { clock: systemClock, random: systemRandom, verify: nativeVerify };
  const { defaultSystem } = hospitals[0]!.config.patientId;
  const options = { replace: false };
  await createFederation(dir, { name: 'Demonstration', defaultSystem, keys: [], ...options }, parts);
  const requests = await Promise.all(
    hospitals.map(async ({ made }) => verifyJoin(new Uint8Array(await readFile(made.joinRequest)), nativeVerify)),
  );
  await change(dir, [admitting(requests)], options, parts);
  const made = await change(dir, [dealing([])], options, parts);
  if (made.kind !== 'published') throw new Error('one authority signs alone');
  const bundle = new Uint8Array(await readFile(made.roster));
  for (const hospital of hospitals) await joinData(hospital.dir, bundle);
}

/** Signs in with the password that `init` gave, and makes a doctor's and a custodian's token. */
export async function signIn(hospital: Hospital): Promise<RunningHospital> {
  const { url, made } = hospital;
  const { username, password } = made;
  const nobody = new PeerClient({ url, token: 'none' });
  const { token } = await nobody.call(accounts.signIn, {}, { username, password });
  nobody.close();
  const admin = new PeerClient({ url, token });
  const holding = async (role: 'practitioner' | 'custodian', name: string) =>
    new PeerClient({ url, token: (await admin.call(accounts.createToken, {}, { name, role })).token });
  const practitioner = await holding('practitioner', 'Dr. Ana Ciobanu');
  const custodian = await holding('custodian', 'Ion Rusu');
  return { ...hospital, as: { admin, practitioner, custodian } };
}

export function leave({ as }: RunningHospital): void {
  for (const client of Object.values(as)) client.close();
}
