// Writes the tables of commands, configuration, routes and acts into manual.md, between markers, from what defines them. Run
// with `node node/docs/make-manual.ts`; running it again changes nothing, and test/docs.test.ts holds both equal.
import './english.ts';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import type { Command, Option } from 'commander';
import type { RouteOptions } from 'fastify';
import { auditKinds } from '../../protocol/audit/entry.ts';
import { fill, table } from '../../protocol/vectors/make-tables.ts';
import { permissionsOf, roles } from '../api/roles.ts';
import { actsOfKinds } from '../audit/acts.ts';
import type { Run } from '../cli/command.ts';
import { programFor } from '../cli/program.ts';
import type { HttpParts } from '../http/parts.ts';
import { withRoutes } from '../http/server.ts';
import { ConfigSchema, defaultConfig } from '../setup/config.ts';

const manual = new URL('manual.md', import.meta.url);

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

/** Text in a table's cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\.$/, '');

/** The program's commands that do something, by their words. */
export const commandsOf = (): Map<string, Command> => leavesOf(silentProgram());

export const silentProgram = (): Command => programFor(silentRun());

/** A run of the program that says nothing: its commands are looked at, not called. */
export const silentRun = (): Run => ({
  io: { out: () => undefined, err: () => undefined, live: false, now: () => 0 },
  exitCode: 0,
});

/** The commands below one that do something, by their words. */
export function leavesOf(command: Command, before = ''): Map<string, Command> {
  const found = new Map<string, Command>();
  for (const each of command.commands) {
    const name = `${before}${each.name()}`;
    if (each.commands.length === 0) found.set(name, each);
    else for (const [inner, leaf] of leavesOf(each, `${name} `)) found.set(inner, leaf);
  }
  return found;
}

/** Options that so many commands take that the manual's text explains them. */
const common = ['--json', '--data'];

/** Each command with its arguments and the options that it needs, and those that it takes besides. */
function commandTable(): string {
  const rows = [...commandsOf()].map(([name, command]) => {
    const args = command.usage().replace(/^\[options\] ?/, '');
    const own = command.options.filter(({ long }) => !common.includes(long!));
    const needed = own.filter(({ mandatory }) => mandatory).map(({ flags }) => flags);
    const others = own.filter(({ mandatory }) => !mandatory).map(({ long }) => code(long!));
    return [
      code([name, args, ...needed].filter((word) => word !== '').join(' ')),
      cell(command.description()),
      others.join(' '),
    ];
  });
  return table(['command', 'does', 'also takes'], rows);
}

/** Each option once for each meaning that it has, with the commands that give it this one. */
function optionTable(): string {
  const found = new Map<string, { option: Option; of: string[] }>();
  for (const [name, command] of commandsOf()) {
    for (const option of command.options) {
      const key = [option.flags, option.description, option.defaultValue].join('\n');
      const { of } = found.get(key) ?? found.set(key, { option, of: [] }).get(key)!;
      of.push(name);
    }
  }
  const all = commandsOf().size;
  const rows = [...found.values()]
    .sort((a, b) => (a.option.long! < b.option.long! ? -1 : 1))
    .map(({ option, of }) => [
      code(option.flags),
      of.length > all / 3 ? `${of.length} commands` : of.map(code).join(', '),
      cell(option.description) + byDefault(option),
    ]);
  return table(['option', 'of', 'what'], rows);
}

function byDefault({ defaultValue }: Option): string {
  if (defaultValue === hostname()) return "; this machine's name if absent";
  if (typeof defaultValue === 'string' && !isAbsolute(defaultValue)) return `; ${code(defaultValue)} if absent`;
  return typeof defaultValue === 'number' ? `; ${defaultValue} if absent` : '';
}

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly { readonly const: string }[];
}

/** Dotted names of all values in the schema's order, and of what is described as a whole; `[]` stands for a list's items. */
function keysOf(schema: Schema, name = ''): [string, Schema][] {
  const { properties, items, description } = schema;
  if (properties === undefined && items?.properties === undefined) return [[name, schema]];
  const whole: [string, Schema][] = description === undefined || name === '' ? [] : [[name, schema]];
  const prefix = name === '' ? '' : `${name}${items === undefined ? '' : '[]'}.`;
  const inner = Object.entries(properties ?? items!.properties!);
  return [...whole, ...inner.flatMap(([key, each]) => keysOf(each, `${prefix}${key}`))];
}

/** The schema as it is published: plain JSON. */
const published = JSON.parse(JSON.stringify(ConfigSchema)) as Schema;

function configTable(): string {
  const written = defaultConfig({ name: '', country: '' });
  const rows = keysOf(published).map(([key, { description, anyOf, items }]) => {
    const values = (anyOf ?? items?.anyOf)?.map((each) => code(each.const)).join(', ');
    const what = cell(description ?? '') + (values === undefined ? '' : `. Values: ${values}`);
    return [code(key), what, shown(at(written, key))];
  });
  return table(['key', 'what', '`init` writes'], rows);
}

const at = (value: unknown, key: string): unknown =>
  key.split('.').reduce((found, name) => (found as Record<string, unknown> | undefined)?.[name], value);

const shown = (value: unknown): string => (value === undefined || value === '' ? '' : code(JSON.stringify(value)));

interface Route {
  readonly name: string;
  readonly needs: string;
  readonly summary: string;
}

/** Routes are registered and not called, so all they need is what they look at meanwhile. */
const nothing = { peer: { name: '' } } as HttpParts;

/** What the server registers. */
async function routesOf(): Promise<Route[]> {
  const found: Route[] = [];
  const seen = ({ method, url, config, schema }: RouteOptions) => {
    const needs = [config!.needs!].flat().join(' or ');
    found.push({
      name: `${[method].flat().join(', ')} ${url}`,
      needs,
      summary: (schema as { summary: string }).summary,
    });
  };
  await withRoutes({ host: '127.0.0.1', port: 0, version: '' }, nothing, seen);
  return found;
}

async function routeTable(): Promise<string> {
  const all = await routesOf();
  // HEAD stands beside GET everywhere or nowhere: the text says it once
  const rows = all
    .filter(({ name }) => !name.startsWith('HEAD '))
    .map(({ name, needs, summary }) => [code(name), needs, cell(summary)]);
  return table(['route', 'needs', 'what'], rows);
}

function roleTable(): string {
  const rows = roles.map((role) => [role, permissionsOf(role).join(', ') || 'none yet']);
  return table(['role', 'permissions'], rows);
}

/** Every kind of SPEC 10.2. */
function actTable(): string {
  const rows = auditKinds.map((kind) => [code(kind), actsOfKinds[kind]?.map(code).join(', ') ?? 'none yet']);
  return table(['kind', 'acts'], rows);
}

/** The text with each generated table in its place. */
export async function withManualTables(text: string): Promise<string> {
  const tables = {
    commands: commandTable(),
    options: optionTable(),
    configuration: configTable(),
    routes: await routeTable(),
    roles: roleTable(),
    acts: actTable(),
  };
  return Object.entries(tables).reduce((filled, [name, content]) => fill(filled, name, content), text);
}

if (import.meta.main) writeFileSync(manual, await withManualTables(readFileSync(manual, 'utf8')));
