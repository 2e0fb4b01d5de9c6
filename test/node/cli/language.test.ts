// The language of what the commands print.

import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDir, removeDir } from '../stores.ts';
import { dicomnet } from './cli.ts';

const missing = { en: 'There is no peer', ro: 'nu este niciun nod', ru: 'нет узла' };
let empty: string;
beforeAll(async () => {
  empty = await freshDir();
});
afterAll(() => removeDir(empty));
const patients = async (env: Record<string, string>, ...args: string[]) => {
  const ran = await dicomnet([...args, '--data', empty], { env });
  expect(ran.code).toBe(1);
  return ran.err;
};

describe('is that of', () => {
  it('--lang, before the command or after it', async () => {
    expect(await patients({}, '--lang', 'ro', 'patients')).toContain(missing.ro);
    expect(await patients({}, 'patients', '--lang=ru')).toContain(missing.ru);
    expect(await patients({ LANG: 'ru_RU.UTF-8' }, 'patients', '--lang', 'en')).toContain(missing.en);
  });

  it('the environment, else English', async () => {
    expect(await patients({ LANG: 'ro-MD' }, 'patients')).toContain(missing.ro);
    expect(await patients({ LANG: 'ro_MD', LC_MESSAGES: 'ru_RU.UTF-8' }, 'patients')).toContain(missing.ru);
    expect(await patients({ LANG: 'ro_MD', LC_ALL: 'POSIX' }, 'patients')).toContain(missing.en);
  });
});

it('a language that is not there is misuse, and the three are named', async () => {
  const ran = await dicomnet(['patients', '--lang', 'de']);
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.err).toBe("error: option '--lang <lang>' argument 'de' is invalid. Allowed choices are ro, ru, en.\n");
});

describe('commander’s own words are translated:', () => {
  it('help', async () => {
    const ran = await dicomnet(['quarantine', 'resolve', '--help', '--lang', 'ro']);
    expect(ran.code).toBe(0);
    for (const word of ['Utilizare: dicomnet quarantine resolve [opțiuni] <id>', 'Opțiuni:', 'Opțiuni generale:']) {
      expect(ran.out).toContain(word);
    }
    expect(ran.out.replace(/\s+/g, ' ')).toContain('(valori: "keep", "replace",');
    expect(ran.out).not.toMatch(/\b(Usage|Options|Commands|display help|default|choices)\b/);
    expect((await dicomnet(['--help', '--lang', 'ru'])).out).toMatch(/Команды:\n {2}init \[параметры\]/);
  });

  it.each([
    [['fnd'], "неизвестная команда 'fnd'\n(Возможно, вы имели в виду find?)"],
    [['patients', '--jsn'], "неизвестный параметр '--jsn'\n(Возможно, вы имели в виду --json?)"],
    [['approve'], "не указан обязательный аргумент 'id'"],
    [['find'], "не указан обязательный параметр '--patient <value>'"],
    [['find', '--patient'], "не указано значение параметра '--patient <value>'"],
    [['patients', "x'y"], "слишком много аргументов для 'patients': ожидалось 0, получено 1: x'y."],
    [
      ['start', '--http', '70000'],
      "значение '70000' параметра '--http <port>' недопустимо. Нужно целое число от 0 до 65535.",
    ],
    [
      ['quarantine', 'resolve', '1', '--action', 'x'],
      "значение 'x' параметра '--action <action>' недопустимо. Допустимые значения: keep, replace, both, assign, move, retry, drop.",
    ],
  ])('misuse, as %j', async (args, said) => {
    const ran = await dicomnet(args, { env: { LC_ALL: 'ru_RU.UTF-8' } });
    expect([ran.code, ran.err]).toEqual([2, `ошибка: ${said}\n`]);
  });
});

describe('a running peer', () => {
  const asked: (string | undefined)[] = [];
  const answers: Record<string, unknown> = {
    '/api/v1/doctor': { checks: [{ name: 'disk', ok: false, advice: 'Eliberați spațiu.' }] },
    '/api/v1/transfers': [
      { id: 'a', state: 'done', objects: { done: 1, total: 2 }, bytes: { done: 1e6, total: 2e6 }, rate: 5e5 },
    ],
  };
  const server = createServer((request, response) => {
    asked.push(request.headers['accept-language']);
    response.end(JSON.stringify(answers[request.url!]));
  });
  let dir: string;
  beforeAll(async () => {
    dir = join(empty, 'running');
    await mkdir(dir);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const http = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await writeFile(join(dir, 'run.json'), JSON.stringify({ http, dimse: 1, p2p: [], pid: process.pid }));
    await writeFile(join(dir, 'token'), 'secret\n');
  });
  afterAll(() => void server.close());

  it('is asked for its advice in this language; names, states, units and rates are said in it', async () => {
    const { out } = await dicomnet(['doctor', '--data', dir, '--lang', 'ro']);
    expect(asked).toEqual(['ro']);
    expect(out).toMatch(/^Verificare +Bine +Ce e de făcut\ndisc +nu +Eliberați spațiu\.\n$/);
    const transfers = (await dicomnet(['transfers', '--data', dir, '--lang', 'ru'])).out;
    expect(transfers).toContain('готово');
    expect(transfers).toMatch(/1\.00 МБ \/ 2\.00 МБ +500 кБ\/с/);
  });
});
