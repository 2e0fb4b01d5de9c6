// Every row of SPEC's threat table has a test that is named after it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));

test("every row of the specification's threat table has its test, and every test its row", () => {
  const spec = readFileSync(join(here, '../../protocol/SPEC.md'), 'utf8');
  const from = spec.indexOf('\n## 12. Threats\n');
  const table = spec.slice(from, spec.indexOf('\n## ', from + 1));
  const rows = [...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, row]) => row!);
  const files = readdirSync(here).filter((name) => /^threats-[a-z]+\.test\.ts$/.test(name));
  const tests = files.flatMap((name) => [
    ...readFileSync(join(here, name), 'utf8').matchAll(/^test\(['"]([a-z-]+): /gm),
  ]);
  expect(rows.length).toBeGreaterThan(0);
  expect([...new Set(tests.map(([, row]) => row!))].sort()).toEqual(rows.sort());
});
