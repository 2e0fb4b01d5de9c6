// Archives taken apart: thousands that were tampered with, bombs whose files overlap, and any way of being cut.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { ArchiveBudget, archivedFiles } from '../../../../node/exchange/upload/archive.ts';
import { mediaFiles, mediaPath } from '../../../../node/exchange/upload/media-directory.ts';
import { PeerError } from '../../../../protocol/errors.ts';

async function zip(files: readonly (readonly [string, Buffer])[], compress = true): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, bytes] of files) file.addBuffer(bytes, name, { compress });
  file.end();
  const pieces: Buffer[] = [];
  for await (const piece of file.outputStream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** All files with their bytes, or the codes that stand for them. */
async function read(archive: Uint8Array): Promise<[string, string | Buffer][]> {
  const source = { length: archive.length, read: async (from: number, to: number) => archive.subarray(from, to) };
  const all: [string, string | Buffer][] = [];
  const code = (error: unknown) => {
    if (error instanceof PeerError) return error.code;
    throw error;
  };
  try {
    for await (const file of archivedFiles(source, new ArchiveBudget(archive.length))) {
      const pieces: Uint8Array[] = [];
      try {
        for await (const piece of file.bytes()) pieces.push(Uint8Array.from(piece));
        all.push([file.name, Buffer.concat(pieces)]);
      } catch (error) {
        all.push([file.name, code(error)]);
      }
    }
  } catch (error) {
    all.push(['', code(error)]);
  }
  return all;
}

const files = [
  ['one.dcm', Buffer.from('first '.repeat(500))],
  ['dir/two.dcm', Buffer.from('second')],
  ['empty', Buffer.alloc(0)],
] as const;

it('reads what was packed, stored or deflated', async () => {
  for (const compress of [true, false]) expect(await read(await zip(files, compress))).toEqual(files);
  expect(await read(Buffer.alloc(0))).toEqual([['', 'import/archive-damaged']]);
});

it('ends every tampered archive in its two errors, and gives no byte that was not packed as whole', async () => {
  const whole = await zip(files);
  const real = new Map(files.map(([, bytes]) => [bytes.toString('latin1'), true]));
  const place = fc.oneof(fc.nat(whole.length - 1), fc.integer({ min: whole.length - 260, max: whole.length - 1 }));
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 6 }),
      fc.nat(whole.length * 3),
      async (changes, length) => {
        const bad = Buffer.from(whole);
        for (const [at, byte] of changes) bad[at] = byte;
        for (const [, content] of await read(bad.subarray(0, length))) {
          if (typeof content === 'string') seen.add(content);
          else if (content.length > 0) expect(real.has(content.toString('latin1'))).toBe(true);
        }
      },
    ),
    { seed: 11, numRuns: 6000 },
  );
  expect([...seen].sort()).toEqual(['import/archive-damaged']);
});

it('stops a bomb of files that share their bytes', async () => {
  // one file of zeros, listed a thousand times: every entry of the directory names the same place
  const one = await zip([['zeros', Buffer.alloc(1024 * 1024)]]);
  const end = one.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const start = one.readUInt32LE(end + 16);
  const entry = one.subarray(start, end);
  const tail = Buffer.from(one.subarray(end));
  tail.writeUInt16LE(1000, 8);
  tail.writeUInt16LE(1000, 10);
  tail.writeUInt32LE(entry.length * 1000, 12);
  const bomb = Buffer.concat([one.subarray(0, start), ...Array.from({ length: 1000 }, () => entry), tail]);
  const all = await read(bomb);
  expect(all.filter(([, content]) => content === 'import/archive-limit').length).toBeGreaterThan(800);
});

it('compares places on a medium as who wrote and who reads them may have spelt them', async () => {
  for (const path of ['IMAGES\\CT1\\0001', 'images/ct1/0001.;1', './Images//CT1/0001;1', 'IMAGES/CT1/0001 ']) {
    expect(mediaPath(path)).toBe('IMAGES/CT1/0001');
  }
  async function* nonsense() {
    yield Buffer.from('no DICOMDIR at all');
  }
  expect(await mediaFiles(nonsense())).toEqual(new Set());
});
