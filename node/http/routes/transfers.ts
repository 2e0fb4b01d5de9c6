// Studies on their way here.
import { must } from '../../../protocol/errors.ts';
import { transfers as definitions } from '../../api/transfers.ts';
import { placeBytesOf } from '../../store/timed-rows.ts';
import { afterOf, limitOf, pageOf } from '../paging.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

const placeBytes = placeBytesOf(16);

export function transferRoutes(server: Server, { transfers }: HttpParts): void {
  serve(server, definitions, {
    list: async ({ query }) => {
      const rows = transfers.rows({ latest: true, after: afterOf(query, placeBytes) });
      return { ...(await pageOf(rows, limitOf(query))), total: await transfers.total() };
    },
    get: ({ params }) => {
      const found = transfers.get(params.id);
      must(found !== undefined, 'http/not-found');
      return found;
    },
  });
}
