// Our own peers as their users run them: processes of their own, with the flags of `npm start`, on loopback.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PeerClient } from '../../node/cli/client.ts';
import { type RunFile, readRunFile } from '../../node/cli/running.ts';
import { type Config, readConfig, writeConfig } from '../../node/setup/config.ts';
import { tokenFile } from '../../node/setup/data-folder.ts';
import { createData } from '../../node/setup/init.ts';
import { joinData } from '../../node/setup/join.ts';
import { freePort } from '../../sim/ports.ts';
import { TestAuthority } from '../node/hospitals.ts';
import { Background, run } from './programs.ts';
import type { StudyFiles } from './workplace.ts';

const flags = ['--external-memory-accounted-in-global-limit', '--initial-old-space-size=512'];
const program = fileURLToPath(new URL('../../node/cli/main.ts', import.meta.url));

/** One running peer. */
export class PeerProcess {
  readonly dir: string;
  readonly dimse: number;
  readonly client: PeerClient;
  /** Of the HTTP API, without a slash at its end, and an administrator's token for it. */
  readonly url: string;
  readonly token: string;
  readonly process: Background;

  private constructor(dir: string, dimse: number, api: { url: string; token: string }, process: Background) {
    this.dir = dir;
    this.dimse = dimse;
    this.client = new PeerClient(api);
    this.url = api.url;
    this.token = api.token;
    this.process = process;
  }

  static async start(dir: string): Promise<PeerProcess> {
    const started = new Background(process.execPath, [...flags, program, 'start', '--data', dir], join(dir, 'log'));
    try {
      const file = await runFile(dir, started);
      const token = (await readFile(tokenFile(dir), 'utf8')).trim();
      return new PeerProcess(dir, Number(file.dimse), { url: file.http.replace(/\/$/, ''), token }, started);
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.process.stop();
  }
}

/** What a started peer leaves when it is ready. */
async function runFile(dir: string, started: Background): Promise<RunFile> {
  let file: RunFile | undefined;
  await started.ready(async () => {
    file = await readRunFile(dir);
    return file?.pid === started.child.pid;
  });
  return file!;
}

/** Makes a peer's data folder: ports of its own, everything on loopback, requests for treatment granted at once. */
export async function createPeer(dir: string, name: string): Promise<Uint8Array> {
  const { joinRequest } = await createData(dir, { name, country: 'MD', http: 0, dimse: 0, p2p: await freePort() });
  const config = await readConfig(dir);
  await writeConfig(dir, {
    ...config,
    dimse: { ...config.dimse, host: '127.0.0.1' },
    p2p: { ...config.p2p, listen: config.p2p.listen.map((each) => each.replace('0.0.0.0', '127.0.0.1')) },
    policy: { autoGrant: [{ purpose: 'TREAT' }] } as unknown as Config['policy'],
    storage: { minFreeBytes: 0 },
  });
  return readFile(joinRequest);
}

/** Makes peers of one federation, of which the first is the keeper; they aren't running. */
export async function createFederation(peers: readonly { dir: string; name: string }[]): Promise<void> {
  const requests: Uint8Array[] = [];
  for (const { dir, name } of peers) requests.push(await createPeer(dir, name));
  const authority = new TestAuthority('Bench');
  authority.admit(requests.slice(0, 1));
  authority.keepers(1);
  const bundle = authority.admit(requests.slice(1));
  for (const { dir } of peers) await joinData(dir, bundle);
}

/** Imports a study by the command that users have. */
export async function importFolder(dir: string, { dir: files }: StudyFiles): Promise<void> {
  await run(process.execPath, [...flags, program, 'import', '--data', dir, files]);
}
