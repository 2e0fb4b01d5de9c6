// What the routing tests share: peers with nodes and rules, studies, a scanner.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { readFileHead } from '../../node/dicom/read/part10.ts';
import type { DestinationView } from '../../node/pacs/router.ts';
import { markedStudy, type SyntheticInstance } from '../../sim/studies/studies.ts';
import { PeerProcess } from '../e2e/processes.ts';
import { freshDir } from '../node/stores.ts';
import type { Node } from './nodes.ts';

export const patient = { id: '2000000010005', name: 'Rusu^Ana', birthDate: '19700101', sex: 'F' } as const;
/** Instances of one study of ours. */
export const made = (seed: number, instances: number, bytesEach = 60_000) => [
  ...markedStudy({ seed, patient, instances, bytesEach }),
];
/** The data set of a file. */
export const dataset = (part10: Uint8Array): Uint8Array => part10.subarray(readFileHead(part10, true)!.datasetOffset);

/** Where a node is. */
export type Place = Pick<Node, 'aeTitle' | 'host' | 'port'>;

/** Names nodes and rules in a peer's configuration. */
export async function configure(
  peer: PeerProcess,
  nodes: readonly Place[],
  routes: object[],
  callers?: readonly { readonly aeTitle: string }[],
): Promise<void> {
  const path = join(peer.dir, 'peer.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as { dimse: object };
  const remotes = nodes.map(({ aeTitle, host, port }) => ({ aeTitle, host, port }));
  await writeFile(path, JSON.stringify({ ...config, dimse: { ...config.dimse, remotes, callers }, routes }));
}

/** A peer with nodes to send to, and rules. */
export async function peerWith(nodes: readonly Place[], routes: object[]): Promise<PeerProcess> {
  const peer = await PeerProcess.init('Router');
  await configure(peer, nodes, routes);
  await peer.start();
  return peer;
}

/** A folder with a study's files. */
export async function filesOf(study: readonly SyntheticInstance[]): Promise<string> {
  const dir = await freshDir();
  for (const [i, { part10 }] of study.entries()) await writeFile(join(dir, `${i}.dcm`), part10);
  return dir;
}

/** What waits for a node. */
export const destination = async (peer: PeerProcess, aeTitle: string) =>
  (await peer.api<DestinationView[]>('GET', '/routing')).find((each) => each.aeTitle === aeTitle)!;

/** Every instance is there, to the byte of its data set. */
export function expectAll(files: ReadonlyMap<string, Buffer>, study: readonly SyntheticInstance[]): void {
  for (const { sopInstanceUid, dataset: sent } of study) {
    const file = [...files].find(([name]) => name.endsWith(sopInstanceUid));
    expect(file, sopInstanceUid).toBeDefined();
    expect(Buffer.compare(dataset(file![1]), sent)).toBe(0);
  }
}

const run = promisify(execFile);

/** Sends a study with storescu, as a scanner does. Gives the folder with its files. */
export async function scan(
  storescu: string,
  peer: PeerProcess,
  study: readonly SyntheticInstance[],
  callingAe = 'SCANNER',
): Promise<string> {
  const dir = await filesOf(study);
  const to = ['127.0.0.1', String(peer.ports.dimse)];
  const env = { ...process.env, TCP_NODELAY: '1' };
  await run(storescu, ['-aet', callingAe, '-aec', 'DICOMNET', '-R', '+sd', ...to, dir], { env });
  return dir;
}
