// Table E.1-1 of PS3.15, from profile-table.json (made by make-table.ts): the rule of every listed attribute.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Option, optionNames } from './profile.ts';

/** D dummy, Z empty or dummy, X remove, K keep, C clean, U replace the UID; combined ones depend on the IOD's type. */
export type ActionCode = 'D' | 'Z' | 'X' | 'X/Z' | 'X/D' | 'Z/D' | 'X/Z/D' | 'X/Z/U*' | 'U';

export interface Rule {
  readonly basic: ActionCode;
  /** What an option makes of it. */
  readonly options: ReadonlyMap<Option, 'K' | 'C'>;
}

interface Table {
  readonly rows: Readonly<Record<string, string>>;
  readonly texts: readonly string[];
}

const table = JSON.parse(readFileSync(join(import.meta.dirname, 'profile-table.json'), 'utf8')) as Table;
const rules = new Map<number, Rule>();
const texts = new Set(table.texts.map((tag) => Number.parseInt(tag, 16)));
export const privateRule: Rule = parse(table.rows.private!);
/** Curves and overlays are pictures of their own: a program cannot clean them, so no option keeps them. */
const repeated: Rule = { ...parse(table.rows['60xx3000']!), options: new Map() };

for (const [tag, row] of Object.entries(table.rows)) {
  if (/^[0-9A-F]{8}$/.test(tag)) rules.set(Number.parseInt(tag, 16), parse(row));
}

function parse(row: string): Rule {
  const [basic, ...rest] = row.split(' ');
  const options = rest.map((each): [Option, 'K' | 'C'] => {
    const [option, code] = each.split(':');
    if (!optionNames.includes(option as Option) || (code !== 'K' && code !== 'C')) throw new Error(`table row ${row}`);
    return [option as Option, code];
  });
  return { basic: basic as ActionCode, options: new Map(options) };
}

/**
 * The rule for a standard attribute, undefined when the table does not list it. Whole groups of curves and overlays go
 * with their data, which says what the rest of the group is worth.
 */
export function ruleOf(tag: number): Rule | undefined {
  const repeating = (tag >>> 16) & 0xff00;
  if (repeating === 0x5000 || repeating === 0x6000) return repeated;
  return rules.get(tag);
}

/** All listed attributes, for tests and for those who want to read them. */
export const listed: ReadonlyMap<number, Rule> = rules;

/** Whether a text attribute (LO, SH, UC, UR) that the table does not list holds technical terms and may stay. */
export const isTechnicalText = (tag: number): boolean => texts.has(tag);
