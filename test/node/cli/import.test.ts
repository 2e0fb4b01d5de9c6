// `import` against a peer's real API: archives, CDs, a patient's documents, and going on after kill -9.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { markedStudy } from '../../../sim/studies/studies.ts';
import { samples } from '../dicom/samples.ts';
import { pdf, png } from '../exchange/upload/media.ts';
import { openPeer, type Peer } from '../http/kit.ts';
import { freshDir, removeDir } from '../stores.ts';
import { dicomnet, json, main } from './cli.ts';

const patient = { id: '2000000000008', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
const study = (seed: number, instances: number) => [...markedStudy({ seed, patient, instances, bytesEach: 30_000 })];

let home: string;
let peer: Peer;
const at = (...path: string[]) => join(home, ...path);
const run = (...args: string[]) => json(['import', '--data', at('d'), ...args]);

beforeEach(async () => {
  home = await freshDir();
  peer = await openPeer();
  await mkdir(at('d'));
  await writeFile(at('d', 'run.json'), JSON.stringify({ http: peer.url, dimse: 1, p2p: [], pid: process.pid }));
  await writeFile(at('d', 'token'), `${peer.tokens.imaging}\n`);
});
afterEach(async () => {
  await peer.close();
  await removeDir(home);
});

async function zip(path: string, files: readonly (readonly [string, Uint8Array])[]): Promise<void> {
  const file = new ZipFile();
  for (const [name, bytes] of files) file.addBuffer(Buffer.from(bytes), name);
  file.end();
  await pipeline(file.outputStream, createWriteStream(path));
}

it('takes archives, in archives too, next to files, and follows links without going round', async () => {
  const all = study(1, 5);
  await mkdir(at('in', 'deep'), { recursive: true });
  await zip(at('inner.zip'), [['x/4.dcm', all[3]!.part10]]);
  const { readFile } = await import('node:fs/promises');
  await zip(at('in', 'deep', 'cd.zip'), [
    ['1.dcm', all[0]!.part10],
    ['../../2.dcm'.replaceAll('..', 'up'), all[1]!.part10],
    ['inner.zip', await readFile(at('inner.zip'))],
    ['note.txt', Buffer.from('hello')],
  ]);
  await writeFile(at('in', '3.dcm'), all[2]!.part10);
  await symlink(at('in'), at('in', 'deep', 'loop'));
  const { document, code } = await run(at('in'));
  expect(code).toBe(0);
  expect(document).toMatchObject({ imported: 4, duplicates: 0, conflicts: 0 });
  expect(document.refused).toEqual([{ path: `${at('in', 'deep', 'cd.zip')}/note.txt`, reason: 'dicom/not-dicom' }]);
  expect((await run(at('in'))).document).toMatchObject({ imported: 0, duplicates: 4, resumed: 0 });
  expect(await readdir(at('d', 'imports'))).toEqual([]);
});

const cd = samples().filter(({ path }) => /dicomdirtests\/(DICOMDIR$|77654033|98892001|98892003)/.test(path));

// windows-1251 and CP866, as archives of those days are unpacked on Linux; macOS and Windows refuse or convert such names
it.runIf(process.platform === 'linux')('takes files and folders whose names are no UTF-8, each once', async () => {
  const all = study(7, 4);
  const bytes = (...parts: (string | Buffer)[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  await mkdir(at('cd'));
  await mkdir(bytes(at('cd'), '/', Buffer.from('91ada8acaaa8', 'hex')));
  await writeFile(bytes(at('cd'), '/', Buffer.from('c8e2e0edeee2', 'hex'), '.dcm'), all[0]!.part10);
  await writeFile(bytes(at('cd'), '/', Buffer.from('91ada8acaaa8', 'hex'), '/1.dcm'), all[1]!.part10);
  await writeFile(
    bytes(at('cd'), '/', Buffer.from('91ada8acaaa8', 'hex'), '/', Buffer.from('ff', 'hex')),
    all[2]!.part10,
  );
  await writeFile(at('cd', 'Brașov.dcm'), all[3]!.part10);
  await zip(at('inner.zip'), [['again.dcm', all[3]!.part10]]);
  const { readFile } = await import('node:fs/promises');
  await writeFile(bytes(at('cd'), '/', Buffer.from('e0f0f5e8e2', 'hex'), '.zip'), await readFile(at('inner.zip')));
  const { document, code } = await run(at('cd'));
  expect(code).toBe(0);
  expect(document).toMatchObject({ imported: 4, duplicates: 1, refused: [] });
});

it.runIf(cd.length > 3)('tells what a DICOMDIR names and is not there, in a folder and in an archive', async () => {
  const files = cd.map(({ path, read }) => [path.replace(/^.*dicomdirtests\//, ''), read()] as const);
  const gone = files.find(([name]) => name !== 'DICOMDIR')![0];
  const left = files.filter(([name]) => name !== gone);
  for (const [name, bytes] of left) {
    await mkdir(at('cd', name, '..'), { recursive: true });
    await writeFile(at('cd', name), bytes);
  }
  await zip(at('cd.zip'), left);
  const missing = [{ reason: 'dicom/directory' }, { reason: 'import/missing' }];
  for (const path of [at('cd'), at('cd', 'DICOMDIR'), at('cd.zip')]) {
    const { document } = await run(path);
    const refused = (document.refused as { path: string; reason: string }[]).sort((a, b) =>
      a.reason < b.reason ? -1 : 1,
    );
    expect(refused, path).toMatchObject(missing);
    expect(refused[1]!.path.toUpperCase().endsWith(gone.toUpperCase()), refused[1]!.path).toBe(true);
    expect((document.imported as number) + (document.duplicates as number)).toBe(left.length - 1);
  }
});

it('makes documents and pictures objects of a patient', async () => {
  await writeFile(at('letter.pdf'), pdf);
  await writeFile(at('a "photo".png'), png(3, 8));
  const who = ['--patient', '2000000000015', '--name', 'Rusu^Ana', '--birth-date', '19600101', '--title', 'Epicriză'];
  const { document } = await run(...who, at('letter.pdf'), at('a "photo".png'));
  expect(document).toMatchObject({ imported: 2, refused: [] });
  const [kept] = [...peer.stores.index.studies()];
  expect(kept).toMatchObject({ description: 'Epicriză' });
  expect(kept!.series.map(({ modality }) => modality).sort()).toEqual(['DOC', 'OT']);
  expect((await run(...who, at('letter.pdf'), at('a "photo".png'))).document).toMatchObject({
    imported: 0,
    duplicates: 2,
  });
  const nobody = await run('--title', 'x', at('letter.pdf'));
  expect(nobody).toMatchObject({ code: 1, document: { error: { code: 'cli/misuse' } } });
});

it('goes on after kill -9 and sends nothing twice', async () => {
  const all = study(2, 60);
  await mkdir(at('in'));
  for (const [i, each] of all.slice(0, 30).entries()) await writeFile(at('in', `${i}.dcm`), each.part10);
  await zip(
    at('in', 'rest.zip'),
    all.slice(30).map((each, i) => [`${i}.dcm`, each.part10] as const),
  );
  const env = { PATH: process.env.PATH, HOME: tmpdir(), LANG: 'C' };
  // ten get through, the next ones wait: then all that are under way are cut off
  const { importer } = peer.stores;
  const [open, held] = [importer.open.bind(importer), Promise.withResolvers<void>()];
  let opened = 0;
  importer.open = async (announced) => {
    opened += 1;
    if (opened > 10) await held.promise;
    return open(announced);
  };
  const child = spawn(process.execPath, [main, 'import', '--data', at('d'), at('in')], { stdio: 'ignore', env });
  const gone = new Promise((resolve) => child.once('close', resolve));
  await expect.poll(() => opened, { timeout: 30_000 }).toBe(14);
  child.kill('SIGKILL');
  await gone;
  held.resolve();
  const { document } = await run(at('in'));
  expect(document).toMatchObject({ resumed: 10, refused: [] });
  // what was held had come whole: it may have been taken without anybody hearing of it
  const { imported, duplicates } = document as { imported: number; duplicates: number };
  expect([imported + duplicates, duplicates <= 4]).toEqual([60, true]);
  expect([...peer.stores.index.studies()][0]!.series[0]!.instances).toBe(60);
  expect(await readdir(at('d', 'imports'))).toEqual([]);
});

it('writes no name of a file into its job', async () => {
  const [one] = study(3, 1);
  await mkdir(at('Popescu_Ion'));
  await writeFile(at('Popescu_Ion', '1.dcm'), one!.part10);
  const other = await openPeer({}, Number.MAX_SAFE_INTEGER); // no room: it stops and keeps its job
  await writeFile(at('d', 'run.json'), JSON.stringify({ http: other.url, dimse: 1, p2p: [], pid: process.pid }));
  await writeFile(at('d', 'token'), `${other.tokens.imaging}\n`);
  const ran = await dicomnet(['import', '--data', at('d'), at('Popescu_Ion')]);
  await other.close();
  expect(ran.code).toBe(1);
  expect(await readdir(at('d', 'imports'))).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
});
