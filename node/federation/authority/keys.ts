// An authority's Ed25519 key: the seed in a file that only its owner reads, the public half in a file to hand out.
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import type { Signer } from '../../../protocol/identity.ts';
import type { Random } from '../../../protocol/ports.ts';
import { readLimited, writeDurable } from '../../system/files.ts';
import { nativeSigner } from '../../system/machine.ts';

const keyPath = (dir: string): string => join(dir, 'authority.key');
/** Where the public half lies. */
export const publicKeyPath = (dir: string): string => join(dir, 'authority.pub');

const keyPattern = /^[0-9a-f]{64}$/;

/** This authority's key; a new one is made when the folder has none. @throws PeerError authority/key */
export async function ownKey(dir: string, random: Random): Promise<Signer> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (!(await hasKey(dir))) await writeDurable(keyPath(dir), `${hex(random(32))}\n`, 0o600);
  const signer = await openKey(dir);
  await writeDurable(publicKeyPath(dir), `${hex(signer.publicKey)}\n`, 0o644);
  return signer;
}

/** Whether the folder has an authority's key. */
async function hasKey(dir: string): Promise<boolean> {
  try {
    await stat(keyPath(dir));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** @throws PeerError authority/missing, authority/key */
export async function openKey(dir: string): Promise<Signer> {
  if (!(await hasKey(dir))) throw new PeerError('authority/missing', { path: dir });
  const info = await stat(keyPath(dir));
  const closed = process.platform === 'win32' || (info.mode & 0o077) === 0;
  const text = (await readFile(keyPath(dir), 'utf8')).trim();
  must(closed && keyPattern.test(text), 'authority/key', { path: keyPath(dir) });
  return nativeSigner(unhex(text));
}

/** Another authority's public key (hex) from the file it handed out. @throws PeerError authority/file, file/missing */
export async function readPublicKey(path: string): Promise<string> {
  const text = new TextDecoder().decode(await readLimited(path, 1024)).trim();
  must(keyPattern.test(text), 'authority/file', { path });
  return text;
}
