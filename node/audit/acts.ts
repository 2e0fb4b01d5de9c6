// What is written down: one function an act, named by what is done. It resolves when the entry is durable, and only then
// what it is about is done or shown. A new act is one line in its family and a call.
import { changing } from './acts/changing.ts';
import { exchanging } from './acts/exchanging.ts';
import { reading } from './acts/reading.ts';
import type { WritableTrail } from './trail.ts';

export { carriedOut, type End, orNoteRefused } from './acts/act.ts';

const definitions = { ...reading, ...changing, ...exchanging };

export type Acts = {
  readonly [Act in keyof typeof definitions]: (
    ...about: Parameters<(typeof definitions)[Act]['entry']>
  ) => Promise<void>;
};

/** All acts, by the kind of their entries. */
export const actsOfKinds = Object.groupBy(Object.keys(definitions) as (keyof Acts)[], (act) => definitions[act].kind);

/** The acts over a peer's log. What each throws: PeerError audit/*. */
export function actsOver(log: Pick<WritableTrail, 'append'>): Acts {
  const acts = Object.entries(definitions).map(([act, { kind, entry }]) => [
    act,
    async (...about: never[]) => {
      await log.append({ kind, act, outcome: 'success', ...(entry as (...about: never[]) => object)(...about) });
    },
  ]);
  return Object.fromEntries(acts) as Acts;
}
