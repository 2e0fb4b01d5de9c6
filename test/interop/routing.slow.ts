// Routing through what goes wrong, and from another hospital to the own PACS.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { federatedPeers, json, type PeerProcess } from '../e2e/processes.ts';
import { eventually } from '../node/hospitals.ts';
import { removeDir } from '../node/stores.ts';
import { requires } from '../programs.ts';
import { type Node, received, storescp } from './nodes.ts';
import { configure, destination, expectAll, filesOf, made, patient, peerWith, scan } from './routing-kit.ts';

const folders: string[] = [];
afterAll(async () => {
  for (const dir of folders) await removeDir(dir);
});

describe('routing from storescu to storescp', () => {
  const programs = { storescu: requires('storescu'), storescp: requires('storescp') };
  if (programs.storescu === undefined || programs.storescp === undefined) return;
  const { storescu } = programs;
  let pacs: Node;
  let peer: PeerProcess;

  beforeAll(async () => {
    pacs = await storescp(programs.storescp!);
    peer = await peerWith([pacs], [{ match: { callingAe: 'SCAN*', modality: 'CT' }, to: ['RECEIVER'] }]);
  });
  afterAll(async () => {
    await peer?.remove();
    await pacs?.remove();
  });

  test('kill -9 of the peer in the middle: at least once, all of it', async () => {
    const study = made(5, 150, 200_000);
    await pacs.stop();
    folders.push(await scan(storescu, peer, study));
    await pacs.start();
    await eventually('some have gone', async () => (await received(pacs)).size > 35, 30_000);
    await peer.kill();
    await peer.start();
    await eventually('nothing waits', async () => (await destination(peer, 'RECEIVER')).waiting === 0, 30_000);
    expect((await destination(peer, 'RECEIVER')).sent).toBeGreaterThan(0);
    expectAll(await received(pacs), study);
    expect(await json(['routing', '--data', peer.dir])).toMatchObject([{ aeTitle: 'RECEIVER', waiting: 0, failed: 0 }]);
  });
});

describe('the hospital’s own PACS', () => {
  const program = requires('storescp');
  if (program === undefined) return;
  const nodes: Node[] = [];
  const peers: PeerProcess[] = [];
  afterAll(async () => {
    for (const peer of peers) await peer.remove();
    for (const node of nodes) await node.remove();
  });

  test('gets a study that was fetched from another member', async () => {
    const pacs = await storescp(program);
    nodes.push(pacs);
    const federation = await federatedPeers(['Owner', 'Asker']);
    peers.push(...federation.peers);
    const [owner, asker] = federation.peers as [PeerProcess, PeerProcess];
    await configure(asker, [pacs], [{ match: { origin: 'copy' }, to: ['RECEIVER'] }]);
    for (const peer of federation.peers) await peer.start();
    const study = made(12, 8);
    const dir = await filesOf(study);
    folders.push(dir);
    await json(['import', dir, '--data', owner.dir]);
    const about = { purpose: 'TREAT', reason: 'routing test' };
    await eventually('the study is found', async () => {
      const query = { value: patient.id, ...about };
      const found = await asker.api<{ hospitals: { studies: object[] }[] }>('POST', '/find', query);
      return found.hospitals[0]?.studies.length === 1;
    });
    const asked = { member: 'Owner', patient: { value: patient.id }, refs: 'all', ...about };
    const { id } = await asker.api<{ id: string }>('POST', '/requests', asked);
    await owner.api('POST', `/requests/${id}/approve`);
    await eventually('it is in the PACS', async () => (await received(pacs)).size === study.length, 30_000);
    expectAll(await received(pacs), study);
  });
});
