// Whoever has too old a Node reads one sentence, whichever script is run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const check = 'node/setup/check-node.cjs';
const root = fileURLToPath(new URL('../../..', import.meta.url));
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'dicomnet-old-node-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Runs the check in a Node that takes itself for another version. */
function checked(version: string) {
  const pretend = join(dir, `${version}.cjs`);
  writeFileSync(pretend, `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });\n`);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', pretend, check], { cwd: root });
  return { status, said: `${stdout}${stderr}` };
}

test.each(['12.22.12', '20.20.2', '23.11.1'])('Node %s is told what to do, in one sentence', (version) => {
  const { status, said } = checked(version);
  expect(status).toBe(1);
  expect(said).toContain(`needs Node 24 or newer and this is ${version}: run npm ci`);
  expect(said.trim().split('\n')).toHaveLength(1);
});

test.each(['24.0.0', '24.21.0', '26.12.1', '100.0.0'])('Node %s goes on without a word', (version) => {
  expect(checked(version)).toEqual({ status: 0, said: '' });
});

test('every script that starts Node is preceded by the check', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const starting = Object.keys(scripts).filter((name) => /^node (?!node\/setup\/check-node)/.test(scripts[name]!));
  expect(starting.length).toBeGreaterThan(6);
  expect(starting.filter((name) => scripts[`pre${name}`] !== `node ${check}`)).toEqual([]);
});
