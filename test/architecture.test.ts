// The house rules that imports can show, held to node/, protocol/ and sim/. Reasons: node/DESIGN.md, "Rooms and rules".
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** From the bottom up: whatever stands here imports from itself and from what stands above it in this list, no further. */
const rooms = [
  ['protocol', 'what peers say to each other; pure'],
  ['node/system', 'the machine: clock, chance, disk, log, events, start and stop'],
  ['node/flow', 'who waits for whom: queues, batches, limits on what runs at once'],
  ['node/api', 'what the routes take and answer, for whoever calls them; what people are told'],
  ['node/dicom', 'DICOM by itself: data sets, DIMSE, pixels, de-identification'],
  ['node/net', 'other peers: connections, messages, keepers, records near a tag'],
  ['node/store', 'what is kept here, sealed: database, objects, index, keys'],
  ['node/federation', 'who is a member: rosters, cards, the gate, the authority'],
  ['node/query', 'one search, for QIDO-RS and C-FIND'],
  ['node/manifests', 'the exact content of one study'],
  ['node/audit', 'what is written down, and what other members showed of theirs'],
  ['node/worklist', 'orders, and what becomes of them at the scanner'],
  ['node/access', 'the way out: the guard, grants, roles, accounts'],
  ['node/exchange', 'the way in, and finding, asking, handing over'],
  ['node/reports', 'conclusions and selections, as DICOM documents'],
  ['node/setup', 'configuration and data folder'],
  ['node/pacs', 'other DICOM nodes: queries, retrieval, routing'],
  ['node/core.ts', 'the peer, over any machine'],
  ['node/doctor.ts', 'what is wrong here, and what to do'],
  ['node/http', 'the routes, DICOMweb among them'],
  ['node/peer.ts', 'the peer on this machine'],
  ['node/cli', 'the commands'],
  ['node/docs', 'the manual, and the script that makes its tables'],
  ['sim', 'whole federations over a modelled machine'],
] as const;

/** What only some may import, because of what it lets them do. */
interface Waist {
  readonly rule: string;
  /** By file: the names that let do it, or all of them. */
  readonly opened: Readonly<Record<string, readonly string[] | 'all'>>;
  /** Files, and folders with all that is below them. */
  readonly to: readonly string[];
}

const waists: readonly Waist[] = [
  {
    rule: 'only exchange/import adds instances',
    opened: { 'node/store/additions.ts': ['Additions'], 'node/store/new-instance.ts': ['rowsOf', 'newPatient'] },
    to: ['node/store', 'node/exchange/import'],
  },
  {
    rule: 'the whole store is for the way in; whoever else needs of it is handed that part',
    opened: { 'node/store/start.ts': ['Store', 'openStore'] },
    to: ['node/exchange/import', 'node/access/start.ts', 'node/core.ts'],
  },
  {
    rule: 'only the acts of node/audit write entries; who does something calls its act',
    opened: {
      'node/audit/trail.ts': ['WritableTrail'],
      'node/audit/log.ts': ['AuditLog'],
      'protocol/audit/entry.ts': ['AuditEntry', 'auditEntry', 'sealEntry'],
    },
    to: ['protocol', 'node/audit', 'sim'],
  },
  {
    rule: 'objects are written only on their way in; whoever else reads them has StoredObjects',
    opened: {
      'node/store/objects.ts': ['ObjectStore', 'PartialObject', 'openObjects'],
      'node/store/packs/packs.ts': ['Packs'],
      'node/store/packs/packed-rows.ts': ['PackedRows'],
    },
    to: ['node/store', 'node/exchange', 'node/peer.ts'],
  },
  {
    rule: "a study's keys open only for access/guard, for its manifest, and for what comes in",
    opened: {
      'node/store/study-keys.ts': ['StudyKeys'],
      'protocol/access/wrap.ts': ['wrapGrant'],
      'protocol/seal/keys.ts': ['seriesKey', 'manifestKey'],
    },
    to: ['node/store', 'node/access', 'node/manifests', 'node/exchange/import', 'node/exchange/aside'],
  },
  {
    // what is kept aside is no study's yet: its own key opens it, and exchange/aside writes down who looks
    rule: 'only access/guard releases what is stored',
    opened: { 'node/access/study-reader.ts': ['studyReader', 'readSealed'], 'node/access/grants.ts': ['Grants'] },
    to: ['node/access', 'node/exchange/aside'],
  },
];

