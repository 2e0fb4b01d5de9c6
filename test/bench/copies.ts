// The plainest ways to copy a folder of files to another over loopback: raw TCP, HTTPS and scp. None of them waits for
// the disk, and none checks more than its transport does.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../sim/ports.ts';
import { secondsOf } from './harness.ts';
import { Background, find, listens, run } from './programs.ts';
import type { StudyFiles } from './workplace.ts';

/** Copies a study into a folder and gives the seconds that it took; or why it can't. */
export type Copy = { readonly copy: (to: string) => Promise<number> } | { readonly skipped: string };

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Serves the study by serve-files.ts while `work` runs. */
async function served(how: 'tcp' | 'https', dir: string, work: (port: number) => Promise<number>): Promise<number> {
  const log = join(dir, '..', `${how}.log`);
  await rm(log, { force: true });
  const server = new Background(process.execPath, [script('serve-files.ts'), how, dir], log);
  try {
    await server.ready(async () => (await readFile(log, 'utf8')).includes('\n'));
    return await work(Number(await readFile(log, 'utf8')));
  } finally {
    await server.stop();
  }
}

/** A program of this project on both ends: file, socket, file. */
export const rawTcp = ({ dir }: StudyFiles): Copy => ({
  copy: (to) =>
    served('tcp', dir, async (port) =>
      Number(await run(process.execPath, [script('receive-files.ts'), String(port), to])),
    ),
});

/** curl from a server of Node's: every instance a file, one after the other over one connection. */
export function httpsOfFiles({ dir, paths }: StudyFiles): Copy {
  const curl = find('curl');
  if (curl === undefined) return { skipped: 'curl is not installed' };
  const range = `[00000-${String(paths.length - 1).padStart(5, '0')}].dcm`;
  return {
    copy: (to) =>
      served('https', dir, (port) => {
        const from = `https://127.0.0.1:${port}/${range}`;
        return secondsOf(() => run(curl, ['--silent', '--fail', '--insecure', from, '--output', join(to, '#1.dcm')]));
      }),
  };
}

/** The same bytes as one file. */
export function httpsOfOne(whole: string): Copy {
  const curl = find('curl');
  if (curl === undefined) return { skipped: 'curl is not installed' };
  return {
    copy: (to) =>
      served('https', whole, (port) => {
        const from = `https://127.0.0.1:${port}/whole`;
        return secondsOf(() => run(curl, ['--silent', '--fail', '--insecure', from, '--output', join(to, 'whole')]));
      }),
  };
}

/** scp from an OpenSSH server of our own, with keys made for it. */
export async function scp(study: StudyFiles, dir: string): Promise<Copy> {
  const [server, client, keygen] = [find('sshd'), find('scp'), find('ssh-keygen')];
  if (server === undefined) return { skipped: 'openssh-server is not installed' };
  if (client === undefined || keygen === undefined) return { skipped: 'openssh-client is not installed' };
  const [host, user] = [join(dir, 'host'), join(dir, 'user')];
  for (const key of [host, user]) await run(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  await copyFile(`${user}.pub`, join(dir, 'authorized'));
  const config = join(dir, 'sshd_config');
  const lines = [`HostKey ${host}`, `AuthorizedKeysFile ${join(dir, 'authorized')}`, `PidFile ${join(dir, 'pid')}`];
  await writeFile(
    config,
    [...lines, 'ListenAddress 127.0.0.1', 'StrictModes no', 'UsePAM no', 'Subsystem sftp internal-sftp', ''].join('\n'),
  );
  // where Debian's sshd insists on locking up its unprivileged half; it makes it itself when started by systemd
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const known = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    `UserKnownHostsFile=${join(dir, 'known')}`,
    '-o',
    'LogLevel=ERROR',
  ];
  return {
    async copy(to) {
      const port = await freePort();
      const sshd = new Background(server, ['-D', '-e', '-f', config, '-p', String(port)], join(dir, 'log'));
      try {
        await sshd.ready(() => listens(port));
        const from = `127.0.0.1:${study.dir}`;
        return await secondsOf(() => run(client, ['-q', '-r', '-P', String(port), '-i', user, ...known, from, to]));
      } finally {
        await sshd.stop();
      }
    },
  };
}
