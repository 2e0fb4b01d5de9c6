// Peers as processes of their own, started by the command line as an operator does, on free ports of loopback; for tests
// that kill them, take their ports or read what they say.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Config, readConfig, writeConfig } from '../../node/setup/config.ts';
import { systemClock, systemTimers } from '../../node/system/machine.ts';
import { freePort } from '../../sim/ports.ts';
import { freshDir, removeDir } from '../node/stores.ts';

const main = new URL('../../node/cli/main.ts', import.meta.url).pathname;
// with SIGUSR1 it opens its inspector, at any free port
const flags = [
  '--external-memory-accounted-in-global-limit',
  '--initial-old-space-size=512',
  '--inspect-port=127.0.0.1:0',
];
const run = promisify(execFile);

export interface Exit {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export async function command(args: readonly string[], env: Record<string, string> = {}): Promise<Exit> {
  try {
    const { stdout, stderr } = await run(process.execPath, [main, ...args], {
      env: { ...process.env, LC_ALL: 'C', ...env },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

/** Runs a command with --json and gives its document; throws with what it said if it fails. */
export async function json<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await command([...args, '--json']);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${code}\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as T;
}

export class PeerProcess {
  readonly dir: string;
  readonly name: string;
  readonly ports: { readonly http: number; readonly dimse: number; readonly p2p: number };
  #child: ChildProcess | undefined;
  #inspector: string | undefined;
  stderr = '';

  private constructor(dir: string, name: string, ports: PeerProcess['ports']) {
    this.dir = dir;
    this.name = name;
    this.ports = ports;
  }

  /** A fresh data folder, initialized. */
  static async init(name: string): Promise<PeerProcess> {
    const dir = await freshDir();
    const ports = { http: await freePort(), dimse: await freePort(), p2p: await freePort() };
    const at = Object.entries(ports).flatMap(([which, port]) => [`--${which}`, String(port)]);
    await json(['init', '--data', dir, '--name', name, '--country', 'MD', ...at]);
    return new PeerProcess(dir, name, ports);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get joinRequest(): string {
    return join(this.dir, 'join-request.cbor');
  }

  /** Changes its configuration; counts from its next start. */
  async configure(change: (config: Config) => Partial<Config>): Promise<void> {
    const config = await readConfig(this.dir);
    await writeConfig(this.dir, { ...config, ...change(config) });
  }

  /**
   * Starts it and waits until it is ready: the command line's `start`, or another program that is given the arguments.
   * @throws with what it said if it ends instead
   */
  async start(program: readonly string[] = [main, 'start', '--data', this.dir]): Promise<void> {
    const child = spawn(process.execPath, [...flags, ...program], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    this.#inspector = undefined;
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-16_000_000);
    });
    const end = systemClock.now() + 30_000;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null) throw new Error(`${this.name} ended: ${this.stderr}`);
      if (systemClock.now() > end) throw new Error(`${this.name} is not ready: ${this.stderr}`);
      await systemTimers.sleep(30);
    }
  }

  async #isReady(): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${this.ports.http}/readyz`).catch(() => undefined); // not listening yet
    return answer?.status === 200;
  }

  /** kill -9, and waits until it is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  /** Stops it and removes its folder. */
  async remove(): Promise<void> {
    await this.stop();
    await removeDir(this.dir);
  }

  /** Its administrator's token. */
  async token(): Promise<string> {
    return (await readFile(join(this.dir, 'token'), 'utf8')).trim();
  }

  /** The memory that it has resident, in bytes (proc_pid_status(5)). */
  async residentBytes(): Promise<number> {
    return this.#memory('VmRSS');
  }

  /** The most memory that it has had resident since this was last asked, in bytes. */
  async peakBytes(): Promise<number> {
    const peak = await this.#memory('VmHWM');
    await writeFile(`/proc/${this.pid}/clear_refs`, '5');
    return peak;
  }

  /** The memory that it still holds once it has collected all garbage, in bytes. */
  async collectedBytes(): Promise<number> {
    this.#inspector ??= await this.#inspect();
    const { heapUsed, arrayBuffers } = await collected(this.#inspector);
    return heapUsed + arrayBuffers;
  }

  async #inspect(): Promise<string> {
    this.#child?.kill('SIGUSR1');
    const end = systemClock.now() + 10_000;
    for (;;) {
      const [url] = /ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]+/.exec(this.stderr) ?? [];
      if (url !== undefined) return url;
      if (systemClock.now() > end) throw new Error(`${this.name} opens no inspector`);
      await systemTimers.sleep(20);
    }
  }

  async #memory(field: 'VmRSS' | 'VmHWM'): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
  }

  /** One call of its API under /api/v1, as its administrator. */
  async api<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const token = await this.token();
    const answer = await fetch(`http://127.0.0.1:${this.ports.http}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }
}

/** Has a process collect its garbage, over the inspector's protocol, and gives what it uses then. */
async function collected(url: string): Promise<NodeJS.MemoryUsage> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  const call = (id: number, method: string, params = {}) =>
    new Promise<{ result: { result: { value: string } } }>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const answer = JSON.parse(data as string) as { id?: number; result: { result: { value: string } } };
        if (answer.id === id) resolve(answer);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  await call(1, 'HeapProfiler.collectGarbage');
  await call(2, 'HeapProfiler.collectGarbage'); // what finalizers have let go
  const { result } = await call(3, 'Runtime.evaluate', { expression: 'JSON.stringify(process.memoryUsage())' });
  socket.close();
  return JSON.parse(result.result.value) as NodeJS.MemoryUsage;
}

/** Initialized peers of one federation, joined but not started; all of them are keepers, two of them answer. */
export async function federatedPeers(names: readonly string[]): Promise<{ peers: PeerProcess[]; authority: string }> {
  const peers = await Promise.all(names.map((name) => PeerProcess.init(name)));
  const authority = join(peers[0]!.dir, 'authority'); // removed with that peer
  await json(['federation', 'create', '--dir', authority, '--name', 'Test']);
  await json(['federation', 'admit', '--dir', authority, ...peers.map((peer) => peer.joinRequest)]);
  const { roster } = await json<{ roster: string }>(['federation', 'keepers', '--dir', authority]);
  for (const { dir } of peers) await json(['join', '--data', dir, roster]);
  return { peers, authority };
}
