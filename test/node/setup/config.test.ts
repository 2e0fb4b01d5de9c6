// What is wrong in peer.json is named: the key, or the line and column.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { failureOf } from '../../../node/cli/failure.ts';
import { type Config, defaultConfig, readConfig } from '../../../node/setup/config.ts';
import { freshDir, removeDir } from '../stores.ts';

let dir: string;
beforeEach(async () => {
  dir = await freshDir();
});
afterEach(() => removeDir(dir));

const good = defaultConfig({ name: 'Spitalul', country: 'MD' });
const text = JSON.stringify(good, null, 2);
const write = (content: string | Buffer) => writeFile(join(dir, 'peer.json'), content);
/** What somebody who starts the peer reads. */
const told = async () => failureOf(await readConfig(dir).catch((error: unknown) => error)).message;

it('is read with a byte order mark before it', async () => {
  await write(`\uFEFF${text}`);
  expect(await readConfig(dir)).toEqual(good);
});

it.each([
  ['empty, after a power cut', '', 'it is empty'],
  ['blank', ' \n', 'it is empty'],
  ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'it is UTF-16; save it as UTF-8'],
  ['UTF-16 of the other order', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(), 'it is UTF-16; save it as UTF-8'],
  ['with a comma too many', text.replace('"MD",', '"MD",,'), 'peer.json:3:19'],
  ['with a comma behind the last', `${text.slice(0, -1)},}`, `peer.json:${text.split('\n').length}:2`],
  ['cut off', text.slice(0, 40), 'peer.json:3:'],
] as const)('that is %s is told of by its place', async (_what, content, place) => {
  await write(content as string);
  expect(await told()).toContain(place);
});

it.each([
  ['listen', '0.0.0.0:4010'],
  ['listen', '/ip4/300.1.1.1/tcp/4010'],
  ['announce', 'peer.hospital.md:4010'],
  ['relays', 'relay'],
] as const)('names the address of p2p.%s that is no multiaddr: %s', async (key, address) => {
  const p2p: Config['p2p'] = { ...good.p2p, [key]: ['/ip4/127.0.0.1/tcp/4010', address] };
  await write(JSON.stringify({ ...good, p2p }));
  await expect(readConfig(dir)).rejects.toMatchObject({ code: 'net/address', data: { at: `/p2p/${key}/1`, address } });
  expect(await told()).toContain(address);
});

it('takes names and both versions of addresses', async () => {
  const listen = ['/ip4/0.0.0.0/tcp/4010', '/ip6/::/tcp/4010'];
  const announce = ['/dns4/peer.hospital.md/tcp/4010', '/dns/peer.hospital.md/tcp/4010'];
  await write(JSON.stringify({ ...good, p2p: { ...good.p2p, listen, announce } }));
  expect((await readConfig(dir)).p2p.listen).toEqual(listen);
});

it('takes addresses and networks of proxies, and nothing else', async () => {
  const read = async (trustedProxies: string[]) => {
    await write(JSON.stringify({ ...good, http: { ...good.http, trustedProxies } }));
    return (await readConfig(dir)).http.trustedProxies;
  };
  const proxies = ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '::ffff:192.0.2.1'];
  expect(await read(proxies)).toEqual(proxies);
  for (const bad of ['proxy.example', '10.0.0.0/33', '1.2.3.999', '10.0.0', '::/129', ':', '1.2.3.4/', '']) {
    const data = { at: '/http/trustedProxies/1' };
    await expect(read(['::1', bad])).rejects.toMatchObject({ code: 'config/invalid', data });
  }
});
