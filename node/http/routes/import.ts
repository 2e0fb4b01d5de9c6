// One DICOM file in, streamed to the importer as it comes: any size, one chunk in memory.
import type { Readable } from 'node:stream';
import { imports } from '../../api/imports.ts';
import { importFile } from '../../exchange/import/from-file.ts';
import { drained } from '../drained.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

/** Must be registered in a context of its own: it takes bodies as streams. */
export function importRoutes(server: Server, { importer }: HttpParts): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser([...imports.file.body.types], (_request, payload, done) => done(null, payload));
  serve(server, imports, {
    file: async ({ headers, request, reply, by }) => {
      const note = headers['x-source-name'];
      const from = `http ${by.name}${note === undefined ? '' : `: ${note}`}`;
      const body = request.body as Readable;
      try {
        return await importFile(importer, body.iterator({ destroyOnReturn: false }), from);
      } finally {
        if (!(await drained(body))) reply.header('connection', 'close');
      }
    },
  });
}
