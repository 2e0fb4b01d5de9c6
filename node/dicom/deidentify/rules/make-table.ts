// Makes profile-table.json, the one place that says what happens to which attribute, from Table E.1-1 of PS3.15 as JSON
// (`confidentiality_profile_attributes.json` of the Innolitics DICOM standard browser): node make-table.ts INPUT.json
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dictionary } from 'dcmjs/dictionary';

interface Row {
  readonly id: string;
  readonly basicProfile: string;
  readonly [option: string]: string | undefined;
}

/** The table's columns by our names for the options. */
const columns: Readonly<Record<string, string>> = {
  rtnSafePrivOpt: 'safe-private',
  rtnUIDsOpt: 'uids',
  rtnDevIdOpt: 'device',
  rtnInstIdOpt: 'institution',
  rtnPatCharsOpt: 'characteristics',
  rtnLongFullDatesOpt: 'full-dates',
  rtnLongModifDatesOpt: 'dates',
  cleanDescOpt: 'descriptors',
  cleanStructContOpt: 'structured',
  cleanGraphOpt: 'graphics',
};

const input = process.argv[2];
if (input === undefined) throw new Error('name the table: node make-table.ts confidentiality_profile_attributes.json');
const rows = JSON.parse(await readFile(input, 'utf8')) as Row[];
const listed = new Map(rows.map((row) => [keyOf(row.id), ruleOf(row)]));
const table = {
  source: 'DICOM PS3.15 Table E.1-1',
  rows: Object.fromEntries([...listed].sort(([a], [b]) => (a < b ? -1 : 1))),
  texts: textsKept(),
};
await writeFile(join(import.meta.dirname, 'profile-table.json'), `${JSON.stringify(table, undefined, 2)}\n`);

/** `00080050`; `50xx` for all of a repeating group; `private`. */
function keyOf(id: string): string {
  if (/^[0-9a-f]{8}$/.test(id)) return id.toUpperCase();
  if (/^[56]0xx([0-9a-f]{4}|xxxx)$/.test(id)) return id.toUpperCase().replaceAll('X', 'x');
  if (id === 'ggggeeee-where-gggg-is-odd') return 'private';
  throw new Error(`a row of a new form: ${id}`);
}

function ruleOf(row: Row): string {
  const known = new Set([...Object.keys(columns), 'id', 'name', 'tag', 'stdCompIOD', 'basicProfile']);
  const foreign = Object.keys(row).filter((key) => !known.has(key));
  if (foreign.length > 0) throw new Error(`a column of a new name: ${foreign}`);
  const options = Object.entries(columns).flatMap(([column, option]) =>
    row[column] ? [`${option}:${row[column]}`] : [],
  );
  return [row.basicProfile, ...options].join(' ');
}

/**
 * Attributes of VR LO and SH that Table E.1-1 does not list are kept only when they are in this list: technical terms and
 * codes of the groups that describe equipment, acquisition and image. What people type (descriptions, labels, comments)
 * or what numbers a thing or person is left out, and so is all that a later dictionary brings.
 */
function textsKept(): string[] {
  const groups = /^(0008|0018|0020|0022|0024|0028|003A|0046|0048|0050|0052|0054|0060|0062|0066|0070|3002|300A|300C)/;
  const typed =
    /Descri|Label|Comment|Explanation|Text|Title|Owner|Address|Creator|Notes|Detail|Serial|Location|Protocol|TimeSource|DataSet/;
  const numbered = /(ID|IDs|Number|Code)$/;
  const named = /(Beam|Block|Shield|Setup|Machine|Template|RTImage|RTPlan|Configuration|System)Name$|RETIRED/;
  // codes, and identifiers that only point within the object
  const also =
    '00080100 00080102 00080103 00080104 00080119 00080120 0040DB00 00209056 00480106 006A000E 00420012 00420014';
  const texts = new Set(also.split(' '));
  for (const [key, { vr, name }] of Object.entries(dictionary)) {
    const tag = key.replace(/[(),]/g, '').toUpperCase();
    if (!/^[0-9A-F]{8}$/.test(tag) || listed.has(tag) || (vr !== 'LO' && vr !== 'SH')) continue;
    if (groups.test(tag) && ![typed, numbered, named].some((each) => each.test(name))) texts.add(tag);
  }
  return [...texts].sort();
}
