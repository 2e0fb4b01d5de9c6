// A peer's data folder: made once by `init`, opened by everything that works on it.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type BoxSecret, boxKeyPair, boxPublicOf } from '../protocol/box.ts';
import { concat, utf8 } from '../protocol/bytes.ts';
import { PeerError } from '../protocol/errors.ts';
import { type Card, cardValidity, signCard } from '../protocol/federation/card.ts';
import { fingerprint, signJoin } from '../protocol/federation/join.ts';
import { peerIdOf, type Signer } from '../protocol/identity.ts';
import { Accounts } from './access/accounts.ts';
import { type Config, type ConfigInput, defaultConfig, readConfig, writeConfig } from './config.ts';
import { isThere } from './files.ts';
import { Kv, openLevel } from './store/kv.ts';
import { migrate } from './store/migrate.ts';
import { createVault, openVault, type Vault } from './store/vault.ts';
import { nativeSigner, nextTurn, systemClock, systemRandom } from './system.ts';

export const version = '0.1.0';

/** An opened data folder. */
export interface DataFolder {
  readonly dir: string;
  readonly config: Config;
  readonly vault: Vault;
  readonly kv: Kv;
}

/** The peer's own keys, from its vault. */
export interface OwnKeys {
  readonly signer: Signer;
  readonly peerId: string;
  /** Ed25519 seed, for libp2p. */
  readonly seed: Uint8Array;
  readonly box: BoxSecret;
  readonly audit: Uint8Array;
}

export const tokenFile = (dir: string): string => join(dir, 'token');

/**
 * Opens a data folder that `init` made. The passphrase comes from DICOMNET_PASSPHRASE when one was set.
 * @throws PeerError vault/*, store/locked, store/unreadable, store/format, config/invalid
 */
export async function openData(dir: string, passphrase = process.env.DICOMNET_PASSPHRASE): Promise<DataFolder> {
  const config = await readConfig(dir);
  const vault = await openVault(join(dir, 'vault.json'), systemRandom, passphrase);
  const db = await openLevel(join(dir, 'db'));
  try {
    await migrate(db, join(dir, 'db'));
  } catch (error) {
    await db.close();
    throw error;
  }
  return { dir, config, vault, kv: new Kv({ db, sealer: vault, turn: nextTurn }) };
}

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

/** @throws PeerError store/corrupt */
export async function ownKeys(kv: Kv): Promise<OwnKeys> {
  const secret = async (name: string): Promise<Uint8Array> => {
    const value = await kv.bucket('secret').get(utf8(name));
    if (value === undefined) throw new PeerError('store/corrupt', { bucket: 'secret' });
    return value;
  };
  const seed = await secret('identity');
  const box = await secret('box');
  const signer = nativeSigner(seed);
  return {
    signer,
    seed,
    peerId: peerIdOf(signer.publicKey),
    box: { x25519: box.subarray(0, 32), mlkemSeed: box.subarray(32) },
    audit: await secret('audit'),
  };
}

/** The peer's own card as of now. `member` and `federation` once it has joined. */
export function ownCard(
  config: Config,
  keys: OwnKeys,
  where: { addresses: readonly string[]; member?: string | undefined; federation: string },
  now: number,
): Uint8Array {
  const card: Card = {
    member: where.member,
    name: config.name,
    country: config.country,
    addresses: [...where.addresses],
    boxKeys: boxPublicOf(keys.box),
    services: [],
    version,
    ...cardValidity(now),
  };
  return signCard(card, where.federation, keys.signer);
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
