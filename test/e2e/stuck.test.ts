// Who stops in the middle: of a PDU, a multipart body, a chunk, a handshake, or of reading an answer. Others go on
// meanwhile; who is stuck is ended after the idle limit, and nothing of it stays.
import { once } from 'node:events';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { commandFields } from '../../node/dicom/dimse/command.ts';
import { queryModel } from '../../node/dicom/dimse/query-models.ts';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { explicitVrLittleEndian } from '../../node/dicom/dimse/uids.ts';
import { writeDataset } from '../../node/dicom/write/write-dataset.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { markedStudy } from '../../sim/studies/studies.ts';
import { selfSigned } from '../node/dicom/dimse/certificate.ts';
import { associateRq, bytesOf, commandPdu, dataPdu, RawCaller, storeRq } from '../node/dicom/dimse/helpers.ts';
import { eventually } from '../node/hospitals.ts';
import { freshDir, removeDir } from '../node/stores.ts';
import { PeerProcess } from './processes.ts';

const MiB = 1024 * 1024;
const patient = { id: '2000000010005', name: 'Stuck^Test', birthDate: '19700101', sex: 'M' } as const;
const impatient = new URL('./impatient-peer.ts', import.meta.url).pathname;
const idleMs = 3_000;
/** Of each kind. */
const many = 8;
/** More than the buffers of two sockets hold. */
const [large] = [...markedStudy({ seed: 1, patient, instances: 1, bytesEach: 32 * MiB })];
const [small] = [...markedStudy({ seed: 2, patient, instances: 1, bytesEach: 20_000 })];

let peer: PeerProcess;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await peer.remove();
});

/** A connection that says something and then nothing more, and reads nothing. */
async function stuck(port: number, ...said: readonly (Uint8Array | string)[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined); // reset by the peer, as it should be
  sockets.push(socket);
  await once(socket, 'connect');
  for (const piece of said) socket.write(piece);
}

const ct = large!.sopClassUid;
const getModel = queryModel('study', 'get');
const calls = { calledAe: 'DICOMNET', callingAe: 'TEST' };
const contexts = [ct, getModel].map((abstractSyntax, i) => ({
  ...{ id: 2 * i + 1, abstractSyntax },
  transferSyntaxes: [explicitVrLittleEndian],
}));
const roles = [{ sopClassUid: ct, scu: true, scp: true }];
const user = { maxPduBytes: 16384, implementationClassUid: '1.2.3', roles, extended: [] };

async function associated(): Promise<RawCaller> {
  const caller = new RawCaller(peer.ports.dimse);
  sockets.push(caller.socket);
  expect((await caller.associate({ ...calls, contexts, user }))?.type).toBe('associate-ac');
  return caller;
}

/** Two megabytes of a C-STORE, the last PDU cut in its middle. */
async function stoppedInPdu(): Promise<void> {
  const caller = await associated();
  const { sopClassUid, sopInstanceUid, dataset } = large!;
  const command = storeRq({ affectedSopClassUid: sopClassUid, affectedSopInstanceUid: sopInstanceUid });
  caller.send(commandPdu(1, command));
  for (let at = 0; at < 2 * MiB; at += 65_536) caller.send(dataPdu(1, dataset.subarray(at, at + 65_536), false));
  caller.send(bytesOf(dataPdu(1, dataset.subarray(0, 65_536), false)).subarray(0, 30_000));
}

/** Asks by C-GET and reads nothing of what comes. */
async function deafCGet(): Promise<void> {
  const caller = await associated();
  const identifier = { '00080052': { vr: 'CS' as const, Value: ['STUDY'] }, '0020000D': uid(large!.studyUid) };
  const command = { commandField: commandFields.cGetRq, messageId: 1, priority: 0, affectedSopClassUid: getModel };
  caller.socket.pause();
  caller.send(
    commandPdu(3, { ...command, hasDataSet: true }),
    dataPdu(3, writeDataset(identifier, { encoding: 'explicit-le' }), true),
  );
}

const uid = (value: string) => ({ vr: 'UI' as const, Value: [value] });

const head = (token: string, first: string, ...more: string[]) =>
  [`${first} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${token}`, ...more, '', ''].join('\r\n');
const boundary = 'Content-Type: multipart/related; type="application/dicom"; boundary=b';

