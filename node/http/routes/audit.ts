// The audit log: who did what to whose data, and the proof that nobody changed it.
import { uintBytes } from '../../../protocol/bytes.ts';
import { audit as definitions, type Entry } from '../../api/audit.ts';
import type { ReadEntry } from '../../audit/log.ts';
import { afterOf, limitOf, type PlacedRow, pageOf } from '../paging.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

/** An entry's place is its index. */
const placeBytes = 6;

export function auditRoutes(server: Server, { audit }: HttpParts): void {
  serve(server, definitions, {
    list: async ({ query }) => {
      const { patient } = query;
      const after = afterOf(query, placeBytes);
      const from = after === undefined ? Number(query.from ?? 0) : Buffer.from(after).readUIntBE(0, placeBytes) + 1;
      const entries = audit.entries({ from, ...(patient !== undefined && { patient }) });
      const page = await pageOf(placed(entries), limitOf(query));
      return patient === undefined ? { ...page, total: audit.size } : page;
    },
    head: async () => {
      const { size, root } = await audit.head();
      return { size, root };
    },
    verify: () => audit.verify(),
  });
}

async function* placed(entries: AsyncIterable<ReadEntry>): AsyncGenerator<PlacedRow<Entry>> {
  for await (const { index, entry } of entries) {
    yield {
      place: uintBytes(index, placeBytes),
      row: entry === undefined ? { index, erased: true } : { index, ...entry },
    };
  }
}
