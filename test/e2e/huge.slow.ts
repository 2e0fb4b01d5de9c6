// One instance of a gigabyte by C-STORE into a peer process: sealed, hashed, indexed, on disk, and its memory as flat as
// for a tenth of it.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DimseClient } from '../../node/dicom/dimse/client.ts';
import { systemTimers } from '../../node/system.ts';
import { hugeInstance } from '../../sim/studies/huge.ts';
import { PeerProcess } from './processes.ts';

const patient = { id: '2000000000008', name: 'Huge^Test', birthDate: '19700101', sex: 'F' } as const;
let peer: PeerProcess;

beforeAll(async () => {
  peer = await PeerProcess.init('Huge');
  await peer.start();
});
afterAll(() => peer.remove());

/** The most memory that the peer's process ever had resident, in bytes (proc_pid_status(5)). */
async function peakBytes(): Promise<number> {
  const status = await readFile(`/proc/${peer.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024;
}

async function send(seed: number, bytes: number): Promise<void> {
  const huge = hugeInstance({ seed, bytes, patient });
  const { sopClassUid, sopInstanceUid, transferSyntax } = huge;
  const contexts = [{ abstractSyntax: sopClassUid, transferSyntaxes: [transferSyntax] }];
  const options = { host: '127.0.0.1', port: peer.ports.dimse, calledAe: 'DICOMNET', callingAe: 'TEST', contexts };
  const client = await DimseClient.connect(options, { timers: systemTimers });
  const chunks = (async function* () {
    yield* huge.chunks();
  })();
  expect(await client.store({ sopClassUid, sopInstanceUid, transferSyntax, bytes: chunks })).toBe(0);
  await client.release();
}

it('takes an instance of a gigabyte with flat memory', async () => {
  await send(1, 100_000_000);
  const afterTenth = await peakBytes();
  await send(2, 1_000_000_000);
  const afterWhole = await peakBytes();
  console.log(`peak memory: ${afterTenth >> 20} MiB after 0.1 GB, ${afterWhole >> 20} MiB after 1 GB`);
  expect(afterWhole - afterTenth).toBeLessThan(64 * 1024 * 1024);
  expect(await peer.api('GET', '/peer')).toMatchObject({ instances: 2 });
});
