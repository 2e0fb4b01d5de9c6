// One peer as a process of its own, started as an operator would start it.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemTimers } from '../../node/system/machine.ts';

const program = fileURLToPath(new URL('../../node/cli/main.ts', import.meta.url));
const flags = ['--external-memory-accounted-in-global-limit', '--initial-old-space-size=512'];

const readyMs = 30_000;
const lookAgainMs = 20;
const stopMs = 15_000;
const tailBytes = 16 * 1024;
const tailLines = 12;
const troublesShown = 3;

/** How a process ended. */
type End = { readonly code: number | null; readonly signal: NodeJS.Signals | null } | { readonly error: Error };

export class PeerProcess {
  readonly name: string;
  readonly #logFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<End>;
  #stopping = false;
  #over = false;

  /** Starts the peer of a data folder; what it logs goes to `logFile`. */
  constructor(options: { name: string; dir: string; logFile: string }) {
    this.name = options.name;
    this.#logFile = options.logFile;
    const log = openSync(options.logFile, 'a', 0o600);
    try {
      // a group of its own: Ctrl-C reaches this program alone, which then stops the peers in order
      this.#child = spawn(process.execPath, [...flags, program, 'start', '--data', options.dir], {
        stdio: ['ignore', log, log],
        detached: process.platform !== 'win32',
      });
    } finally {
      closeSync(log);
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }));
      this.#child.once('error', (error) => resolve({ error }));
    });
    void this.#ended.then(() => {
      this.#over = true;
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Rejects when the process ends without having been told to, with the last lines of its log; else never settles. */
  async died(): Promise<never> {
    const end = await this.#ended;
    if (this.#stopping) return new Promise(() => undefined);
    const how = 'error' in end ? end.error.message : `with ${end.signal ?? `exit code ${end.code}`}`;
    throw new Error(`The peer of ${this.name} ended by itself (${how}). Its last lines:\n${await tail(this.#logFile)}`);
  }

  /** Resolves when `/readyz` of this address answers 200. @throws Error with the last log lines after 30 seconds */
  async ready(url: string): Promise<void> {
    const end = performance.now() + readyMs;
    while (!(await answers(`${url}/readyz`))) {
      if (performance.now() > end) {
        const lines = await tail(this.#logFile);
        throw new Error(`The peer of ${this.name} is not ready after ${readyMs / 1000} s. Its last lines:\n${lines}`);
      }
      await systemTimers.sleep(lookAgainMs);
    }
  }

  /** Asks the peer to stop and waits for it; one that doesn't is ended after 15 seconds. False: it had to be. */
  async stop(): Promise<boolean> {
    this.#stopping = true;
    if (this.#over) return true;
    this.#child.kill('SIGTERM');
    let inTime = true;
    const cancel = systemTimers.after(stopMs, () => {
      inTime = false;
      this.kill();
    });
    await this.#ended;
    cancel();
    return inTime;
  }

  /** The last warnings and errors in its log. */
  async troubles(): Promise<string[]> {
    return (await lastLines(this.#logFile)).filter((line) => /^{"level":[456]0/.test(line)).slice(-troublesShown);
  }

  /** Ends it at once. */
  kill(): void {
    if (!this.#over) this.#child.kill('SIGKILL');
  }
}

/** Whether an address answers 200; not yet listening is no. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch (error) {
    if (error instanceof TypeError || (error as Error).name === 'TimeoutError') return false;
    throw error;
  }
}

/** The lines at the end of a log; the first may be cut. */
async function lastLines(path: string): Promise<string[]> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, tailBytes);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').trimEnd().split('\n');
  } finally {
    await handle.close();
  }
}

async function tail(path: string): Promise<string> {
  const lines = (await lastLines(path)).slice(-tailLines);
  return lines.map((line) => `   ${line}`).join('\n');
}
