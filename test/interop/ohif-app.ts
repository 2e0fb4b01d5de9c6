// OHIF's viewer as its makers built it: fetched once from npm's registry into a cache, and checked against its hash.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const version = '3.13.2';
/** Of the package's tarball, as npm's registry states it. */
const sha512 = 'WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA==';
/** Large parts that no test opens: segmentation by neural networks, and microscopy. */
const left = ['ort', 'dicom-microscopy-viewer'];
const run = promisify(execFile);

/** @returns the folder with the viewer's pages, or why it cannot be had. @throws when what came is not what it should be */
export async function ohifApp(): Promise<{ dir: string } | { missing: string }> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dicomnet-test');
  const dir = join(cache, `ohif-app-${version}`);
  if (existsSync(dir)) return { dir };
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(join(cache, 'making-'));
  try {
    const packed = await pack(making);
    if (packed !== undefined) return { missing: packed };
    const tarball = join(making, `ohif-app-${version}.tgz`);
    const found = createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64');
    if (found !== sha512) throw new Error(`@ohif/app ${version} has another SHA-512 than it should: ${found}`);
    const excluded = left.map((name) => `--exclude=package/dist/${name}`);
    await run('tar', ['-xzf', tarball, '-C', making, ...excluded, 'package/dist']);
    await rename(join(making, 'package/dist'), dir);
    return { dir };
  } finally {
    await rm(making, { recursive: true });
  }
}

/** Fetches the tarball; says why not if it cannot. */
async function pack(to: string): Promise<string | undefined> {
  const args = ['pack', `@ohif/app@${version}`, '--pack-destination', to, '--loglevel=error'];
  try {
    await run('npm', args);
    return undefined;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return `npm pack @ohif/app@${version}: ${stderr?.trim().split('\n')[0] || message.split('\n')[0]}`;
  }
}
