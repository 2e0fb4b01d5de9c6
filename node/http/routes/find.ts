// Who has what of a patient.
import { find } from '../../api/find.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

export function findRoutes(server: Server, { finder }: HttpParts): void {
  serve(server, find, {
    find: ({ body, by, reply }) => {
      const left = new AbortController();
      reply.raw.once('close', () => left.abort());
      return finder.find(body, by, left.signal);
    },
  });
}
