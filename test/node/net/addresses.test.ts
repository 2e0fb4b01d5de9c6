// Addresses to listen on that this machine does not have (RFC 5737 keeps 192.0.2.0/24 for nobody).
import { afterEach, expect, it } from 'vitest';
import { Libp2pNetwork } from '../../../node/net/libp2p/network.ts';
import { systemRandom, systemTimers } from '../../../node/system/machine.ts';
import { openDoors } from '../../contract/network.ts';

let network: Libp2pNetwork | undefined;
afterEach(() => network?.stop());

async function start(listen: readonly string[]): Promise<Libp2pNetwork> {
  const options = { seed: systemRandom(32), listen: [...listen] };
  network = new Libp2pNetwork(options, { doorkeeper: openDoors, timers: systemTimers });
  await network.start();
  return network;
}

it('of several that is gone takes nothing from the others', async () => {
  const started = await start(['/ip4/192.0.2.77/tcp/4010', '/ip4/127.0.0.1/tcp/0']);
  expect(started.gone).toEqual(['/ip4/192.0.2.77/tcp/4010']);
  expect(started.addresses().join()).toContain('/ip4/127.0.0.1/tcp/');
});

it('that is gone and the only one is named', async () => {
  await expect(start(['/ip4/192.0.2.77/tcp/4010'])).rejects.toMatchObject({
    code: 'net/address',
    data: { address: '/ip4/192.0.2.77/tcp/4010' },
  });
});

it('that are there are all used', async () => {
  expect((await start(['/ip4/127.0.0.1/tcp/0'])).gone).toEqual([]);
});