const mostLines = 400;
const mostFiles = 22;

interface Import {
  readonly from: string;
  readonly to: string;
  /** The names as the other file has them; `all` for `* as`, `import()`, a worker's file and an import for its effect. */
  readonly names: readonly string[] | 'all';
}

const below = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** What a file takes from others of the tree, in whichever way. */
function importsOf(from: string, text: string): Import[] {
  const list = (names: string | undefined): Import['names'] => {
    const braces = names?.match(/\{([^}]*)\}/)?.[1];
    if (braces === undefined) return 'all';
    const each = braces.split(',').map((name) =>
      name
        .trim()
        .replace(/^type /, '')
        .replace(/ as .*$/s, ''),
    );
    return each.filter((name) => name !== '');
  };
  const statements = /^(?:import|export)\s+(?:type\s+)?([\w$*{][^;'"]*?\sfrom\s+)?'(\.[^']+)'/gm;
  const others = /\bimport\(\s*'(\.[^']+)'\s*\)|new URL\(\s*'(\.[^']+\.ts)'/g;
  return [
    ...Array.from(text.matchAll(statements), ([, names, to]) => ({ from, to: to!, names: list(names) })),
    ...Array.from(text.matchAll(others), ([, a, b]) => ({ from, to: (a ?? b)!, names: 'all' as const })),
  ].map((each) => ({ ...each, to: join(dirname(from), each.to) }));
}

const said = ({ from, to }: Import, rule: string): string => `${from} imports ${to}: ${rule}`;

/** Imports that go up the list of rooms, and files that are in no room. */
function upward(imports: readonly Import[]): string[] {
  const floor = (path: string) => rooms.findIndex(([room]) => below(path, room));
  return imports.flatMap((each) => {
    const [from, to] = [floor(each.from), floor(each.to)];
    if (from < 0) return [`${each.from}: say in test/architecture.test.ts which room this is, and where it stands`];
    const [room] = rooms[from]!;
    return to <= from && to >= 0 ? [] : [said(each, `an arrow upwards, ${room} stands below what it takes from`)];
  });
}

/** Among the entries of each folder (files, and subfolders as wholes): arrows that lead back to where they begin. */
function circles(imports: readonly Import[]): string[] {
  const arrows = imports.flatMap((each) => {
    const [from, to] = [each.from.split('/'), each.to.split('/')];
    const apart = from.findIndex((part, i) => part !== to[i]);
    const entry = (path: readonly string[]) => path.slice(0, apart + 1).join('/');
    return apart < 0 ? [] : [{ each, from: entry(from), to: entry(to) }];
  });
  const next = Map.groupBy(arrows, ({ from }) => from);
  const after = (entry: string, seen = new Set<string>()): Set<string> => {
    for (const { to } of next.get(entry) ?? []) if (!seen.has(to)) after(to, seen.add(to));
    return seen;
  };
  const behind = new Map([...next.keys()].map((entry) => [entry, after(entry)]));
  return arrows
    .filter(({ from, to }) => behind.get(to)?.has(from))
    .map(({ each, from, to }) => said(each, `a circle, ${to} leads back to ${from}`));
}

/** Imports of what only some may have. */
const skipped = (imports: readonly Import[]): string[] =>
  waists.flatMap(({ rule, opened, to }) =>
    imports
      .filter((each) => {
        const names = opened[each.to];
        if (names === undefined || !below(each.from, 'node') || to.some((place) => below(each.from, place)))
          return false;
        return names === 'all' || each.names === 'all' || each.names.some((name) => names.includes(name));
      })
      .map((each) => said(each, rule)),
  );

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = new Map<string, string>(
  ['protocol', 'node', 'sim'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => [`${top}/${path}`, readFileSync(join(root, top, path), 'utf8')] as const),
  ),
);
const imports = [...sources].flatMap(([path, text]) => importsOf(path, text));

describe('the house', () => {
  test('has every folder and loose file of node/ in its place, and no arrow upwards', () => {
    const entries = readdirSync(join(root, 'node')).filter((name) => !name.endsWith('.md'));
    const placed = rooms.flatMap(([room]) => (room.startsWith('node/') ? [room.slice('node/'.length)] : []));
    expect(entries.sort(), 'the list of rooms above').toEqual(placed.sort());
    expect(upward(imports)).toEqual([]);
  });

  test('has no circle, neither of files nor of folders', () => expect(circles(imports)).toEqual([]));

  test('has two waists that nothing goes around', () => {
    const named = waists.flatMap(({ opened }) => Object.keys(opened));
    expect(
      named.filter((path) => !sources.has(path)),
      'named above and not there',
    ).toEqual([]);
    expect(skipped(imports)).toEqual([]);
  });

  test('has files and folders that can be read', () => {
    const lines = (text: string) => text.split('\n').length - 1;
    const long = [...sources].filter(([path, text]) => !path.startsWith('sim/') && lines(text) > mostLines);
    expect(long.map(([path, text]) => `${path}: ${lines(text)} lines, at most ${mostLines}`)).toEqual([]);
    const full = Map.groupBy(sources.keys(), dirname)
      .entries()
      .filter(([, inside]) => inside.length > mostFiles);
    expect([...full].map(([path, inside]) => `${path}: ${inside.length} files, at most ${mostFiles}`)).toEqual([]);
  });
});

describe('its rules see', () => {
  const from = (path: string, text: string): Import[] => importsOf(path, text);

  test('every way of importing', () => {
    const text = `import { a, type B as C } from './x.ts';
import type { D } from '../y.ts';
import * as all from './z.ts';
import './effect.ts';
export { e } from './x.ts';
const f = await import('./later.ts');
const g = new URL('./worker.ts', import.meta.url);
import fs from 'node:fs';`;
    expect(from('node/net/here.ts', text).map(({ to, names }) => [to, names])).toEqual([
      ['node/net/x.ts', ['a', 'B']],
      ['node/y.ts', ['D']],
      ['node/net/z.ts', 'all'],
      ['node/net/effect.ts', 'all'],
      ['node/net/x.ts', ['e']],
      ['node/net/later.ts', 'all'],
      ['node/net/worker.ts', 'all'],
    ]);
  });

  test('an arrow upwards, and a file in no room', () => {
    const found = upward([
      ...from('node/store/kv.ts', "import type { Guard } from '../access/guard.ts';"),
      ...from('protocol/box.ts', "import { Kv } from '../node/store/kv.ts';"),
      ...from('node/cellar/wine.ts', "import { Kv } from '../store/kv.ts';"),
      ...from('node/access/guard.ts', "import { Kv } from '../store/kv.ts';"),
    ]);
    expect(found.map((each) => each.split(':')[0])).toEqual([
      'node/store/kv.ts imports node/access/guard.ts',
      'protocol/box.ts imports node/store/kv.ts',
      'node/cellar/wine.ts',
    ]);
  });

  test('circles between files, folders, and a folder and a file beside it', () => {
    const found = circles([
      ...from('node/net/a.ts', "import type { B } from './b.ts';\nimport { rpc } from './rpc.ts';"),
      ...from('node/net/b.ts', "import type { A } from './a.ts';"),
      ...from('node/exchange/import/a.ts', "import { b } from '../transfer/b.ts';"),
      ...from('node/exchange/transfer/c.ts', "import { a } from '../import/d.ts';"),
    ]);
    expect(found.map((each) => each.split(':')[0])).toEqual([
      'node/net/a.ts imports node/net/b.ts',
      'node/net/b.ts imports node/net/a.ts',
      'node/exchange/import/a.ts imports node/exchange/transfer/b.ts',
      'node/exchange/transfer/c.ts imports node/exchange/import/d.ts',
    ]);
  });

  test('what goes around a waist', () => {
    const found = skipped([
      ...from('node/http/routes/x.ts', "import { studyReader, type StudyReader } from '../../access/study-reader.ts';"),
      ...from('node/http/routes/y.ts', "import type { StudyReader } from '../../access/study-reader.ts';"),
      ...from('node/pacs/y.ts', "import type { AuditTrail, WritableTrail } from '../audit/trail.ts';"),
      ...from('node/pacs/z.ts', "const { Additions } = await import('../store/additions.ts');"),
      ...from('node/exchange/import/importer.ts', "import type { Additions } from '../../store/additions.ts';"),
    ]);
    expect(found).toEqual([
      'node/pacs/z.ts imports node/store/additions.ts: only exchange/import adds instances',
      'node/pacs/y.ts imports node/audit/trail.ts: only the acts of node/audit write entries; who does something calls its act',
      'node/http/routes/x.ts imports node/access/study-reader.ts: only access/guard releases what is stored',
    ]);
  });
});
