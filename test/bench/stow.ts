// Instances by STOW-RS, sent by curl: the same bodies to whoever takes them.
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { secondsOf } from './harness.ts';
import { find, run } from './programs.ts';
import type { StudyFiles, Workplace } from './workplace.ts';

/** Instances in one request: a study's worth is often sent in several. */
const together = 50;
const boundary = 'dicomnet-bench';

export const missingCurl = (): string | undefined => (find('curl') ? undefined : 'curl is not installed');

/** Writes a study as the bodies of STOW-RS requests; their paths. */
export async function stowBodies(place: Workplace, { paths }: StudyFiles): Promise<string[]> {
  const dir = await place.folder('stow');
  const bodies: string[] = [];
  for (let from = 0; from < paths.length; from += together) {
    const path = join(dir, String(bodies.length));
    const body = createWriteStream(path);
    for (const each of paths.slice(from, from + together)) {
      body.write(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`);
      body.write(await readFile(each));
      body.write('\r\n');
    }
    body.end(`--${boundary}--\r\n`);
    await finished(body);
    bodies.push(path);
  }
  return bodies;
}

/** Sends all bodies, one after the other over one connection; seconds. @throws Error when one was refused */
export function sendByStow(url: string, bodies: readonly string[], headers: readonly string[] = []): Promise<number> {
  const all = [
    `Content-Type: multipart/related; type="application/dicom"; boundary=${boundary}`,
    'Expect:',
    ...headers,
  ];
  const common = ['--silent', '--show-error', '--fail', '--output', '/dev/null', '--request', 'POST'];
  const each = bodies.map((body) => [...common, ...all.flatMap((header) => ['--header', header]), '-T', body, url]);
  return secondsOf(() =>
    run(
      find('curl')!,
      each.flatMap((args, i) => (i === 0 ? args : ['--next', ...args])),
    ),
  );
}
