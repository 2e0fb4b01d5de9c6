// Drag and drop: any number of files, archives, documents and pictures in one request, streamed, answered by a report.
import type { Readable } from 'node:stream';
import { must, PeerError } from '../../../protocol/errors.ts';
import { formType, uploadFields, uploads } from '../../api/imports.ts';
import type { Intake } from '../../exchange/upload/upload.ts';
import { headerValue } from '../content-type.ts';
import { drained } from '../drained.ts';
import { type MultipartPart, MultipartReader } from '../multipart-reader.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

const fieldBytes = 1024;

/** Must be registered in a context of its own: it takes bodies as streams. */
export function uploadRoutes(server: Server, parts: HttpParts): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser([...uploads.files.body.types], (_request, payload, done) => done(null, payload));
  serve(server, uploads, {
    files: async ({ request, reply, by }) => {
      const body = request.body as Readable;
      const { value, parameters } = headerValue(request.headers['content-type']);
      const intake = parts.intake(`upload ${by.name}`);
      const bytes = body.iterator({ destroyOnReturn: false });
      try {
        if (value === formType) await takeForm(intake, new MultipartReader(bytes, parameters.boundary), parts);
        else await intake.take('upload.zip', bytes);
      } finally {
        if (!(await drained(body))) reply.header('connection', 'close');
      }
      return intake.done();
    },
  });
}

async function takeForm(intake: Intake, reader: MultipartReader, parts: HttpParts): Promise<void> {
  const said: Partial<Record<(typeof uploadFields)[number], string>> = {};
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
    const name = uploadFields.find((each) => each === parameters.name);
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
