// init, federation and join as the contract has them, without a running peer.
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openData } from '../../../node/setup/data-folder.ts';
import { freshDir, removeDir } from '../stores.ts';
import { dicomnet, json } from './cli.ts';

let home: string;
let made: Awaited<ReturnType<typeof json>>;
const at = (...path: string[]) => join(home, ...path);
const init = (data: string, ...more: string[]) =>
  json(['init', '--data', at(data), '--name', 'Spitalul Cahul', '--country', 'MD', ...more]);

beforeAll(async () => {
  home = await freshDir();
  made = await init('a', '--http', '18411', '--dimse', '0', '--p2p', '18412');
});
afterAll(() => removeDir(home));

describe('init', () => {
  it('prints what the contract says, and makes files that only their owner reads', async () => {
    expect(made.code).toBe(0);
    expect(Object.keys(made.document).sort()).toEqual(['fingerprint', 'joinRequest', 'password', 'peerId', 'username']);
    expect(made.document.peerId).toMatch(/^12D3KooW/);
    expect(made.document.fingerprint).toMatch(/^\d{4}( \d{4}){7}$/);
    expect((await stat(made.document.joinRequest as string)).isFile()).toBe(true);
    for (const name of ['vault.json', 'token', 'peer.json']) expect((await stat(at('a', name))).mode & 0o077).toBe(0);
    const config = JSON.parse(await readFile(at('a', 'peer.json'), 'utf8')) as Record<string, { port: number }>;
    expect(config).toMatchObject({ name: 'Spitalul Cahul', country: 'MD', http: { port: 18411 }, dimse: { port: 0 } });
  });

  it('refuses a folder that has a peer', async () => {
    const again = await init('a');
    expect(again).toMatchObject({ code: 1, document: { error: { code: 'peer/exists' } } });
    expect(again.err).toBe('There is a peer in this data folder already; use another --data folder.\n');
  });

  it('works without --json and in another language', async () => {
    const args = ['init', '--data', at('ro'), '--name', 'Spitalul', '--country', 'md'];
    const ran = await dicomnet(args, { env: { LANG: 'ro_MD.UTF-8' } });
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain('Amprenta');
  });
});

