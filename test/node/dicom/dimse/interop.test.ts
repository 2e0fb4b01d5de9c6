// Against dcmtk's programs and on real files.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DimseClient } from '../../../../node/dicom/dimse/scu/client.ts';
import { explicitVrLittleEndian, verification } from '../../../../node/dicom/dimse/uids.ts';
import { systemTimers } from '../../../../node/system/machine.ts';
import { freePort } from '../../../../sim/ports.ts';
import { requires } from '../../../programs.ts';
import { samples } from '../samples.ts';
import { ctStorage, MemoryStore, type RunningServer, serve } from './helpers.ts';
import { type Part10, splitPart10 } from './part10.ts';

/** Up to two sample files of each transfer syntax. */
function sampleFiles(): (Part10 & { path: string })[] {
  const paths = samples()
    .map(({ file }) => file)
    .filter((path) => path.endsWith('.dcm'))
    .sort();
  const bySyntax = new Map<string, (Part10 & { path: string })[]>();
  for (const path of paths) {
    const parts = splitPart10(readFileSync(path));
    if (parts === undefined || parts.dataSet.length > 2_000_000) continue;
    const same = bySyntax.get(parts.transferSyntax) ?? [];
    if (same.length < 2) bySyntax.set(parts.transferSyntax, [...same, { ...parts, path }]);
  }
  return [...bySyntax.values()].flat();
}

/** What storescu must be told to propose a compressed syntax. */
const proposals: Record<string, string> = {
  '1.2.840.10008.1.2.1.99': '-xd',
  '1.2.840.10008.1.2.4.50': '-xy',
  '1.2.840.10008.1.2.4.51': '-xx',
  '1.2.840.10008.1.2.4.70': '-xs',
  '1.2.840.10008.1.2.4.80': '-xt',
  '1.2.840.10008.1.2.4.81': '-xu',
  '1.2.840.10008.1.2.4.90': '-xv',
  '1.2.840.10008.1.2.4.91': '-xw',
  '1.2.840.10008.1.2.5': '-xr',
  '1.2.840.10008.1.2.2': '-xb',
  '1.2.840.10008.1.2.1': '-xe',
  '1.2.840.10008.1.2': '-xi',
};

interface Ended {
  readonly code: number;
  readonly output: string;
}

const run = (program: string, args: string[]): Promise<Ended> =>
  new Promise((done) => {
    const env = { ...process.env, TCP_NODELAY: '1' };
    execFile(program, args, { env }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, output: stdout + stderr }),
    );
  });

const clientOf = (port: number, files: readonly Part10[]) =>
  DimseClient.connect(
    {
      host: '127.0.0.1',
      port,
      calledAe: 'PEER',
      callingAe: 'DEMO',
      contexts: [
        { abstractSyntax: verification, transferSyntaxes: [explicitVrLittleEndian] },
        ...files.map((file) => ({ abstractSyntax: file.sopClassUid, transferSyntaxes: [file.transferSyntax] })),
      ],
    },
    { timers: systemTimers },
  );

const store = new MemoryStore();
const files = sampleFiles();
let running: RunningServer;

beforeAll(async () => {
  running = await serve(store.open, { closeMs: 500 });
});
afterAll(() => running.server.close());

describe.runIf(files.length > 0)('our client with our server', () => {
  test('every sample arrives byte for byte, in every transfer syntax', async () => {
    store.finished.length = 0;
    const client = await clientOf(running.port, files);
    for (const file of files) {
      expect(await client.store({ ...file, bytes: file.dataSet })).toBe(0);
      const got = store.finished.at(-1)!;
      expect(Buffer.compare(got.bytes, file.dataSet), file.path).toBe(0);
      expect(got.info).toMatchObject({ transferSyntax: file.transferSyntax, sopInstanceUid: file.sopInstanceUid });
    }
    await client.release();
    expect(new Set(files.map((file) => file.transferSyntax)).size).toBeGreaterThan(5);
  });
});

