// What came in and could not be taken: listed, looked at, compared, decided.
import { quarantine } from '../../api/quarantine.ts';
import { carriedOut } from '../../audit/acts.ts';
import type { AsideRecord } from '../../exchange/import/aside.ts';
import type { FileImported } from '../../exchange/import/from-file.ts';
import { placeBytesOf } from '../../store/timed-rows.ts';
import { primed } from '../dicomweb/multipart.ts';
import { afterOf, limitOf, pageOf } from '../paging.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

const placeBytes = placeBytesOf(8);

export function quarantineRoutes(server: Server, { aside, retryAside, decisions, acts }: HttpParts): void {
  serve(server, quarantine, {
    list: async ({ query, by }) => {
      await acts.listed('quarantine', by);
      const { rows, ...rest } = await pageOf(aside.rows({ after: afterOf(query, placeBytes) }), limitOf(query));
      return { ...rest, rows: rows.map(shown), total: await aside.total() };
    },
    get: async ({ params: { id }, by }) => {
      await acts.asideOpened(id, by);
      return shown(await aside.get(id));
    },
    differences: ({ params, by }) => decisions.differences(params.id, by),
    file: async ({ params, by, reply }) =>
      reply.type(quarantine.file.answer.types[0]).send(await primed(await decisions.bytes(params.id, by))),
    resolve: ({ params, body, by }) => decisions.resolve(params.id, body, by),
    retry: ({ params: { id }, by }) =>
      carriedOut<FileImported>(
        (end) => acts.asideRetried(id, by, end),
        () => retryAside(id),
      ),
  });
}

/** Everything but its key. */
const shown = ({ id, kind, reason, announced, plainLength, at }: AsideRecord) => ({
  ...{ id, kind, reason, from: announced.from, transferSyntax: announced.transferSyntax },
  ...announced.instance,
  ...{ bytes: plainLength, at },
});
