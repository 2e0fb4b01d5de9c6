// Holds the documents to the program: tables, commands, keys, routes, links and examples are what the code says.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { Run } from '../node/cli/command.ts';
import { commandsOf, leavesOf, silentProgram, silentRun, withManualTables } from '../node/docs/make-manual.ts';
import { schemaText } from '../node/setup/make-schema.ts';
import { auditKinds } from '../protocol/audit/entry.ts';
import { catalogue } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import { withTables } from '../protocol/vectors/make-tables.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const documents = files.filter((path) => path.endsWith('.md'));
const [readme, spec, design, manual] = ['README.md', 'protocol/SPEC.md', 'node/DESIGN.md', 'node/docs/manual.md'].map(
  read,
) as [string, string, string, string];

/** A document's text below one heading. */
function section(text: string, heading: string): string {
  const from = text.indexOf(`\n${heading}\n`);
  expect(from, heading).toBeGreaterThan(0);
  const level = heading.split(' ')[0]!;
  const to = text.indexOf(`\n${level} `, from + 1);
  return text.slice(from, to < 0 ? undefined : to);
}

/** The cells of a section's tables, without heads, and without the marks around code. */
const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line, i, all) => line.startsWith('| ') && !isRule(line) && !isRule(all[i + 1]))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.replaceAll('`', '').trim()),
    );

/** What stands below a table's heads. */
const isRule = (line: string | undefined): boolean => /^\| ---/.test(line ?? '');

const firstCells = (text: string): string[] => rows(text).map(([first]) => first!);
const sorted = (list: Iterable<string>): string[] => [...list].sort();

describe('SPEC', () => {
  test('its tables are those that the script makes', () => {
    expect(spec === withTables(spec), 'run node protocol/vectors/make-tables.ts').toBe(true);
  });

  test('every code has its own number and stands in the table, and no other does', () => {
    const table = rows(section(spec, '## 13. Error codes'));
    const said = table.map(([number, code, http, dimse, retry]) => [code, number, http, dimse, retry].join(' '));
    const known = Object.entries(catalogue).map(([code, row]) => {
      const dimse = `${row.dimse.toString(16).toUpperCase().padStart(4, '0')}H`;
      return [code, row.wire, row.http, dimse, row.retry ? 'yes' : 'no'].join(' ');
    });
    expect(sorted(said)).toEqual(sorted(known));
    expect(new Set(table.map(([number]) => number)).size).toBe(table.length);
  });

  test('every limit stands in the table with what it bounds, and no other does', () => {
    const table = rows(section(spec, '## 14. Limits'));
    expect(table.map(([name]) => name)).toEqual(Object.keys(limits));
    expect(table.filter(([, value, about]) => value === '' || (about ?? '') === '')).toEqual([]);
  });

  test('codes that the text names are in the catalogue', () => {
    const families = new Set(Object.keys(catalogue).map((code) => code.split('/')[0]!));
    const named = [...`${spec}${design}`.matchAll(/`([a-z-]+)\/([a-z-]+)`/g)].filter(([, family]) =>
      families.has(family!),
    );
    const vectors = new Set(vectorNames());
    const unknown = named.map(([, family, name]) => `${family}/${name}`);
    expect(unknown.filter((code) => !(code in catalogue) && !vectors.has(code))).toEqual([]);
  });

  test('it names every protocol, every kind of message and every folder of vectors', () => {
    const source = files
      .filter((path) => /^(protocol|node)\/.*\.ts$/.test(path))
      .map(read)
      .join('\n');
    const protocols = new Set([...source.matchAll(/'(\/dicomnet\/[a-z]+\/\d+)'/g)].map(([, name]) => name!));
    expect(protocols.size).toBeGreaterThan(6);
    const stack = section(spec, '## 9. The network');
    expect([...protocols].filter((name) => !stack.includes(`\`${name}\``))).toEqual([]);
    const kinds = [...source.matchAll(/[kK]ind = '([a-z-]+)';/g)].map(([, name]) => name!);
    const listed = firstCells(section(section(spec, '## 1. Bytes and envelopes'), '### 1.4 Kinds')).join(', ');
    expect(kinds.length).toBeGreaterThan(6);
    expect(kinds.filter((name) => !listed.split(', ').includes(name))).toEqual([]);
    const folders = new Set(vectorNames().map((name) => `vectors/${name.split('/')[0]}`));
    expect(sorted(firstCells(section(spec, '## 15. Vectors')))).toEqual(sorted(folders));
  });

  test('its kinds of audit entries are those that entries can have', () => {
    const listed = /`kind` is one of ([a-z,\s]+)\./.exec(section(section(spec, '## 10. Audit'), '### 10.2 Entry'))![1]!;
    expect(listed.split(/,\s/)).toEqual([...auditKinds]);
  });

  test('its examples are bytes of the vectors', () => {
    const examples = [...spec.matchAll(/```hex (\S+)\n([\s\S]*?)```/g)];
    expect(examples.length).toBeGreaterThan(2);
    for (const [, name, block] of examples) {
      const bytes = block!
        .split('\n')
        .map((line) => /^ *((?:[0-9a-f]{2})+(?: (?:[0-9a-f]{2})+)*)(?= {2,}|$)/.exec(line)?.[1] ?? '');
      const all = bytes.join('').replaceAll(' ', '');
      expect(all.length, name).toBeGreaterThan(40);
      expect(read(`protocol/vectors/${name}.json`), name).toContain(`"${all}"`);
    }
  });
});

