// DICOM programs that take instances by C-STORE, or hand them on: dcmtk's and Orthanc. Each is started anew for each turn.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../sim/ports.ts';
import { secondsOf } from './harness.ts';
import { Background, find, listens, run } from './programs.ts';

/**
 * `tuned`: neither end waits for full segments (Nagle), each takes PDUs as long as it likes by itself. `large PDUs`: that,
 * and told to take PDUs of 128 KiB. `default`: as the programs are.
 */
export type Tuning = 'tuned' | 'large PDUs' | 'default';

const tcpNoDelay = (tuning: Tuning) => ({
  env: { ...process.env, ...(tuning !== 'default' && { TCP_NODELAY: '1' }) },
});
const maxPdu = (tuning: Tuning) => (tuning === 'large PDUs' ? ['--max-pdu', '131072'] : []);

export const missingDcmtk = (): string | undefined =>
  find('storescu') && find('storescp') ? undefined : 'dcmtk is not installed';
export const missingOrthanc = (): string | undefined => (find('Orthanc') ? undefined : 'orthanc is not installed');

/** Sends all files of a folder by storescu over one association; seconds. */
export function sendByStorescu(port: number, dir: string, tuning: Tuning, calledAe = 'DICOMNET'): Promise<number> {
  const args = [...maxPdu(tuning), '--call', calledAe, '--scan-directories', '127.0.0.1', String(port), dir];
  return secondsOf(() => run(find('storescu')!, args, tcpNoDelay(tuning)));
}

/** Runs storescp that writes into `dir`. */
export async function withStorescp<T>(dir: string, tuning: Tuning, work: (port: number) => Promise<T>): Promise<T> {
  const port = await freePort();
  const args = [...maxPdu(tuning), '--output-directory', dir, String(port)];
  const storescp = new Background(find('storescp')!, args, join(dir, '..', 'storescp.log'), tcpNoDelay(tuning));
  try {
    await storescp.ready(() => listens(port));
    return await work(port);
  } finally {
    await storescp.stop();
  }
}

/** Where Debian puts Orthanc's DICOMweb plugin. */
export const orthancWebPlugin = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
export const missingOrthancWeb = (): string | undefined =>
  existsSync(orthancWebPlugin) ? undefined : 'orthanc-dicomweb is not installed';

export interface Orthanc {
  readonly dimse: number;
  readonly http: string;
}

/** Runs an Orthanc that keeps everything below `dir`, as it is when installed but for ports, the peer's address and `more`. */
export async function withOrthanc<T>(
  dir: string,
  peers: readonly string[],
  work: (it: Orthanc) => Promise<T>,
  more: object = {},
): Promise<T> {
  const [dimse, http] = [await freePort(), await freePort()];
  const storage = join(dir, 'storage');
  await mkdir(storage);
  const config = {
    ...{ Name: 'BENCH', StorageDirectory: storage, IndexDirectory: storage, HttpPort: http, DicomPort: dimse },
    ...{ DicomAet: 'ORTHANC', RemoteAccessAllowed: false, AuthenticationEnabled: false },
    OrthancPeers: Object.fromEntries(peers.map((url, i) => [`peer${i}`, [url]])),
    ...more,
  };
  await writeFile(join(dir, 'orthanc.json'), JSON.stringify(config));
  const orthanc = new Background(find('Orthanc')!, [join(dir, 'orthanc.json')], join(dir, 'log'));
  const url = `http://127.0.0.1:${http}/`;
  try {
    await orthanc.ready(async () => (await listens(http)) && (await listens(dimse)));
    return await work({ dimse, http: url });
  } finally {
    await orthanc.stop();
  }
}

/** Hands all instances of an Orthanc to its first peer; seconds. @throws Error when some didn't get there */
export async function sendToOrthancPeer(from: Orthanc, to: Orthanc, instances: number): Promise<number> {
  const studies = await getJson<string[]>(`${from.http}studies`);
  const seconds = await secondsOf(async () => {
    const body = JSON.stringify({ Resources: studies, Synchronous: true });
    const answer = await fetch(`${from.http}peers/peer0/store`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`Orthanc answered ${answer.status}`);
    await answer.arrayBuffer();
  });
  await mustHoldInstances(to, instances);
  return seconds;
}

/** @throws Error when an Orthanc holds another number of instances */
export async function mustHoldInstances(orthanc: Orthanc, instances: number): Promise<void> {
  const { CountInstances } = await getJson<{ CountInstances: number }>(`${orthanc.http}statistics`);
  if (CountInstances !== instances) throw new Error(`Orthanc holds ${CountInstances} instances, not ${instances}`);
}

async function getJson<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`Orthanc answered ${answer.status}`);
  return (await answer.json()) as T;
}
