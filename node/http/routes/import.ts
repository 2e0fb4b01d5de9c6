// One DICOM file in, streamed to the importer as it comes: any size, one chunk in memory.
import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import { closed } from '../../api/schemas.ts';
import { importFile } from '../../exchange/import/from-file.ts';
import { who } from '../auth.ts';
import { drained } from '../drained.ts';
import type { HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const types = ['application/dicom', 'application/octet-stream'];

export const ImportedSchema = closed({
  outcome: Type.Union(['imported', 'duplicate', 'aside', 'refused'].map((outcome) => Type.Literal(outcome))),
  study: Type.Optional(Type.String({ description: 'Study Instance UID.' })),
  kind: Type.Optional(Type.String({ description: 'quarantine or conflict, of what was kept aside.' })),
  reason: Type.Optional(Type.String({ description: 'A code of the error catalogue.' })),
});
const headers = Type.Object({
  'x-source-name': Type.Optional(
    Type.String({ maxLength: 200, description: 'Where it comes from, for the operator; nothing about a patient.' }),
  ),
});

/** Must be registered in a context of its own: it takes bodies as streams. */
export function importRoutes(server: Server, { importer }: HttpParts): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(types, (_request, payload, done) => done(null, payload));
  const schema = {
    summary: 'Imports one DICOM file; durable when it answers.',
    tags: ['import'],
    consumes: types,
    headers,
    response: answers(ImportedSchema),
  };
  server.post('/import', { schema, config: { needs: 'import' } }, async (request, reply) => {
    const note = request.headers['x-source-name'];
    const from = `http ${who(request).name}${note === undefined ? '' : `: ${note}`}`;
    const body = request.body as Readable;
    try {
      return await importFile(importer, body.iterator({ destroyOnReturn: false }), from);
    } finally {
      if (!(await drained(body))) reply.header('connection', 'close');
    }
  });
}
