// Making a peer: its data folder with vault, keys, configuration, first administrator and join request.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { boxKeyPair } from '../../protocol/box.ts';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { fingerprint, signJoin } from '../../protocol/federation/join.ts';
import { Accounts } from '../access/accounts.ts';
import { createVault } from '../store/vault.ts';
import { isThere } from '../system/files.ts';
import { systemClock, systemRandom } from '../system/machine.ts';
import { type Config, type ConfigInput, defaultConfig, writeConfig } from './config.ts';
import { type DataFolder, type OwnKeys, openData, ownCard, ownKeys, tokenFile } from './data-folder.ts';

/** What `init` tells: the joinRequest is a path, the fingerprint is read to the authority over the telephone. */
export interface Initialized {
  readonly peerId: string;
  readonly joinRequest: string;
  readonly fingerprint: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Makes a data folder: vault, keys, configuration, first administrator, join request.
 * @throws PeerError peer/exists, config/invalid
 */
export async function createData(
  dir: string,
  input: ConfigInput,
  passphrase = process.env.DICOMNET_PASSPHRASE,
): Promise<Initialized> {
  if (await isThere(join(dir, 'vault.json'))) throw new PeerError('peer/exists');
  const config = defaultConfig(input);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeConfig(dir, config);
  await createVault(join(dir, 'vault.json'), systemRandom, passphrase);
  try {
    return await fill(await openData(dir, passphrase));
  } catch (error) {
    await rm(join(dir, 'db'), { recursive: true, force: true });
    await rm(join(dir, 'vault.json')); // half a peer is none: init can be run again
    throw error;
  }
}

async function fill({ dir, config, kv }: DataFolder): Promise<Initialized> {
  try {
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
    const token = await accounts.createToken('local administrator', 'admin');
    await writeFile(tokenFile(dir), `${token}\n`, { mode: 0o600 });
    const request = joinRequest(config, keys);
    const path = join(dir, 'join-request.cbor');
    await writeFile(path, request);
    return { peerId: keys.peerId, joinRequest: path, fingerprint: fingerprint(request), ...user };
  } finally {
    await kv.close();
  }
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
