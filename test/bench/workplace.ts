// The folder that a benchmark works in, and the study it works on: all on one disk, each turn in a folder of its own.
import { appendFile, link, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markedStudy } from '../../sim/studies/studies.ts';
import { find, run } from './programs.ts';

export const patient = { id: '2000000010005', name: 'Bench^Subject', birthDate: '19700101', sex: 'M' } as const;

const instanceBytes = 512 * 1024;

/** Part 10 files of one study. */
export interface StudyFiles {
  readonly dir: string;
  readonly paths: readonly string[];
  readonly studyUid: string;
  /** Of all files. */
  readonly bytes: number;
}

export class Workplace {
  readonly dir: string;
  #folders = 0;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** Works in a fresh place below the system's folder for temporary files (TMPDIR names another), removed at the end. */
  static async use<T>(work: (place: Workplace) => Promise<T>): Promise<T> {
    const place = new Workplace(await mkdtemp(join(tmpdir(), 'dicomnet-bench-')));
    try {
      return await work(place);
    } finally {
      await rm(place.dir, { recursive: true, force: true });
    }
  }

  async folder(name: string): Promise<string> {
    const dir = join(this.dir, `${this.#folders++}-${name}`);
    await mkdir(dir, { mode: 0o700 });
    return dir;
  }

  /** A CT study of noise, as files. */
  async study(instances: number): Promise<StudyFiles> {
    const dir = await this.folder('study');
    const paths: string[] = [];
    let [bytes, studyUid] = [0, ''];
    for (const each of markedStudy({ seed: 1, patient, instances, bytesEach: instanceBytes })) {
      const path = join(dir, `${String(paths.length).padStart(5, '0')}.dcm`);
      await writeFile(path, each.part10);
      paths.push(path);
      bytes += each.part10.length;
      studyUid = each.studyUid;
    }
    return { dir, paths, studyUid, bytes };
  }
}

/** Has the disk take what waits, so that nobody pays for what another wrote. */
export async function settleDisk(): Promise<void> {
  const sync = find('sync');
  if (sync !== undefined) await run(sync, []);
}

/**
 * Gives a turn's space back. Files are emptied and stay until the end: ext4 is slow to make files where many have just
 * been removed, which the next one would pay for.
 */
export async function emptyFolder(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await truncate(join(entry.parentPath, entry.name));
  }
}

/** @throws Error when a folder holds less than it must */
export async function mustHold(dir: string, bytes: number): Promise<void> {
  let held = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) held += (await stat(join(entry.parentPath, entry.name))).size;
  }
  if (held < bytes) throw new Error(`${held} bytes arrived, not ${bytes}`);
}

/** A folder with one file, `whole`, of all the study's bytes. */
export async function concatFiles(place: Workplace, { paths }: StudyFiles): Promise<string> {
  const dir = await place.folder('whole');
  for (const path of paths) await appendFile(join(dir, 'whole'), await readFile(path));
  return dir;
}

/** The first of a study's files, one of `share` of a study's files, for what takes long. */
export async function someOf(place: Workplace, study: StudyFiles, share: number): Promise<StudyFiles> {
  const dir = await place.folder('some');
  const paths = study.paths.slice(0, Math.ceil(study.paths.length / share));
  for (const [i, path] of paths.entries()) await link(path, join(dir, `${i}.dcm`));
  return { ...study, dir, paths, bytes: (study.bytes / study.paths.length) * paths.length };
}
