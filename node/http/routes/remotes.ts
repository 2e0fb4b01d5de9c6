// Other DICOM nodes: asked, pulled from, sent to; and what waits to be sent on.
import { remotes } from '../../api/remotes.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

export function remoteRoutes(server: Server, { pacs }: HttpParts): void {
  serve(server, remotes, {
    list: () => pacs.list(),
    echo: ({ params }) => pacs.echo(params.ae),
    find: ({ params, body, reply, by }) => {
      const left = new AbortController();
      reply.raw.once('close', () => left.abort());
      return pacs.find(params.ae, body, by, left.signal);
    },
    pull: ({ params, body, by }) => pacs.pull(params.ae, body, by),
    send: ({ params, body, by }) => pacs.send(params.ae, body, by),
    commit: ({ params, body, by }) => pacs.commit(params.ae, body, by),
    jobs: () => pacs.jobs(),
    job: ({ params }) => pacs.job(params.id),
    cancel: ({ params }) => pacs.cancel(params.id),
    routing: () => pacs.routing(),
  });
}