describe('federation', () => {
  const roster = () => at('f', 'roster.cbor');
  const step = async (number: number, ...args: string[]) => {
    const ran = await json(['federation', args[0]!, '--dir', at('f'), ...args.slice(1)]);
    expect([args[0], ran.code, ran.document]).toEqual([args[0], 0, { roster: roster(), number }]);
  };

  it('create, admit, keepers, expel, show and join print what the contract says', async () => {
    const args = ['--data', at('b'), '--name', 'Spitalul Orhei', '--country', 'MD'];
    const other = (await json(['init', ...args])).document;
    const created = await json(['federation', 'create', '--dir', at('f'), '--name', 'Moldova']);
    const federation = created.document.federation as string;
    expect(created).toMatchObject({
      code: 0,
      err: '',
      document: { federation: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(created.document).toEqual({ federation, roster: roster() });
    await step(1, 'admit', made.document.joinRequest as string, other.joinRequest as string);
    await step(2, 'keepers', '--threshold', '2', 'spitalul cahul', other.peerId as string);
    await step(3, 'keepers');
    const joined = await json(['join', '--data', at('a'), roster()]);
    expect(joined).toMatchObject({ code: 0, err: '', document: { federation, number: 3 } });
    const shown = (await json(['federation', 'show', '--dir', at('f')])).document;
    expect(shown).toMatchObject({ roster: roster(), number: 3, federation, threshold: 2 });
    const members = shown.members as { id: string; name: string }[];
    expect(members.map((each) => each.name)).toEqual(['Spitalul Cahul', 'Spitalul Orhei']);
    await step(4, 'keepers', '--threshold', '1', members[0]!.id);
    await step(5, 'expel', members[1]!.id);
    const expelled = await json(['join', '--data', at('b'), roster()]);
    expect(expelled).toMatchObject({ code: 1, document: { error: { code: 'member/unknown' } } });
  });

  it('shows the fingerprint of each request, and tables, to a person', async () => {
    const dir = ['--dir', at('g')];
    expect((await dicomnet(['federation', 'create', ...dir, '--name', 'Proba'])).out).toContain('Fingerprint');
    const ran = await dicomnet(['federation', 'admit', ...dir, made.document.joinRequest as string]);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain(made.document.fingerprint as string);
    expect((await dicomnet(['federation', 'show', ...dir])).out).toContain('Spitalul Cahul');
    expect((await dicomnet(['federation', 'show', ...dir, at('g', 'roster.cbor')])).out).toContain(
      'admits Spitalul Cahul',
    );
  });

  it('with two of three authorities goes through files', async () => {
    const [a, b, c] = [at('k1'), at('k2'), at('k3')];
    const key = async (dir: string) => (await json(['federation', 'key', '--dir', dir])).document.key as string;
    const keys = ['--keys', await key(b), await key(c), '--threshold', '2'];
    const zero = await json(['federation', 'create', '--dir', a, '--name', 'Trei', ...keys]);
    expect(zero).toMatchObject({ code: 0, document: { number: 0, signatures: 1, needed: 2 } });
    const publish = async (proposal: string, by: string) => {
      const alone = await json(['federation', 'assemble', '--dir', a, proposal]);
      expect(alone).toMatchObject({ code: 1, document: { error: { code: 'roster/too-few-signatures' } } });
      const signed = await json(['federation', 'sign', '--dir', by, proposal]);
      expect(signed).toMatchObject({ code: 0, document: { signatures: 2, needed: 2 } });
      return json(['federation', 'assemble', '--dir', a, signed.document.proposal as string]);
    };
    const first = await publish(zero.document.proposal as string, b);
    expect(first).toMatchObject({ code: 0, document: { number: 0, roster: join(a, 'roster.cbor') } });
    const changes = ['--admit', made.document.joinRequest as string, '--keepers'];
    const next = await json(['federation', 'propose', '--dir', a, ...changes]);
    expect(next).toMatchObject({ code: 0, document: { number: 1, signatures: 1 } });
    expect(await publish(next.document.proposal as string, c)).toMatchObject({ code: 0, document: { number: 1 } });
  });

  it('leaves nothing half-written', async () => {
    expect((await readdir(at('g'))).sort()).toEqual(['authority.key', 'authority.pub', 'roster.cbor']);
    const before = await readFile(at('g', 'roster.cbor'));
    const ran = await json(['federation', 'admit', '--dir', at('g'), at('g', 'authority.pub')]);
    expect(ran.code).toBe(1);
    expect(await readFile(at('g', 'roster.cbor'))).toEqual(before);
  });
});

describe('a command on a folder whose peer does not run', () => {
  it('says how to start it', async () => {
    const ran = await json(['find', '--data', at('a'), '--patient', '2000000000001']);
    expect(ran).toMatchObject({ code: 1, document: { error: { code: 'peer/not-running' } } });
    expect(ran.err).toMatch(/^No peer is running on this data folder; start it with: .* start --data .*\n$/);
    expect((await json(['doctor', '--data', at('a')])).document).toMatchObject({
      checks: [{ name: 'running', ok: false }],
    });
  });

  it('says that there is no peer at all', async () => {
    const ran = await json(['patients', '--data', at('nothing')]);
    expect(ran).toMatchObject({ code: 1, document: { error: { code: 'vault/missing' } } });
    expect(ran.err).toContain('run init first');
    expect(await json(['start', '--data', at('nothing')])).toMatchObject({
      code: 1,
      document: { error: { code: 'vault/missing' } },
    });
  });

  it('says that the folder is in use', async () => {
    const { kv } = await openData(at('a'));
    try {
      const ran = await json(['join', '--data', at('a'), at('f', 'roster.cbor')]);
      expect(ran).toMatchObject({ code: 1, document: { error: { code: 'store/locked' } } });
      const started = await dicomnet(['start', '--data', at('a')]);
      expect(started).toMatchObject({ code: 1, out: '' });
      expect(started.err).toBe(
        'The data folder is in use by another process; stop that one or use another --data folder.\n',
      );
    } finally {
      await kv.close();
    }
  });

  it('says that the passphrase is missing or wrong', async () => {
    const args = ['init', '--data', at('p'), '--name', 'Spitalul', '--country', 'MD'];
    expect((await dicomnet(args, { env: { DICOMNET_PASSPHRASE: 'one' } })).code).toBe(0);
    for (const env of [{}, { DICOMNET_PASSPHRASE: 'two' }]) {
      const ran = await dicomnet(['start', '--data', at('p')], { env });
      expect(ran).toMatchObject({ code: 1, out: '' });
      expect(ran.err).toContain('set DICOMNET_PASSPHRASE');
    }
  });

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const args = ['--name', 'Spitalul', '--country', 'MD', '--http', String(port), '--dimse', '0', '--p2p', '0'];
    await json(['init', '--data', at('t'), ...args]);
    try {
      const ran = await dicomnet(['start', '--data', at('t')], { env: { DICOMNET_LOG: 'silent' } });
      expect(ran).toMatchObject({ code: 1, out: '' });
      expect(ran.err).toBe(`The port is in use; stop the other program or configure another port (port ${port}).\n`);
    } finally {
      other.close();
    }
  });
});
