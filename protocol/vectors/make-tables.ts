// Writes the tables of error codes and limits into protocol/SPEC.md, between markers. Run with
// `node protocol/vectors/make-tables.ts`; running it again changes nothing, and test/docs.test.ts holds both equal.
import { readFileSync, writeFileSync } from 'node:fs';
import { catalogue } from '../errors.ts';
import { limits } from '../limits.ts';

const spec = new URL('../SPEC.md', import.meta.url);
const source = new URL('../limits.ts', import.meta.url);

/** A table as the formatter writes it, its columns of one width. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(3, head.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [heads, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
}

/** All codes by their wire number. */
function errorTable(): string {
  const rows = Object.entries(catalogue)
    .sort(([, a], [, b]) => a.wire - b.wire)
    .map(([code, { wire, http, dimse, retry, text }]) => {
      const status = `${dimse.toString(16).toUpperCase().padStart(4, '0')}H`;
      return [`${wire}`, `\`${code}\``, `${http}`, status, retry ? 'yes' : 'no', text];
    });
  return table(['number', 'code', 'HTTP', 'DIMSE', 'retry', 'says'], rows);
}

/** All limits in the order of the file, each with its comment there; one without a comment shares that before it. */
function limitTable(): string {
  const about = comments(readFileSync(source, 'utf8'));
  const rows = Object.entries(limits).map(([name, value]) => [
    `\`${name}\``,
    shown(name, value),
    about.get(name) ?? '',
  ]);
  return table(['limit', 'value', 'what it bounds'], rows);
}

function comments(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let comment = '';
  for (const line of text.split('\n')) {
    const said = /^ {2}\/\*\* (.*) \*\/$/.exec(line)?.[1];
    const name = /^ {2}(\w+):/.exec(line)?.[1];
    if (said !== undefined) comment = said.replace(/\.$/, '').replaceAll('|', '\\|');
    else if (name !== undefined) found.set(name, comment);
  }
  return found;
}

const units: readonly (readonly [number, string])[] = [
  [2 ** 40, 'TiB'],
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
];

function shown(name: string, value: number): string {
  const plain = value.toLocaleString('en-US');
  if (name.endsWith('Ms')) return `${plain} ms`;
  if (!name.endsWith('Bytes')) return plain;
  const [size, unit] = units.find(([each]) => value % each === 0) ?? [1, 'bytes'];
  return `${(value / size).toLocaleString('en-US')} ${unit}`;
}

/** The text with each generated table in its place. */
export function withTables(text: string): string {
  return fill(fill(text, 'errors', errorTable()), 'limits', limitTable());
}

/** The text with the content between the markers of this name. @throws Error when it has none */
export function fill(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no place for the table of ${name}`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

if (import.meta.main) writeFileSync(spec, withTables(readFileSync(spec, 'utf8')));
