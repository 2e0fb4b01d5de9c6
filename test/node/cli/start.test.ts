// start as a user sees it: a process that runs until a signal, and commands that find it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshDir, removeDir } from '../stores.ts';
import { dicomnet, json, main } from './cli.ts';

let home: string;
let child: ChildProcess;
let [out, err] = ['', ''];
const data = () => ['--data', join(home, 'data')];

beforeAll(async () => {
  home = await freshDir();
  const ports = ['--http', '0', '--dimse', '0', '--p2p', '0'];
  const env = { PATH: process.env.PATH, LANG: 'C', DICOMNET_LOG: 'silent' };
  child = spawn(process.execPath, [main, 'start', '--init', '--name', 'Spitalul', ...ports], { cwd: home, env });
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(err)));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      if (err.includes('The peer runs')) resolve();
    });
  });
});
afterAll(async () => {
  const gone = once(child, 'exit');
  if (child.kill('SIGKILL')) await gone;
  await removeDir(home);
});

it('makes the peer in ./data, tells the sign-in once, and where it listens', () => {
  expect(err).toMatch(/Sign in as admin with password \S+ \(shown this once\)/);
  expect(err).toMatch(/Portal and API http:\/\/127\.0\.0\.1:\d+, DICOM port \d+ \(AE title DICOMNET\)/);
});

it('is found by the other commands, which it refuses nothing', async () => {
  const ran = await json(['doctor', ...data()]);
  expect(ran).toMatchObject({
    code: 0,
    document: { checks: expect.arrayContaining([expect.objectContaining({ name: 'disk' })]) },
  });
  expect((await json(['patients', ...data()])).document).toEqual([]);
  expect(await json(['start', ...data()])).toMatchObject({ code: 1, document: { error: { code: 'store/locked' } } });
});

it('joins while it runs', async () => {
  const dir = ['--dir', join(home, 'f')];
  const { federation } = (await json(['federation', 'create', ...dir, '--name', 'Proba'])).document;
  const { roster } = (await json(['federation', 'admit', ...dir, join(home, 'data', 'join-request.cbor')])).document;
  const joined = await json(['join', ...data(), roster as string]);
  expect(joined).toMatchObject({ code: 0, document: { federation, number: 1 } });
});

it('stops in order at SIGTERM, with nothing on stdout', async () => {
  const before = JSON.parse(await readFile(join(home, 'data', 'run.json'), 'utf8')) as { pid: number };
  expect(before.pid).toBe(child.pid);
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  expect([code, out]).toEqual([0, '']);
  expect(await readdir(join(home, 'data'))).not.toContain('run.json');
  expect((await dicomnet(['patients', ...data()])).err).toContain('No peer is running');
});
