// Making a peer: its data folder with vault, keys, configuration, first administrator and join request. `vault.json` comes
// last and is the sign of a whole peer: whatever is cut off before is cleared by the next `init`.
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { boxKeyPair } from '../../protocol/box.ts';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { fingerprint, signJoin } from '../../protocol/federation/join.ts';
import { Accounts } from '../access/accounts.ts';
import type { Kv } from '../store/kv.ts';
import { openLevel } from '../store/kv.ts';
import { createVault } from '../store/vault.ts';
import { isThere, syncFolder, writeDurable } from '../system/files.ts';
import { systemClock, systemRandom } from '../system/machine.ts';
import { type Config, type ConfigInput, defaultConfig, writeConfig } from './config.ts';
import { createKv, type OwnKeys, ownCard, ownKeys, tokenFile, vaultFile } from './data-folder.ts';
import { fullRoll, isUnused, storeFolders, storeIdOf, writeMark } from './marks.ts';

/** What `init` tells: the joinRequest is a path, the fingerprint is read to the authority over the telephone. */
export interface Initialized {
  readonly peerId: string;
  readonly joinRequest: string;
  readonly fingerprint: string;
  readonly username: string;
  readonly password: string;
}

/** Where a peer is made: the vault until all else is there, and a lock. */
export const initFolder = (dir: string): string => join(dir, '.init');

/**
 * Makes a data folder: vault, keys, configuration, first administrator, join request.
 * @throws PeerError peer/exists, config/invalid, store/locked while another init is at it, file/exists where a folder to
 * store in has something in it
 */
export async function createData(
  dir: string,
  input: ConfigInput,
  passphrase = process.env.DICOMNET_PASSPHRASE,
): Promise<Initialized> {
  if (await isThere(vaultFile(dir))) throw new PeerError('peer/exists');
  const config = defaultConfig(input);
  await mkdir(initFolder(dir), { recursive: true, mode: 0o700 });
  // a database's lock is the system's own: whoever holds it lives, whatever process number it had
  const lock = await openLevel(join(initFolder(dir), 'lock'));
  let made: Initialized;
  try {
    if (await isThere(vaultFile(dir))) throw new PeerError('peer/exists'); // by an init that was at it until now
    await clearCutOff(dir);
    made = await makePeer(dir, config, passphrase);
  } finally {
    await lock.close();
  }
  await rm(initFolder(dir), { recursive: true, force: true });
  return made;
}

/** Removes what an init made that was cut off, and nothing else. @throws PeerError file/exists */
async function clearCutOff(dir: string): Promise<void> {
  const vault = vaultFile(initFolder(dir));
  const roll = await cutOffRoll(vault);
  for (const folder of storeFolders) {
    const store = await storeIdOf(dir, folder);
    if (store !== undefined && store === roll[folder]) await clear(join(dir, folder));
    if (!(await isUnused(dir, folder))) throw new PeerError('file/exists', { path: join(dir, folder) });
  }
  await rm(vault, { force: true });
}

/** Empty where it was cut off before anything else was made. */
async function cutOffRoll(path: string): Promise<Readonly<Record<string, string>>> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as { stores?: Record<string, string> }).stores ?? {};
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** The mark goes last: it is what says that all this may go. */
async function clear(path: string): Promise<void> {
  const names = await readdir(path);
  for (const name of names) if (name !== 'store.id') await rm(join(path, name), { recursive: true });
  await rm(join(path, 'store.id'));
}

async function makePeer(dir: string, config: Config, passphrase: string | undefined): Promise<Initialized> {
  const stores = fullRoll();
  const vaultThere = vaultFile(initFolder(dir));
  const vault = await createVault(vaultThere, systemRandom, { passphrase, stores });
  await syncFolder(initFolder(dir));
  for (const folder of storeFolders) await writeMark(dir, folder, stores[folder], vault);
  await writeConfig(dir, config);
  const kv = await createKv(dir, vault);
  let made: Initialized;
  try {
    made = await fill(dir, config, kv);
  } finally {
    await kv.close();
  }
  await rename(vaultThere, vaultFile(dir));
  await syncFolder(dir);
  return made;
}

async function fill(dir: string, config: Config, kv: Kv): Promise<Initialized> {
  const seed = systemRandom(32);
  const { secret } = boxKeyPair(systemRandom);
  await kv.commit([
    { bucket: 'secret', key: utf8('identity'), value: seed },
    { bucket: 'secret', key: utf8('box'), value: concat(secret.x25519, secret.mlkemSeed) },
    { bucket: 'secret', key: utf8('audit'), value: systemRandom(32) },
  ]);
  const keys = await ownKeys(kv);
  const accounts = new Accounts({ bucket: kv.bucket('account'), clock: systemClock, random: systemRandom });
  const user = await accounts.createUser('admin', 'admin');
  const token = await accounts.createToken('local administrator', 'console');
  await writeDurable(tokenFile(dir), `${token}\n`, 0o600);
  const request = joinRequest(config, keys);
  const path = join(dir, 'join-request.cbor');
  await writeDurable(path, request, 0o644);
  return { peerId: keys.peerId, joinRequest: path, fingerprint: fingerprint(request), ...user };
}

function joinRequest(config: Config, keys: OwnKeys): Uint8Array {
  const now = systemClock.now();
  const card = ownCard(config, keys, { addresses: announced(config), federation: '' }, now);
  const { name, country } = config;
  return signJoin({ name, country, kind: 'hospital', card, issuedAt: now }, keys.signer);
}

/** The addresses that others are told: those configured, or every address of this machine with the listening ports. */
function announced(config: Config): string[] {
  if (config.p2p.announce.length > 0) return [...config.p2p.announce];
  const own = Object.values(networkInterfaces())
    .flat()
    .filter((each) => each?.family === 'IPv4')
    .map((each) => each!.address);
  const all = config.p2p.listen.flatMap((listen) => {
    const anywhere = listen.startsWith('/ip4/0.0.0.0/');
    return anywhere ? own.map((address) => listen.replace('0.0.0.0', address)) : [listen];
  });
  return all.filter((address) => !address.endsWith('/tcp/0')).slice(0, 16);
}
