// A peer's data folder, opened by everything that works on it; init.ts makes it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BoxSecret, boxPublicOf } from '../../protocol/box.ts';
import { utf8 } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { type Card, cardValidity, signCard } from '../../protocol/federation/card.ts';
import { peerIdOf, type Signer } from '../../protocol/identity.ts';
import { Kv, openLevel } from '../store/kv.ts';
import { migrate } from '../store/migrations/migrate.ts';
import type { Progress } from '../store/migrations/row-writer.ts';
import { openVault, type Vault } from '../store/vault.ts';
import type { Log } from '../system/log.ts';
import { nativeSigner, nextTurn, systemClock, systemRandom } from '../system/machine.ts';
import { type Agreement, adopt, markOlder } from './agreement.ts';
import { type Config, readConfig } from './config.ts';
import { mustBeMarked, type StoreFolder } from './marks.ts';

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
export const vaultFile = (dir: string): string => join(dir, 'vault.json');

/** The token that commands on this machine call with; empty where somebody took its file away. */
export async function ownToken(dir: string): Promise<string> {
  const text = await readFile(tokenFile(dir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.trim();
}

/**
 * Opens a data folder that `init` made, in the layout of this version. The passphrase comes from DICOMNET_PASSPHRASE when
 * one was set. Where a folder to store in is not this peer's, nothing is made or changed.
 * @param log told every second how far bringing an older folder to this layout has come
 * @throws PeerError vault/*, store/absent, store/locked, store/unreadable, store/format, config/invalid
 */
export async function openData(
  dir: string,
  passphrase = process.env.DICOMNET_PASSPHRASE,
  log?: Log,
): Promise<DataFolder> {
  const config = await readConfig(dir);
  const vault = await openVault(vaultFile(dir), systemRandom, passphrase);
  await mustBeMarked(dir, vault);
  const kv = await openKv(dir, vault);
  try {
    await markOlder({ dir, vault, kv });
    await bringUp(dir, kv, log);
  } catch (error) {
    await kv.close();
    throw error;
  }
  return { dir, config, vault, kv };
}

/**
 * Takes over a folder that has lost its mark, while the peer is stopped.
 * @throws PeerError as `openData`; store/absent when it lacks something that the database names, unless that was said
 */
export async function adoptFolder(
  dir: string,
  folder: StoreFolder,
  options: { incomplete: boolean },
  passphrase = process.env.DICOMNET_PASSPHRASE,
): Promise<Agreement> {
  const vault = await openVault(vaultFile(dir), systemRandom, passphrase);
  await mustBeMarked(dir, vault, folder);
  const kv = await openKv(dir, vault);
  try {
    return await adopt({ dir, vault, kv }, folder, options);
  } finally {
    await kv.close();
  }
}

/** The database of a peer that `init` made, in whichever layout it has. */
async function openKv(dir: string, vault: Vault): Promise<Kv> {
  const db = await openLevel(join(dir, 'db'), { mustExist: true });
  return new Kv({ db, sealer: vault, turn: nextTurn });
}

/** The database of a peer that is being made. */
export async function createKv(dir: string, vault: Vault): Promise<Kv> {
  const kv = new Kv({ db: await openLevel(join(dir, 'db')), sealer: vault, turn: nextTurn });
  try {
    await bringUp(dir, kv);
  } catch (error) {
    await kv.close();
    throw error;
  }
  return kv;
}

const bringUp = (dir: string, kv: Kv, log?: Log): Promise<number> =>
  migrate(kv, join(dir, 'db'), { progress: everySecond(log) });

/** Who waits for a large database hears that it goes on. */
function everySecond(log: Log | undefined): Progress {
  let last = systemClock.now();
  return (rows) => {
    if (systemClock.now() - last < 1_000) return;
    last = systemClock.now();
    log?.info({ rows }, 'the database is being brought to the layout of this version');
  };
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
