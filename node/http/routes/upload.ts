// Drag and drop: any number of files, archives, documents and pictures in one request, streamed, answered by a report.
import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import { must, PeerError } from '../../../protocol/errors.ts';
import { closed } from '../../api/schemas.ts';
import type { Intake } from '../../exchange/upload/upload.ts';
import { who } from '../auth.ts';
import { headerValue } from '../content-type.ts';
import { drained } from '../drained.ts';
import { type MultipartPart, MultipartReader } from '../multipart-reader.ts';
import type { HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const form = 'multipart/form-data';
const zips = ['application/zip', 'application/x-zip-compressed'];

const ReportSchema = closed({
  imported: Type.Integer(),
  duplicates: Type.Integer(),
  conflicts: Type.Integer(),
  refused: Type.Array(
    closed({
      path: Type.String({ description: 'As the sender named it; of a file in an archive, below the archive’s name.' }),
      reason: Type.String({ description: 'A code of the error catalogue.' }),
    }),
  ),
  refusedMore: Type.Integer({ description: 'How many more were refused than are listed.' }),
  studies: Type.Array(Type.String(), { description: 'Study Instance UIDs of what is here now.' }),
});

const fields = ['patient', 'system', 'name', 'birthDate', 'title'] as const;
const fieldBytes = 1024;

/** Must be registered in a context of its own: it takes bodies as streams. */
export function uploadRoutes(server: Server, parts: HttpParts): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser([form, ...zips], (_request, payload, done) => done(null, payload));
  const schema = {
    summary: 'Imports files, zip archives and, for a patient named by fields before them, PDF, JPEG, PNG, MP4 and STL.',
    description: `Fields of the form, before the files: ${fields.join(', ')}. Durable when it answers.`,
    tags: ['import'],
    consumes: [form, ...zips],
    response: answers(ReportSchema),
  };
  server.post('/upload', { schema, config: { needs: 'import' } }, async (request, reply) => {
    const body = request.body as Readable;
    const { value, parameters } = headerValue(request.headers['content-type']);
    const intake = parts.intake(`upload ${who(request).name}`);
    const bytes = body.iterator({ destroyOnReturn: false });
    try {
      if (value === form) await takeForm(intake, new MultipartReader(bytes, parameters.boundary), parts);
      else await intake.take('upload.zip', bytes);
    } finally {
      if (!(await drained(body))) reply.header('connection', 'close');
    }
    return intake.done();
  });
}

async function takeForm(intake: Intake, reader: MultipartReader, parts: HttpParts): Promise<void> {
  const said: Partial<Record<(typeof fields)[number], string>> = {};
  let changed = false;
  for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
    const { value, parameters } = headerValue(part.headers['content-disposition']);
    must(value === 'form-data' && parameters.name !== undefined, 'http/multipart', { message: 'content-disposition' });
    if (parameters.filename !== undefined) {
      const { patient, ...rest } = said;
      if (changed && patient !== undefined) intake.patient = parts.choosePatient({ ...rest, value: patient });
      changed = false;
      await intake.take(parameters.filename.slice(0, 1024), part.body);
      continue;
    }
    const name = fields.find((each) => each === parameters.name);
    must(name !== undefined && said[name] === undefined, 'http/invalid', {
      at: `form/${parameters.name.slice(0, 64)}`,
    });
    const text = await fieldText(part);
    if (text !== '') said[name] = text;
    changed = true;
  }
}

async function fieldText({ body }: MultipartPart): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > fieldBytes) throw new PeerError('http/too-large');
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces).toString('utf8').trim();
}
