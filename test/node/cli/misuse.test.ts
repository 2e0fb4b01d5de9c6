import { describe, expect, it } from 'vitest';
import { dicomnet, json } from './cli.ts';

const misused: [why: string, args: string[]][] = [
  ['an unknown command', ['nothing']],
  ['no command', []],
  ['no subcommand', ['federation']],
  ['a command of later', ['backup', '/tmp/x']],
  ['an unknown option', ['patients', '--nothing']],
  ['a missing argument', ['approve']],
  ['an argument too many', ['patients', 'x']],
  ['a missing option', ['find']],
  ['a port that is none', ['init', '--name', 'x', '--country', 'MD', '--http', '70000']],
  ['a country that is none', ['init', '--name', 'x', '--country', 'Moldova']],
  ['a threshold of nought', ['federation', 'keepers', '--dir', '/tmp/x', '--threshold', '0']],
];

describe('misuse exits with 2', () => {
  it.each(misused)('%s', async (_why, args) => {
    const ran = await dicomnet(args);
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).not.toMatch(/\n {4}at /);
    expect(ran.err).not.toBe('');
  });

  it('says so in JSON too', async () => {
    const ran = await json(['find']);
    expect(ran).toMatchObject({ code: 2, document: { error: { code: 'cli/misuse', message: expect.any(String) } } });
  });
});

describe('help', () => {
  it('names every command and exits with 0', async () => {
    const ran = await dicomnet(['--help']);
    expect([ran.code, ran.err]).toEqual([0, '']);
    const commands = 'federation init join start import find patients patient request requests approve deny transfers';
    for (const name of `${commands} export user token audit quarantine doctor`.split(' ')) {
      expect(ran.out).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    expect((await dicomnet(['quarantine', 'list', '--help'])).out).toContain('--json');
  });

  it('is there in three languages', async () => {
    const out = async (lang: string) => (await dicomnet(['--help'], { env: { LANG: lang } })).out;
    expect(await out('ro_RO.UTF-8')).toContain('Găsește');
    expect(await out('ru_RU.UTF-8')).toContain('Поиск');
  });
});
