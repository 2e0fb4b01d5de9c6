// The log's output: whatever happens to it, whoever logs goes on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { type LogFile, LogOutput } from '../../../node/system/log-output.ts';

/** A file whose writes end when they are let. */
function slowFile() {
  const begun: { text: string; end: (code?: string) => void }[] = [];
  const file: LogFile = {
    write: (text, done) => {
      begun.push({ text, end: (code) => done(code === undefined ? null : Object.assign(new Error(code), { code })) });
    },
    writeSync: (text) => void begun.push({ text, end: () => undefined }),
  };
  return { begun, output: new LogOutput(file) };
}

it('writes all lines in their order', () => {
  const { begun, output } = slowFile();
  for (const line of ['a\n', 'b\n', 'c\n']) output.write(line);
  begun[0]!.end();
  expect(begun.map(({ text }) => text)).toEqual(['a\n', 'b\nc\n']);
  begun[1]!.end();
  output.write('d\n');
  output.end();
  expect(begun.slice(2).map(({ text }) => text)).toEqual(['d\n']);
  expect(output.dropped).toBe(0);
});

it('drops what the disk refuses, counts it, and goes on with the next', () => {
  const { begun, output } = slowFile();
  for (const line of ['a\n', 'b\n', 'c\n', 'd\n']) output.write(line);
  begun[0]!.end('ENOSPC');
  begun[1]!.end('EIO');
  output.write('e\n');
  begun[2]!.end();
  expect(begun.at(-1)!.text).toBe('e\n');
  expect(output.dropped).toBe(4);
});

it('keeps no more than a mebibyte that nobody takes', () => {
  const { begun, output } = slowFile();
  const line = `${'x'.repeat(1023)}\n`;
  for (let i = 0; i < 3_000; i += 1) output.write(line);
  expect(output.dropped).toBe(3_000 - 1024);
  for (let i = 0; i < begun.length; i += 1) begun[i]!.end();
  expect(begun.reduce((sum, { text }) => sum + text.length, 0)).toBe(1024 * 1024);
  output.write(line);
  expect(output.dropped).toBe(3_000 - 1024);
});

it('a process whose stderr is a full disk goes on and counts', async () => {
  const script = `
    import { openLog } from ${JSON.stringify(new URL('../../../node/system/log.ts', import.meta.url).href)};
    const log = openLog('info');
    for (let i = 0; i < 100; i += 1) log.info({ i }, 'a line');
    setTimeout(() => process.stdout.write(String(log.dropped())), 300);
  `;
  const child = spawn('/bin/sh', [
    '-c',
    'exec "$0" "$@" 2>/dev/full',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ]);
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  expect([code, out]).toEqual([0, '100']);
});
