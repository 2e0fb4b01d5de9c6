// Writes node/setup/peer.schema.json, the published schema of D/peer.json, from config.ts. Run with `node node/setup/make-schema.ts`;
// running it again changes nothing, and test/docs.test.ts holds both equal.
import { writeFileSync } from 'node:fs';
import { ConfigSchema } from './config.ts';

const lineWidth = 120;

/** The file's content: JSON as the formatter writes it, so that lists that fit into a line stay in one. */
export const schemaText = (): string =>
  `${print({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...JSON.parse(JSON.stringify(ConfigSchema)) }, '', 0)}\n`;

/** @param before characters that stand before the value in its line */
function print(value: unknown, indent: string, before: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (!Array.isArray(value)) {
    const rows = Object.entries(value).map(([key, each]) => {
      const name = `${inner}${JSON.stringify(key)}: `;
      return name + print(each, inner, name.length);
    });
    return rows.length === 0 ? '{}' : `{\n${rows.join(',\n')}\n${indent}}`;
  }
  const flat = `[${value.map((each) => JSON.stringify(each)).join(', ')}]`;
  const simple = value.every((each) => typeof each !== 'object');
  if (simple && before + flat.length < lineWidth) return flat;
  return `[\n${value.map((each) => inner + print(each, inner, inner.length)).join(',\n')}\n${indent}]`;
}

if (import.meta.main) writeFileSync(new URL('peer.schema.json', import.meta.url), schemaText());