const vectorNames = (): string[] =>
  files.flatMap((path) => /^protocol\/vectors\/(\w+\/[\w-]+)\.json$/.exec(path)?.[1] ?? []);

describe('README', () => {
  test('it is read in five minutes', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });

  test('its examples use commands and options that exist', () => checkExamples(readme, 14));
});

describe('the documents beside what they describe', () => {
  const { scripts, ...manifest } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;

  test('the table of dependencies is package.json, with the licences they have', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const table = rows(read('node/docs/dependencies.md'));
    expect(sorted(table.map(([name]) => name!))).toEqual(
      sorted(Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })),
    );
    for (const [name, licence, why] of table) {
      const path = join(root, 'node_modules', name!, 'package.json');
      expect(why, name).toMatch(/\w/);
      // Node for other machines isn't installed on this one
      if (name! in optionalDependencies! && !existsSync(path)) continue;
      expect(licence, name).toBe((JSON.parse(readFileSync(path, 'utf8')) as { license: string }).license);
    }
  });

  test('the npm scripts that they name exist', () => {
    const named = [
      ...documents
        .map(read)
        .join('\n')
        .matchAll(/npm (?:run (?:-s )?([\w:]+)|(test|start)\b)/g),
    ];
    const names = new Set(named.map(([, script, short]) => script ?? short!));
    expect(names.size).toBeGreaterThan(5);
    expect([...names].filter((name) => !(name in scripts!))).toEqual([]);
  });

  test('the benchmarks are those that run', () => {
    const run = /const benchmarks[^{]*=> Promise[\s\S]*?= \{([\s\S]*?)\};/.exec(read('test/bench/run.ts'))![1]!;
    const known = [...run.matchAll(/^ {2}'?([\w-]+)'?:/gm)].map(([, name]) => name!);
    expect(sorted(firstCells(section(read('test/bench/README.md'), '## What is measured')))).toEqual(sorted(known));
  });
});

describe('the manual', () => {
  test('its tables are those that the script makes', async () => {
    expect(manual === (await withManualTables(manual)), 'run node node/docs/make-manual.ts').toBe(true);
  });

  test('every row of them says something', () => {
    for (const heading of ['## Commands', '## Configuration', '## HTTP']) {
      const table = rows(section(manual, heading));
      expect(table.length, heading).toBeGreaterThan(30);
      expect(table.filter(([name, what]) => name === '' || what === '').map(([name]) => name)).toEqual([]);
    }
  });

  test('its examples use commands and options that exist', () => checkExamples(manual, 20));

  test('its configuration keys are those of the schema', () => {
    const listed = firstCells(section(manual, '## Configuration'));
    const keys = keysOf(JSON.parse(schemaText()) as Schema, '');
    expect(listed.filter((key) => keys.includes(key))).toEqual(keys);
    expect(
      listed.filter(
        (key) => !keys.some((each) => each === key || each.startsWith(`${key}.`) || each.startsWith(`${key}[]`)),
      ),
    ).toEqual([]);
  });

  test('every command that is written is registered', async () => {
    const program = new Command('dicomnet');
    const dir = join(root, 'node/cli/commands');
    for (const file of readdirSync(dir)) {
      const module = (await import(join(dir, file))) as Record<string, unknown>;
      for (const [name, register] of Object.entries(module)) {
        if (name.startsWith('register')) (register as (program: Command, run: Run) => void)(program, silentRun());
      }
    }
    expect(sorted([...leavesOf(program).keys()])).toEqual(sorted([...commandsOf().keys()]));
  });

  test('the program lists its commands itself', () => {
    const main = join(root, 'node/cli/main.ts');
    const help = execFileSync(process.execPath, [main, '--help'], { env: { ...process.env, LC_ALL: 'C' } }).toString();
    const listed = [...help.matchAll(/^ {2}([a-z]+)(?= )/gm)].map(([, name]) => name!);
    const known = silentProgram().commands.map((command) => command.name());
    expect(sorted(listed.filter((name) => name !== 'help'))).toEqual(sorted(known));
  });
});

