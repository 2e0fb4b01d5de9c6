// STOW-RS (PS3.18 10.5): instances as files, or as metadata with bulk data, streamed into the importer.
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { must, PeerError } from '../../../../protocol/errors.ts';
import { closed, Uid } from '../../../api/schemas.ts';
import { dicomJsonText } from '../../../dicom/model/json.ts';
import { dicomXml } from '../../../dicom/model/xml.ts';
import type { ImportOutcome } from '../../../system/events.ts';
import { who } from '../../auth.ts';
import { headerValue } from '../../content-type.ts';
import { drained } from '../../drained.ts';
import { MultipartReader } from '../../multipart-reader.ts';
import type { HttpOptions, HttpParts } from '../../parts.ts';
import { publicUrlOf } from '../../public-url.ts';
import { answersAs, type Server } from '../../typed.ts';
import { chooseOf, mediaRanges, type Offer } from '../accept.ts';
import { dicomJsonType, dicomXmlType } from '../wado/data-sets.ts';
import { dicomType } from '../wado/retrieve.ts';
import { storeMetadata } from './metadata.ts';
import { storeResponse, storeStatus } from './response.ts';
import { StowRequest } from './stow.ts';

const config = { needs: 'import' } as const;
const related = 'multipart/related';
const inStudy = closed({ study: Uid });
const json: Offer = { type: dicomJsonType, also: ['application/json'], single: true, bare: true };
const xml: Offer = { type: dicomXmlType, also: ['text/xml', 'application/xml'], single: true };

/** Must be registered in a context of its own: it takes bodies as streams. */
export function storeRoutes(server: Server, options: HttpOptions, parts: HttpParts): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  const response = {
    ...answersAs('All were stored', dicomJsonType, dicomXmlType),
    202: { description: 'Some were stored', content: { [dicomJsonType]: { schema: {} } } },
    409: { description: 'None was stored', content: { [dicomJsonType]: { schema: {} } } },
  };
  const schema = { tags: ['DICOMweb'], consumes: [related, dicomType], response };
  const store = (request: FastifyRequest, reply: FastifyReply, study?: string) =>
    answer(request, reply, study, options, parts);
  server.post('/studies', { schema: { ...schema, summary: 'Stores instances.' }, config }, (request, reply) =>
    store(request, reply),
  );
  const into = { ...schema, summary: 'Stores instances of this study, and no others.', params: inStudy };
  server.post('/studies/:study', { schema: into, config }, (request, reply) =>
    store(request, reply, request.params.study),
  );
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  study: string | undefined,
  options: HttpOptions,
  parts: HttpParts,
): Promise<FastifyReply> {
  const { offer } = chooseOf(mediaRanges(request.headers.accept), [json, xml]);
  const { importer, events } = parts;
  const count = (outcome: ImportOutcome) => events.instanceArrived('stow', outcome);
  const storing = new StowRequest({ from: `STOW-RS ${who(request).name}`, study }, { importer, count });
  const body = request.body as Readable | undefined;
  must(body !== undefined && body !== null, 'http/invalid', { message: 'There is no body.' });
  let stored: Awaited<ReturnType<StowRequest['done']>>;
  try {
    await take(storing, request, body, parts);
    stored = await storing.done();
  } catch (error) {
    stored = await storing.settled();
    // what was stored is told of, with what was not; when nothing was, the error is the answer
    if (!(error instanceof PeerError) || !stored.some(({ reason }) => reason === undefined)) throw error;
    storing.refuse(error.code);
  } finally {
    if (!(await drained(body))) reply.header('connection', 'close');
  }
  must(stored.length > 0, 'http/invalid', { message: 'There is no instance in it.' });
  const base = `${publicUrlOf(options, request)}/dicom-web`;
  const response = storeResponse(stored, base, study);
  const uriOf = (_tag: string, uri: string) => uri;
  const text = offer === json ? dicomJsonText(response, uriOf) : [...dicomXml(response, uriOf)].join('');
  return reply.code(storeStatus(stored)).type(offer.type).send(text);
}

async function take(storing: StowRequest, request: FastifyRequest, body: Readable, parts: HttpParts): Promise<void> {
  const { value, parameters } = headerValue(request.headers['content-type']);
  const bytes = () => body.iterator({ destroyOnReturn: false });
  if (value === dicomType) return storing.file(bytes());
  must(value === related, 'http/media-type');
  const type = parameters.type?.toLowerCase();
  must(type === undefined || type === dicomType || type === dicomJsonType, 'http/media-type');
  const reader = new MultipartReader(bytes(), parameters.boundary);
  if (type === dicomJsonType) return storeMetadata(storing, reader, parts.spool);
  for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
    const said = part.headers['content-type'];
    const is = said === undefined ? dicomType : headerValue(said).value;
    if (is === dicomType) await storing.file(part.body);
    else storing.refuse('http/media-type');
  }
}
