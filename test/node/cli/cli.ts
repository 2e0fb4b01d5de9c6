// Runs the command line as a user does: a process of its own.
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

export const main = fileURLToPath(new URL('../../../node/cli/main.ts', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The environment of a user who speaks English and has set nothing. */
const env = { PATH: process.env.PATH, HOME: tmpdir(), LANG: 'C' };

export function dicomnet(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { ...options, env: { ...env, ...options.env } });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

/** Runs with --json; exactly one document must come. */
export async function json(args: readonly string[]): Promise<Ran & { document: Record<string, unknown> }> {
  const ran = await dicomnet([...args, '--json']);
  if (ran.out.trim().split('\n').length !== 1) throw new Error(`not one document: ${ran.out} ${ran.err}`);
  return { ...ran, document: JSON.parse(ran.out) as Record<string, unknown> };
}
