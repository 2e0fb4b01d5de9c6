// Deterministic bytes for vectors and tests: never a source of keys.
import { concat, uintBytes, utf8 } from '../bytes.ts';
import { sha256 } from '../hash.ts';
import type { Random } from '../ports.ts';

/** The same bytes for the same seed and the same sequence of lengths, on every machine. */
export function seeded(seed: string): Random {
  let counter = 0;
  return (length) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () =>
      sha256(concat(utf8(`dicomnet vectors ${seed}`), uintBytes(counter++, 4))),
    );
    return concat(...blocks).subarray(0, length);
  };
}
