// A running peer is fed what no peer should be fed, on every door it has: each thing gets a clear error or goes into
// quarantine, the peer goes on, and its memory comes back. SEED=n changes the mutations.
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { writePart10Header } from '../../node/dicom/write/part10-header.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { concat } from '../../protocol/bytes.ts';
import { seeded } from '../../protocol/vectors/seeded.ts';
import { elementHeader } from '../../sim/studies/dataset-writer.ts';
import { markedStudy } from '../../sim/studies/studies.ts';
import { associateRq, bytesOf } from '../node/dicom/dimse/helpers.ts';
import * as by from '../node/dicom/helpers.ts';
import { PeerProcess } from './processes.ts';

const seed = process.env.SEED ?? '1';
const patient = { id: '2000000010005', name: 'Bad^Input', birthDate: '19700101', sex: 'M' } as const;
const ctStorage = '1.2.840.10008.5.1.4.1.1.2';
const explicitLittle = '1.2.840.10008.1.2.1';
const deflated = '1.2.840.10008.1.2.1.99';
const [good] = [...markedStudy({ seed: 1, patient, instances: 1, bytesEach: 20_000 })];
let peer: PeerProcess;
let token: string;

beforeAll(async () => {
  peer = await PeerProcess.init('Bad input');
  await peer.start();
  token = (await readFile(join(peer.dir, 'token'), 'utf8')).trim();
});
afterAll(() => peer.remove());

/** A DICOM file around a data set. */
const file = (dataset: Uint8Array, transferSyntax = explicitLittle): Uint8Array =>
  concat(writePart10Header({ sopClassUid: ctStorage, sopInstanceUid: '1.2.3', transferSyntax }), dataset);

