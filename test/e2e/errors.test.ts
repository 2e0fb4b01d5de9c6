// What a user is told when something is in the way: one sentence, what happened and what to do, no stack.
import { spawnSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { catalogue, type ErrorCode } from '../../protocol/errors.ts';
import { markedStudy } from '../../sim/studies/studies.ts';
import { eventually } from '../node/hospitals.ts';
import { freshDir, removeDir } from '../node/stores.ts';
import { command, type Exit, federatedPeers, json, PeerProcess } from './processes.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Failed with this error, said in its one sentence, and without a stack. */
function told(exit: Exit, code: ErrorCode): void {
  // facts may stand behind the sentence, in brackets
  expect(exit.stderr).toContain(catalogue[code].text.replace(/\.$/, ''));
  expect(exit.code).toBe(1);
  expect(exit.stderr).not.toMatch(/^\s+at .*:\d+/m);
}

async function peerFolder(): Promise<string> {
  const peer = await PeerProcess.init('Errors');
  ends.push(() => peer.remove());
  return peer.dir;
}

/** Starts a peer that is expected to say why it can't; ends it should it run after all. */
const start = (dir: string, env: Record<string, string> = {}): Promise<Exit> => command(['start', '--data', dir], env);

it.each(['http', 'dimse', 'p2p'] as const)('the %s port is taken', async (which) => {
  const dir = await peerFolder();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '0.0.0.0', resolve));
  ends.push(() => new Promise((resolve) => taken.close(resolve)));
  const { port } = taken.address() as AddressInfo;
  const path = join(dir, 'peer.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  if (which === 'p2p') config.p2p.listen = [`/ip4/0.0.0.0/tcp/${port}`];
  else config[which].port = port;
  await writeFile(path, JSON.stringify(config));
  const exit = await start(dir);
  told(exit, 'net/port-taken');
  expect(exit.stderr).toContain(String(port));
});

it('the data folder is in use', async () => {
  const peer = await PeerProcess.init('Locked');
  ends.push(() => peer.remove());
  await peer.start();
  told(await start(peer.dir), 'store/locked');
});

it('the passphrase is wrong, or missing', async () => {
  const dir = await freshDir();
  ends.push(() => removeDir(dir));
  const init = ['init', '--data', dir, '--name', 'P', '--country', 'MD'];
  expect((await command(init, { DICOMNET_PASSPHRASE: 'right' })).code).toBe(0);
  told(await start(dir, { DICOMNET_PASSPHRASE: 'wrong' }), 'vault/passphrase');
  told(await start(dir), 'vault/passphrase');
});

it('there is no peer in the folder, or one already', async () => {
  const dir = await freshDir();
  ends.push(() => removeDir(dir));
  told(await start(dir), 'vault/missing');
  const init = ['init', '--data', dir, '--name', 'P', '--country', 'MD'];
  expect((await command(init)).code).toBe(0);
  told(await command(init), 'peer/exists');
});

it('the configuration has an unknown key, or is no JSON', async () => {
  const dir = await peerFolder();
  const path = join(dir, 'peer.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...config, htttp: {} }));
  told(await start(dir), 'config/invalid');
  await writeFile(path, '{');
  told(await start(dir), 'config/invalid');
});

it('the disk is full', async () => {
  const peer = await PeerProcess.init('Full');
  ends.push(() => peer.remove());
  const path = join(peer.dir, 'peer.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...config, storage: { minFreeBytes: 2 ** 52 } }));
  await peer.start();
  const file = join(peer.dir, 'one.dcm');
  const patient = { id: '2000000010005', name: 'A^B', birthDate: '19700101', sex: 'M' } as const;
  const [instance] = markedStudy({ seed: 1, patient, instances: 1, bytesEach: 10_000 });
  await writeFile(file, instance!.part10);
  told(await command(['import', file, '--data', peer.dir]), 'store/full');
});

it('the disk is full in the middle of writing', async ({ skip }) => {
  const mount = await freshDir();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mount]);
  ends.push(() => removeDir(mount));
  if (mounted.status !== 0) skip('a small disk cannot be mounted here (needs root)');
  ends.push(async () => spawnSync('umount', [mount]));
  const peer = await PeerProcess.init('Small');
  ends.push(() => peer.remove());
  const config = JSON.parse(await readFile(join(peer.dir, 'peer.json'), 'utf8'));
  await writeFile(join(peer.dir, 'peer.json'), JSON.stringify({ ...config, storage: { minFreeBytes: 0 } }));
  await cp(join(peer.dir, 'objects'), join(mount, 'objects'), { recursive: true });
  await removeDir(join(peer.dir, 'objects'));
  spawnSync('ln', ['-s', join(mount, 'objects'), join(peer.dir, 'objects')]);
  await peer.start();
  const patient = { id: '2000000010005', name: 'A^B', birthDate: '19700101', sex: 'M' } as const;
  const files: string[] = [];
  for (const instance of markedStudy({ seed: 1, patient, instances: 8, bytesEach: 5_000_000 })) {
    files.push(join(peer.dir, `${files.length}.dcm`));
    await writeFile(files.at(-1)!, instance.part10);
  }
  told(await command(['import', ...files, '--data', peer.dir]), 'store/full');
  const { instances } = await peer.api<{ instances: number }>('GET', '/peer');
  expect(instances).toBeGreaterThan(0); // what fitted is there, and the peer goes on
  expect(instances).toBeLessThan(8);
});

it('no keeper is in reach; the other hospital is off line', async () => {
  const { peers } = await federatedPeers(['Here', 'There']);
  const [here, there] = peers as [PeerProcess, PeerProcess];
  for (const peer of peers) ends.push(() => peer.remove());
  await here.start();
  const find = ['find', '--patient', '2000000010005', '--reason', 'x', '--data', here.dir];
  told(await command(find), 'tags/no-keepers');
  await there.start();
  await eventually('the two are connected', async () => {
    const checks = await json<{ checks: { name: string; ok: boolean }[] }>(['doctor', '--data', here.dir]);
    return checks.checks.every((check) => check.ok);
  });
  expect(await json(find)).toMatchObject({ hospitals: [], complete: true });
  await there.stop();
  const ask = ['request', '--patient', '2000000010005', '--member', 'There', '--purpose', 'TREAT', '--reason', 'x'];
  const offline = await command([...ask, '--data', here.dir]);
  told(offline, 'tags/no-keepers');
});

it('the peer does not run', async () => {
  const exit = await command(['find', '--patient', '1', '--reason', 'x', '--data', await peerFolder()]);
  expect(exit.code).toBe(1);
  expect(exit.stderr).toMatch(/start/);
});
