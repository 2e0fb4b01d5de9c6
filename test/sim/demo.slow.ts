// The demonstration as somebody runs it: three processes, real sockets, its one line of JSON, and how it ends.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../sim/demo/demonstration.ts';
import { sampleFolder } from '../node/dicom/samples.ts';

const program = join(import.meta.dirname, '../../sim/demo/main.ts');

/** The temporary folder that the demonstration sees. */
let temporary = '';
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'dicomnet-demo-test-'));
});
afterEach(async () => {
  // one that a failed test left running stops its peers first
  if (running?.child.exitCode === null) running.child.kill('SIGTERM');
  await running?.ended;
  running = undefined;
  await rm(temporary, { recursive: true });
});

let running: Demo | undefined;

class Demo {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out = '';
  err = '';

  constructor(...args: string[]) {
    const env = { ...process.env, TMPDIR: temporary };
    this.child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
    });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    running = this;
  }

  /** Resolves when this stands in what it wrote; rejects when it ends before. */
  async says(text: string, where: 'out' | 'err' = 'err'): Promise<void> {
    const stream = where === 'out' ? this.child.stdout! : this.child.stderr!;
    const said = new Promise<void>((resolve) => {
      const look = () => this[where].includes(text) && resolve();
      stream.on('data', look);
      look();
    });
    const over = this.ended.then(() => {
      throw new Error(`it ended without saying "${text}":\n${this.err}`);
    });
    await Promise.race([said, over]);
  }

  /** The one line on stdout. */
  result(): Result {
    expect(this.out, this.err).toMatch(/^[^\n]+\n$/);
    return JSON.parse(this.out) as Result;
  }

  pids(): number[] {
    return [...this.err.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid));
  }
}

const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}/cmdline`);

it('shows made-up studies crossing, prints one line and leaves nothing behind', async () => {
  const demo = new Demo('--once', '--json');
  expect(await demo.ended, demo.err).toBe(0);
  const result = demo.result();
  expect(Object.keys(result).sort()).toEqual(
    [
      ...['hospitals', 'studies', 'instances', 'bytes', 'importSeconds', 'findMs', 'requestMs', 'firstImageMs'],
      ...['transferSeconds', 'transferMBps', 'identical', 'auditVerified', 'portals'],
    ].sort(),
  );
  expect(result).toMatchObject({ hospitals: 3, studies: 4, instances: 147, identical: true, auditVerified: true });
  expect(result.bytes).toBeGreaterThan(80_000_000);
  for (const key of [
    'importSeconds',
    'findMs',
    'requestMs',
    'firstImageMs',
    'transferSeconds',
    'transferMBps',
  ] as const) {
    expect(result[key], key).toBeGreaterThan(0);
  }
  expect(result.portals.map(({ username }) => username)).toEqual(['admin', 'admin', 'admin']);
  expect(await readdir(temporary)).toEqual([]);
  expect(demo.pids()).toHaveLength(3);
  expect(demo.pids().filter(isRunning)).toEqual([]);
});

describe('with the sample files', () => {
  const samples = sampleFolder();
  if (samples === undefined) return;

  it('imports what is readable, names what is not, and carries over what can be found', async () => {
    const demo = new Demo('--once', '--json', '--studies', samples);
    expect(await demo.ended, demo.err).toBe(0);
    const result = demo.result();
    expect(result).toMatchObject({ hospitals: 3, identical: true, auditVerified: true });
    expect(result.instances).toBeGreaterThan(200);
    expect(result.studies).toBeGreaterThan(50);
    expect(demo.err).toContain('This is not a DICOM file or data set');
    expect(demo.err).toContain('Another object with this SOP Instance UID is stored already');
    expect(demo.err).toContain('cannot be found');
  });
});

it('stays until a signal, with portals that take the sign-ins, then stops the peers and removes their data', async () => {
  const demo = new Demo('--json');
  await demo.says('Ctrl-C stops them');
  await demo.says('\n', 'out');
  for (const { url, username, password } of demo.result().portals) {
    const body = JSON.stringify({ username, password });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body })).status).toBe(200);
    expect((await fetch(url)).status).toBe(200);
  }
  demo.child.kill('SIGINT');
  demo.child.kill('SIGINT'); // as npm does
  expect(await demo.ended, demo.err).toBe(0);
  expect(demo.pids().filter(isRunning)).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
});

it('says so when a peer dies, with the last lines of its log, stops the others and leaves the data', async () => {
  const demo = new Demo('--json');
  await demo.says('made, admitted');
  process.kill(demo.pids()[1]!, 'SIGKILL');
  expect(await demo.ended).toBe(1);
  expect(demo.out).toBe('');
  expect(demo.err).toContain('The peer of Institutul Medical Bălți ended by itself (with SIGKILL). Its last lines:');
  expect(demo.err).toContain('The peer runs.');
  const [left] = await readdir(temporary);
  expect(demo.err).toContain(`are in ${join(temporary, left!)}`);
  expect(demo.pids().filter(isRunning)).toEqual([]);
});