async function upload(bytes: Uint8Array): Promise<{ status: number; outcome?: string; reason?: string }> {
  const answer = await fetch(`http://127.0.0.1:${peer.ports.http}/api/v1/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/dicom' },
    body: Buffer.from(bytes),
  });
  return { ...((await answer.json()) as object), status: answer.status };
}

/** The resident memory of the peer in bytes, by its own metrics. */
async function residentBytes(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${peer.ports.http}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return Number(/process_resident_memory_bytes (\d+)/.exec(await answer.text())![1]);
}

/** Works as ever: an echo, a good instance, an API call. */
async function goesOn(): Promise<void> {
  const contexts = [
    { abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] },
    { abstractSyntax: good!.sopClassUid, transferSyntaxes: [good!.transferSyntax] },
  ];
  const options = { host: '127.0.0.1', port: peer.ports.dimse, calledAe: 'DICOMNET', callingAe: 'TEST', contexts };
  const client = await DimseClient.connect(options, { timers: systemTimers });
  expect(await client.echo()).toBe(0);
  expect(await client.store({ ...good!, bytes: good!.dataset })).toBe(0);
  await client.release();
  await peer.api('GET', '/peer');
}

const deep = by.bytes(
  Array.from({ length: 50_000 }, () => [...by.sequence(0x00081140), ...by.item(by.undefinedLength)]).flat(),
);
const zeros = new Uint8Array(64 * 1024 * 1024);
const bomb = deflateRawSync(
  Buffer.concat([by.dataset(), elementHeader(0x7fe00010, 'OB', 0xfffffffe), zeros, zeros, zeros]),
);
const withUid = (uid: string): Uint8Array => {
  const bytes = Buffer.from(good!.part10);
  const at = bytes.lastIndexOf(good!.sopInstanceUid, good!.part10.length - 20_000);
  bytes.write(uid.padEnd(good!.sopInstanceUid.length, '\0').slice(0, good!.sopInstanceUid.length), at, 'latin1');
  return bytes;
};

const badFiles: [string, Uint8Array, string][] = [
  ['nothing', new Uint8Array(), 'dicom/not-dicom'],
  ['text', Buffer.from('not an image at all, but long enough to be looked at twice '.repeat(9)), 'dicom/not-dicom'],
  ['a preamble alone', good!.part10.subarray(0, 140), 'dicom/truncated'],
  ['cut in the pixel data', good!.part10.subarray(0, good!.part10.length - 1000), 'dicom/truncated'],
  ['an element longer than the file', file(by.bytes(elementHeader(0x00100010, 'PN', 60_000))), 'dicom/truncated'],
  ['50,000 sequences deep', file(deep), 'dicom/too-deep'],
  ['a deflate bomb', file(bomb, deflated), 'dicom/inflates-too-far'],
  ['a path for a UID', withUid('../../../../etc/passwd'), 'dicom/uid-invalid'],
  ['no UIDs', file(by.bytes(elementHeader(0x00100010, 'PN', 4), 'A^BB')), 'dicom/uid-missing'],
];

it.each(badFiles)('a file that is %s', async (_what, bytes, reason) => {
  const { outcome, reason: told, status } = await upload(bytes);
  expect(status).toBeLessThan(500);
  expect(outcome).not.toBe('imported');
  expect(told).toBe(reason);
});

it('survives all of that, and lists what it kept', async () => {
  await goesOn();
  const kept = await peer.api<{ reason: string }[]>('GET', '/quarantine');
  expect(kept.length).toBeGreaterThan(3);
});

/** Sends bytes to a port and waits until the other side closes, or for half a second. */
async function throwAt(port: number, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const cancel = systemTimers.after(500, () => socket.destroy());
    socket.on('error', () => socket.destroy()); // reset by the peer: that is its good right
    socket.on('close', () => {
      cancel();
      resolve();
    });
    socket.resume();
  });
}

it('mutated PDUs', async () => {
  const random = seeded(`pdus ${seed}`);
  const rq = bytesOf(associateRq());
  const mutated = Array.from({ length: 200 }, (_, i) => {
    const bytes = Uint8Array.from(rq);
    const [at = 0, high = 0, value = 0] = random(3);
    bytes[i % 3 === 0 ? at % 6 : (at * 256 + high) % bytes.length] = value;
    return bytes.subarray(0, i % 5 === 0 ? at : bytes.length);
  });
  const oversize = Uint8Array.of(1, 0, 0xff, 0xff, 0xff, 0xff);
  const early = Uint8Array.of(4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3);
  for (let i = 0; i < mutated.length; i += 20) {
    const some = [...mutated.slice(i, i + 20), oversize, early, random(300)];
    await Promise.all(some.map((bytes) => throwAt(peer.ports.dimse, bytes)));
  }
  await goesOn();
});

it('what is no HTTP, or too much of it', async () => {
  const port = peer.ports.http;
  const text = (value: string) => Buffer.from(value, 'latin1');
  const head = `POST /api/v1/find HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const random = seeded(`http ${seed}`);
  await Promise.all([
    throwAt(port, random(500)),
    throwAt(port, text('GET / HTTP/9.9\r\n\r\n')),
    throwAt(port, text(`GET /${'a'.repeat(200_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)),
    throwAt(port, text(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(500_000)}\r\n\r\n`)),
    throwAt(port, text(`${head}Content-Length: 99999999999\r\n\r\n{`)),
    throwAt(port, text(`${head}Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`)),
    throwAt(port, text(`${head}Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n`)),
  ]);
  const nested = '['.repeat(50_000) + ']'.repeat(50_000);
  const bodies = [
    nested,
    `{"value":${nested}}`,
    '{"value":1}',
    '{',
    'null',
    '{"__proto__":{"x":1},"value":"1","purpose":"TREAT","reason":"x","more":1}',
  ];
  for (const body of bodies) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/find`, { method: 'POST', headers, body });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  }
  await goesOn();
});

it('noise on the port for other peers', async () => {
  const random = seeded(`p2p ${seed}`);
  const multistream = Buffer.from('\x13/multistream/1.0.0\n');
  const noise = Buffer.from('\x07/noise\n');
  for (let round = 0; round < 5; round++) {
    await Promise.all([
      throwAt(peer.ports.p2p, random(2000)),
      throwAt(peer.ports.p2p, concat(multistream, random(100))),
      throwAt(peer.ports.p2p, concat(multistream, noise, Uint8Array.of(0xff, 0xff), random(1000))),
    ]);
  }
  await goesOn();
});

it('mutated data sets, and its memory comes back', async () => {
  const random = seeded(`data ${seed}`);
  const before = await residentBytes();
  for (let i = 0; i < 150; i++) {
    const bytes = Uint8Array.from(good!.part10);
    const head = 1200;
    for (let n = 0; n < 3; n++) {
      const [high = 0, low = 0, value = 0] = random(3);
      bytes[132 + ((high * 256 + low) % head)] = value;
    }
    const { status } = await upload(bytes);
    expect(status).toBeLessThan(500);
  }
  await goesOn();
  expect((await residentBytes()) - before).toBeLessThan(200 * 1024 * 1024);
});
