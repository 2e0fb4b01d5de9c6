// What an arriving instance brings for those it goes on to: rows of the routing queue, durable with it in one write.
import type { Write } from '../../store/kv.ts';
import type { NewInstance } from '../../store/new-instance.ts';

/** The queue's rows for an instance. `callingAe` is the node that sent it, if one did. Does no input or output. */
export type Routes = (added: NewInstance, callingAe: string | undefined) => readonly Write[];

export function routed(routes: Routes | undefined, added: NewInstance, callingAe?: string): NewInstance {
  const rows = routes?.(added, callingAe) ?? [];
  return rows.length === 0 ? added : { ...added, also: [...added.also, ...rows] };
}