test('the published schema is that of the code', () => {
  expect(read('node/setup/peer.schema.json') === schemaText(), 'run node node/setup/make-schema.ts').toBe(true);
});

describe('all documents', () => {
  test.each(documents)('every link of %s leads somewhere', (path) => {
    const text = read(path);
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      const [file = '', anchor] = target!.split('#');
      const full = file === '' ? path : join(dirname(path), file);
      expect(existsSync(join(root, full)), `${path}: ${target}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(read(full)), `${path}: ${target}`).toContain(anchor);
    }
  });

  test.each(documents)('every file that %s names exists', (path) => {
    const named = [...read(path).matchAll(/`((?:node|protocol|test|sim)\/[\w./-]+)`/g)].map(([, file]) => file!);
    const local =
      path === 'README.md' ? [] : [...read(path).matchAll(/`((?:\w+\/)*[\w-]+\.ts)`/g)].map(([, file]) => file!);
    const missing = named.filter((file) => !existsSync(join(root, file)));
    const near = local.filter(
      (file) => ![join(dirname(path), file), file].some((each) => existsSync(join(root, each))),
    );
    expect([...missing, ...near]).toEqual([]);
  });

  test.each(documents)('%s has lines of 120 characters at most, but for tables', (path) => {
    const prose = read(path)
      .split('\n')
      .filter((line) => !line.startsWith('|') && !line.startsWith('#'));
    const tooLong = prose.filter((line) => line.length > 120);
    expect(tooLong).toEqual([]);
  });

  test('nothing names a folder of the machine that it was written on', () => {
    const homes = new RegExp(`(^|[\\s'"\`(=:])/(${['wo' + 'rk', 'ro' + 'ot', 'ho' + 'me'].join('|')})/`, 'm');
    const text = files.filter((path) => /\.(md|ts|json|sh)$/.test(path) || !path.includes('.'));
    expect(text.filter((path) => homes.test(read(path)))).toEqual([]);
  });

  test('the lock file names no place to download from: the integrity of each package is what counts', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"');
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Dotted names of all values, in the schema's order; `[]` stands for a list's items. */
function keysOf({ properties, items }: Schema, name: string): string[] {
  if (items !== undefined && items.properties !== undefined) return keysOf(items, `${name}[]`);
  if (properties === undefined) return [name];
  return Object.entries(properties).flatMap(([key, each]) => keysOf(each, name === '' ? key : `${name}.${key}`));
}

/** Headings as anchors, the way that forges make them. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** Holds the examples in a document to the commands: every option exists, and none that is needed is missing. */
function checkExamples(text: string, atLeast: number): void {
  const commands = commandsOf();
  const examples = [...text.matchAll(/^npm run -s dicomnet -- (.+)$/gm)].map(([, line]) => line!);
  expect(examples.length).toBeGreaterThan(atLeast);
  for (const line of examples) {
    const words = line.split(' ');
    const command = commands.get(words.slice(0, 2).join(' ')) ?? commands.get(words[0]!);
    expect(command, line).toBeDefined();
    const known = command!.options.map(({ long }) => long);
    const used = words.filter((word) => word.startsWith('--'));
    expect(
      used.filter((option) => !known.includes(option)),
      line,
    ).toEqual([]);
    const missing = command!.options.filter(({ mandatory, long }) => mandatory && !used.includes(long!));
    expect(
      missing.map(({ long }) => long),
      line,
    ).toEqual([]);
  }
}
