// A whole peer, started as an operator does, between dcmtk's programs: what comes in by C-STORE is found and handed out by
// the same port, to those whom the configuration names, and written down.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPart10 } from '../../node/dicom/read/read-dataset.ts';
import { freePort } from '../../sim/ports.ts';
import { json, PeerProcess } from '../e2e/processes.ts';
import { requires } from '../programs.ts';
import { fileOf, instances, run } from './archive.ts';

const programs = ['storescu', 'findscu', 'getscu', 'movescu'].map(requires);
const [storescu, findscu, getscu, movescu] = programs as [string, string, string, string];
const sent = instances.slice(0, 6);

describe.runIf(programs.every((program) => program !== undefined))('a peer and dcmtk', () => {
  let peer: PeerProcess;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'dicomnet-peer-'));
    for (const name of ['sent', 'got', 'moved']) mkdirSync(join(dir, name));
    for (const instance of sent) writeFileSync(join(dir, 'sent', instance.uid), fileOf(instance));
    peer = await PeerProcess.init('Archive');
    const path = join(peer.dir, 'peer.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    const port = await freePort();
    const callers = [{ aeTitle: 'STORESCU' }, { aeTitle: 'WS1', host: '127.0.0.1', may: ['query', 'retrieve'] }];
    const remotes = [{ aeTitle: 'WS1', host: '127.0.0.1', port }];
    config.dimse = { ...config.dimse, callers, remotes };
    config.storage.minFreeBytes = 0;
    writeFileSync(path, JSON.stringify(config));
    await peer.start();
    const at = (as: string) => ['-aet', as, '-aec', 'DICOMNET', '127.0.0.1', String(peer.ports.dimse)];
    const stored = await run(storescu, ['+sd', ...at('STORESCU'), join(dir, 'sent')]);
    expect(stored.code, stored.output).toBe(0);
    const keys = ['-k', '0008,0052=STUDY', '-k', 'StudyInstanceUID=1.2.826.0.1.1'];
    await run(findscu, ['-S', '-X', '-od', join(dir, 'sent', '..'), ...keys, '-k', 'PatientName', ...at('WS1')]);
    await run(getscu, ['-S', '+B', '-od', join(dir, 'got'), ...keys, ...at('WS1')]);
    await run(movescu, ['-S', '+P', String(port), '+B', ...keys, ...at('WS1')], join(dir, 'moved'));
  });
  afterAll(async () => {
    rmSync(dir, { recursive: true });
    await peer.remove();
  });

  test('found, fetched and moved to the byte', () => {
    const found = readdirSync(dir).filter((name) => name.endsWith('.dcm'));
    expect(found).toHaveLength(1);
    const { json: answer } = readPart10(readFileSync(join(dir, found[0]!)));
    expect(answer['00100010']!.Value).toEqual([{ Alphabetic: 'Ionescu^Ștefan' }]);
    const digest = (file: Uint8Array) => Buffer.from(readPart10(file).dataset).toString('latin1');
    const expected = sent.map((instance) => digest(fileOf(instance))).sort();
    for (const folder of ['got', 'moved']) {
      const files = readdirSync(join(dir, folder)).map((name) => readFileSync(join(dir, folder, name)));
      expect(files.map(digest).sort()).toEqual(expected);
    }
  });

  test('and written down: one query, two exports', async () => {
    const log = await json<{ kind: string; person?: { name: string; role: string } }[]>([
      'audit',
      'show',
      '--data',
      peer.dir,
    ]);
    const by = (kind: string) => log.filter((entry) => entry.kind === kind).map(({ person }) => person);
    const device = { name: 'WS1', role: 'device' };
    expect(by('query')).toEqual([device]);
    expect(by('export')).toEqual([device, device]);
  });
});