describe('dcmtk echoscu', () => {
  const echoscu = requires('echoscu');
  if (echoscu === undefined) return;
  test('is answered', async () => {
    expect(await run(echoscu, ['-aec', 'PEER', '127.0.0.1', String(running.port)])).toMatchObject({ code: 0 });
  });
  test('calls by another title: rejected with the reason', async () => {
    const ended = await run(echoscu, ['-aec', 'OTHER', '127.0.0.1', String(running.port)]);
    expect(ended.code).not.toBe(0);
    expect(ended.output).toContain('Called AE Title Not Recognized');
  });
  test('that aborts instead of releasing leaves nothing behind', async () => {
    await run(echoscu, ['--abort', '-aec', 'PEER', '127.0.0.1', String(running.port)]);
    const client = await clientOf(running.port, []);
    expect(await client.echo()).toBe(0);
    expect(running.server.associations).toBe(1);
    await client.release();
  });
});

describe.runIf(files.length > 0)('dcmtk storescu', () => {
  const storescu = requires('storescu');
  if (storescu === undefined) return;
  const sendable = files.filter((file) => proposals[file.transferSyntax] !== undefined);
  for (const [index, file] of sendable.entries()) {
    test(`sends ${file.transferSyntax} (${index})`, async () => {
      store.finished.length = 0;
      const options = [
        '-aec',
        'PEER',
        '--max-pdu',
        '131072',
        '--max-send-pdu',
        '131072',
        '-R',
        proposals[file.transferSyntax]!,
      ];
      const ended = await run(storescu, [...options, '127.0.0.1', String(running.port), file.path]);
      expect(ended.output).not.toMatch(/^[EF]:/m);
      expect(ended.code).toBe(0);
      expect(store.finished.length).toBe(1);
      const { bytes, info } = store.finished[0]!;
      // storescu writes the data set anew, with other lengths of sequences, but the pixels keep theirs
      if (info.transferSyntax === file.transferSyntax) expect(bytes.length).toBeGreaterThan(file.dataSet.length * 0.9);
      expect(info.sopClassUid).toBe(file.sopClassUid);
    });
  }
});

describe('dcmtk storescp', () => {
  const storescp = requires('storescp');
  if (storescp === undefined) return;

  /** Its first answer to an echo: it says nothing when it has begun to listen, so it is asked until it does. */
  async function whenListening(port: number): Promise<void> {
    for (;;) {
      const client = await clientOf(port, []).catch(() => undefined);
      if (client === undefined) continue;
      expect(await client.echo()).toBe(0);
      return client.release();
    }
  }

  test('takes what our client sends, to the byte', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dimse-'));
    const port = await freePort();
    const child = spawn(storescp, ['+B', '+xa', '--output-directory', folder, String(port)], { stdio: 'ignore' });
    try {
      await whenListening(port);
      const own: Part10 = {
        sopClassUid: ctStorage,
        sopInstanceUid: '1.2.3.4',
        transferSyntax: explicitVrLittleEndian,
        dataSet: Buffer.from(
          '08001600554a1a00'.replace('4a', '49') +
            Buffer.from(`${ctStorage}\0`).toString('hex') +
            '0800180055490800' +
            Buffer.from('1.2.3.4\0').toString('hex'),
          'hex',
        ),
      };
      // dcmtk refuses data sets of odd length, which some deflated samples have; and it names files by UID, of which the
      // same image in another transfer syntax has the same
      const even = files.filter((file) => file.dataSet.length % 2 === 0);
      const sent = [...new Map([own, ...even].map((file) => [file.sopInstanceUid, file])).values()];
      const client = await clientOf(port, sent);
      const accepted = sent.filter((file) =>
        client.contexts.some((c) => c.abstractSyntax === file.sopClassUid && c.transferSyntax === file.transferSyntax),
      );
      for (const file of accepted) expect(await client.store({ ...file, bytes: file.dataSet })).toBe(0);
      await client.release();
      const stored = readdirSync(folder).map((name) => splitPart10(readFileSync(join(folder, name)))!);
      expect(accepted.length).toBeGreaterThan(0);
      for (const file of accepted) {
        const copy = stored.find((one) => one.sopInstanceUid === file.sopInstanceUid);
        expect(copy?.dataSet.equals(file.dataSet), `${file.transferSyntax} ${file.dataSet.length} bytes`).toBe(true);
      }
    } finally {
      child.kill();
      rmSync(folder, { recursive: true });
    }
  });
});
