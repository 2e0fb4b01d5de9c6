// Other programs that benchmarks run: started, waited for, ended by their own process only.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, openSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { delimiter, join } from 'node:path';
import { systemClock, systemTimers } from '../../node/system/machine.ts';

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];

/** Where a program is, or undefined. */
export function find(program: string): string | undefined {
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // missing or not ours to run: the benchmark names it as skipped
  }
}

/** Runs a program to its end and gives its standard output. @throws Error with what it wrote when it failed */
export function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout!.on('data', (piece: Buffer) => out.push(piece));
    child.stderr!.on('data', (piece: Buffer) => err.push(piece));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else
        reject(
          new Error(
            `${program} ended with ${code}: ${Buffer.concat([...out, ...err])
              .toString()
              .slice(-2000)}`,
          ),
        );
    });
  });
}

/** A program that runs until it is stopped. */
export class Background {
  readonly child: ChildProcess;
  readonly #log: string;
  #over = false;

  /** What it writes goes into the file `log`. */
  constructor(program: string, args: readonly string[], log: string, options: SpawnOptions = {}) {
    const file = openSync(log, 'a');
    this.child = spawn(program, args, { ...options, stdio: ['ignore', file, file] });
    this.#log = log;
    this.child.once('close', () => {
      this.#over = true;
    });
    this.child.once('error', () => {
      this.#over = true;
    });
  }

  /** Resolves when `isReady`. @throws Error when it ended or a minute has passed, with what it wrote */
  async ready(isReady: () => boolean | Promise<boolean>): Promise<void> {
    const end = systemClock.now() + 60_000;
    while (!(await isReady())) {
      if (this.#over || systemClock.now() > end) {
        throw new Error(`${this.child.spawnfile} is not ready: ${readFileSync(this.#log, 'utf8').slice(-2000)}`);
      }
      await systemTimers.sleep(20);
    }
  }

  /** Asks it to end and waits until it has. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#over) return;
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill(signal);
    await closed;
  }

  /** The most memory that was resident since it started, in bytes; undefined where the system doesn't tell (Linux does). */
  peakBytes(): number | undefined {
    const path = `/proc/${this.child.pid}/status`;
    if (!existsSync(path)) return undefined;
    return Number(readFileSync(path, 'utf8').match(/VmHWM:\s+(\d+) kB/)?.[1]) * 1024;
  }
}

/** Whether somebody listens on a port of this machine. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false)); // nobody yet: asked again
  });
}
