import { audited } from './audited.ts';
import type { Check } from './check.ts';
import { expelled } from './expelled.ts';
import { found } from './found.ts';
import { granted } from './granted.ts';
import { kept } from './kept.ts';
import { leaks } from './leaks.ts';
import { settled } from './settled.ts';

/** Fresh ones for each world: they remember what they have looked at. */
export const allChecks = (): Check[] => [leaks(), kept(), granted(), audited(), expelled(), found(), settled()];