function stoppedRequests(token: string): Promise<void>[] {
  const { http } = peer.ports;
  const part = '--b\r\nContent-Type: application/dicom\r\n\r\n';
  const file = large!.part10.subarray(0, 2 * MiB);
  return [
    stuck(http, 'POST /dicom-web/stu'),
    stuck(http, head(token, 'POST /dicom-web/studies', boundary, 'Content-Length: 9000000'), part, file),
    stuck(http, head(token, 'POST /dicom-web/studies', boundary, 'Content-Length: 9000000'), part.slice(0, 20)),
    stuck(
      http,
      head(token, 'POST /api/v1/import', 'Content-Type: application/dicom', 'Transfer-Encoding: chunked'),
      `${(3 * MiB).toString(16)}\r\n`,
      file,
    ),
    stuck(http, head(token, `GET /dicom-web/studies/${large!.studyUid}`, 'Accept: */*')),
  ];
}

const openSockets = async (): Promise<number> => {
  const dir = `/proc/${peer.pid}/fd`;
  const links = await Promise.all((await readdir(dir)).map((fd) => readlink(join(dir, fd)).catch(() => '')));
  return links.filter((link) => link.startsWith('socket:')).length;
};
const partials = () => readdir(join(peer.dir, 'objects', 'partial'));

async function worksAsEver(tls?: { ca: string }): Promise<void> {
  const proposals = [ct, '1.2.840.10008.1.1'].map((abstractSyntax) => ({
    abstractSyntax,
    transferSyntaxes: [explicitVrLittleEndian],
  }));
  const client = await DimseClient.connect(
    {
      host: '127.0.0.1',
      port: peer.ports.dimse,
      ...calls,
      contexts: proposals,
      ...(tls && { tls: { ...tls, servername: 'localhost' } }),
    },
    { timers: systemTimers },
  );
  expect(await client.echo()).toBe(0);
  for (const each of [small!, large!]) expect(await client.store({ ...each, bytes: each.dataset })).toBe(0);
  await client.release();
  const path = `/dicom-web/studies/${small!.studyUid}/series/${small!.seriesUid}/instances/${small!.sopInstanceUid}`;
  const headers = { authorization: `Bearer ${await peer.token()}`, accept: 'application/dicom' };
  const answer = await fetch(`http://127.0.0.1:${peer.ports.http}${path}`, { headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.subarray(-small!.dataset.length).equals(small!.dataset)).toBe(true);
}

const start = () => peer.start([impatient, peer.dir, String(idleMs)]);
const faults = () => peer.stderr.split('\n').filter((line) => /"level":(50|60)|Unhandled|Uncaught/.test(line));

it('ends who is stuck and goes on with the others', async () => {
  peer = await PeerProcess.init('Impatient');
  const callers = [{ aeTitle: 'TEST', host: '127.0.0.1', maxAssociations: 100 }];
  await peer.configure(({ dimse }) => ({ dimse: { ...dimse, callers } }));
  await start();
  const token = await peer.token();
  await worksAsEver();
  await peer.collectedBytes(); // opens a socket for those who measure
  const usual = await openSockets();
  const rq = bytesOf(associateRq(calls));
  const { dimse } = peer.ports;
  const round = async (ofEach: number) => {
    const each = () => [
      stuck(dimse),
      stuck(dimse, rq.subarray(0, 50)),
      stoppedInPdu(),
      deafCGet(),
      ...stoppedRequests(token),
    ];
    await Promise.all(Array.from({ length: ofEach }, each).flat());
    await eventually('half an instance is on disk', async () => (await partials()).length > 0);
    await worksAsEver();
    await eventually('all that were stuck are gone', async () => (await openSockets()) <= usual, 30_000);
    await eventually('nothing of theirs is left', async () => (await partials()).length === 0);
    await worksAsEver();
  };
  await round(1); // code and buffers that are made once
  const before = await peer.collectedBytes();
  await round(many);
  const after = await peer.collectedBytes();
  console.log(`holds ${before / MiB} MiB, then ${after / MiB} MiB`);
  expect(faults()).toEqual([]);
  // both kinds that have an association
  expect(peer.stderr.match(/"dimse\/timeout".*"association aborted"/g)?.length).toBe(2 * (1 + many));
  expect(after - before).toBeLessThan(8 * MiB);
});

it('ends who stops in a TLS handshake', async () => {
  peer = await PeerProcess.init('TLS');
  const { cert, key } = selfSigned();
  const dir = await freshDir();
  const tls = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
  await writeFile(tls.cert, cert);
  await writeFile(tls.key, key);
  await peer.configure(({ dimse }) => ({ dimse: { ...dimse, tls } }));
  await start();
  await worksAsEver({ ca: cert });
  const before = await openSockets();
  const hello = Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3);
  await Promise.all(
    Array.from({ length: many }, () => [stuck(peer.ports.dimse), stuck(peer.ports.dimse, hello)]).flat(),
  );
  await eventually('they are let in', async () => (await openSockets()) > before);
  await worksAsEver({ ca: cert });
  await eventually('all that were stuck are gone', async () => (await openSockets()) <= before, 30_000);
  expect(faults()).toEqual([]);
  await removeDir(dir);
});
