// The master key and what hangs under it. The key lies in a file that only its owner can read, or is wrapped by a
// passphrase (scrypt, RFC 7914). Losing it loses the data: `backup` copies it only wrapped.
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, scryptSync } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { concat, equal, hex, unhex, utf8 } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import { hkdf, hmac } from '../../protocol/hash.ts';
import type { Random } from '../../protocol/ports.ts';
import { writeDurable } from '../system/files.ts';
import type { ValueSealer } from './kv.ts';

/** scrypt cost: 64 MiB and about 0.2 s, once a start. */
const scryptCost = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };

interface VaultFile {
  readonly version: 1;
  readonly kdf: 'none' | 'scrypt';
  readonly salt: string;
  /** The master key, or the master key under AES-256-GCM with the passphrase's key (nonce zero: the salt is fresh). */
  readonly key: string;
  readonly stores?: Roll;
}

/** Folders that the peer stores in, by name, with the name that its mark in each has: what there must be. */
export type Roll = Readonly<Record<string, string>>;

/** Keys derived from the master key; the master key itself isn't kept. */
export class Vault implements ValueSealer {
  readonly stores: Roll;
  // key objects: OpenSSL takes longer to be handed a key than to seal a row with it
  readonly #valueKey: KeyObject;
  readonly #nameKey: Uint8Array;
  readonly #random: Random;

  constructor(master: Uint8Array, random: Random, stores: Roll = {}) {
    this.stores = stores;
    this.#valueKey = createSecretKey(hkdf(master, ['vault values']));
    // once an instance: OpenSSL's takes longer to be set up, when its code has left the processor's cache meanwhile
    this.#nameKey = hkdf(master, ['vault names']);
    this.#random = random;
  }

  /** A database key for something that must not be readable: HMAC-SHA-256 of kind and name, 16 bytes. */
  name(kind: string, name: string): Uint8Array {
    return hmac(this.#nameKey, utf8(`${kind}\0${name}`)).subarray(0, 16);
  }

  seal(place: Uint8Array, plain: Uint8Array): Uint8Array {
    const nonce = this.#random(12);
    const cipher = createCipheriv('aes-256-gcm', this.#valueKey, nonce).setAAD(place);
    return concat(nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag());
  }

  open(place: Uint8Array, sealed: Uint8Array): Uint8Array {
    const plain = gcmOpen(this.#valueKey, place, sealed);
    if (plain === undefined) throw new PeerError('store/corrupt', { bucket: place[0] });
    return plain;
  }
}

function gcmOpen(key: Uint8Array | KeyObject, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < 28) return undefined;
  const tag = sealed.subarray(sealed.length - 16);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(aad).setAuthTag(tag);
  const plain = decipher.update(sealed.subarray(12, sealed.length - 16));
  try {
    decipher.final();
  } catch {
    return undefined; // the tag doesn't hold: the caller says what that means
  }
  return plain;
}

/** Makes a new master key and writes it to `path` (mode 0600; fails if the file exists). */
export async function createVault(
  path: string,
  random: Random,
  { passphrase, stores = {} }: { passphrase?: string | undefined; stores?: Roll } = {},
): Promise<Vault> {
  const master = random(32);
  const salt = random(16);
  const file: VaultFile = {
    version: 1,
    kdf: passphrase === undefined ? 'none' : 'scrypt',
    salt: hex(salt),
    key: hex(passphrase === undefined ? master : wrap(master, passphrase, salt)),
    stores,
  };
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(file)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return new Vault(master, random, stores);
}

/**
 * Opens the master key.
 * @throws PeerError vault/missing, vault/readable (others may read the file), vault/damaged, vault/passphrase
 */
export async function openVault(path: string, random: Random, passphrase?: string): Promise<Vault> {
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? new PeerError('vault/missing', {}, { cause }) : cause;
  });
  if (process.platform !== 'win32' && (info.mode & 0o077) !== 0) throw new PeerError('vault/readable', {});
  const file = await readVault(path);
  if (file.version !== 1) throw new PeerError('version/unsupported', { vault: file.version });
  if (file.kdf === 'none') return new Vault(unhex(file.key), random, file.stores);
  if (passphrase === undefined) throw new PeerError('vault/passphrase', { given: false });
  return new Vault(unwrap(unhex(file.key), passphrase, unhex(file.salt)), random, file.stores);
}

async function readVault(path: string): Promise<VaultFile> {
  const text = await readFile(path, 'utf8');
  try {
    const file = JSON.parse(text) as VaultFile;
    if (/^([0-9a-f]{2})+$/.test(file.key) && /^([0-9a-f]{2})+$/.test(file.salt)) return file;
  } catch (cause) {
    throw new PeerError('vault/damaged', { path }, { cause });
  }
  throw new PeerError('vault/damaged', { path });
}

/** Writes down which folders there must be; the keys stay as they are. Durable when it resolves. */
export async function keepRoll(path: string, stores: Roll): Promise<void> {
  const file: VaultFile = { ...(await readVault(path)), stores };
  await writeDurable(path, `${JSON.stringify(file)}\n`, 0o600);
}

const zeroNonce = new Uint8Array(12);
const vaultName = new TextEncoder().encode('dicomnet vault 1');

function wrap(master: Uint8Array, passphrase: string, salt: Uint8Array): Uint8Array {
  const key = scryptSync(passphrase.normalize('NFKC'), salt, 32, scryptCost);
  const cipher = createCipheriv('aes-256-gcm', key, zeroNonce).setAAD(vaultName);
  return concat(cipher.update(master), cipher.final(), cipher.getAuthTag());
}

function unwrap(wrapped: Uint8Array, passphrase: string, salt: Uint8Array): Uint8Array {
  const key = scryptSync(passphrase.normalize('NFKC'), salt, 32, scryptCost);
  const master = gcmOpen(key, vaultName, concat(zeroNonce, wrapped));
  if (master === undefined || equal(master, new Uint8Array(32)))
    throw new PeerError('vault/passphrase', { given: true });
  return master;
}
