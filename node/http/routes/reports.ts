// Reports of a study: read, written; and the study's manifest for other systems.
import { type TSchema, Type } from 'typebox';
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { closed, Text, Uid } from '../../api/schemas.ts';
import { text } from '../../api/texts/texts.ts';
import { type KeyObjectTitle, keyObjectTitles } from '../../dicom/sr/key-objects.ts';
import { reportHtml } from '../../dicom/sr/report-html.ts';
import { reportText } from '../../dicom/sr/report-text.ts';
import { manifestToFhir } from '../../manifests/mado/fhir.ts';
import { manifestToKos } from '../../manifests/mado/kos.ts';
import { Documents } from '../../reports/documents.ts';
import { dicomMoment } from '../../system/machine.ts';
import { who } from '../auth.ts';
import { mediaRanges } from '../dicomweb/accept.ts';
import { spoken } from '../language.ts';
import type { HttpOptions, HttpParts } from '../parts.ts';
import { publicUrlOf } from '../public-url.ts';
import { answers, answersAs, type Server } from '../typed.ts';

const tags = ['reports'];
const inStudy = closed({ study: Uid });
const WrittenSchema = closed({ study: Uid, series: Uid, instance: Uid });

const Reference = closed({
  instance: Uid,
  frames: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }), { minItems: 1, maxItems: 1000 }),
  ),
});
const Language = Type.String({
  pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$',
  maxLength: 16,
  description: 'As de-DE.',
});
const references = (minItems: number) => Type.Array(Reference, { minItems, maxItems: limits.reportReferences });

const Conclusion = closed({
  title: Type.Optional(closed({ code: Text(16), meaning: Text(64) })),
  findings: Type.Optional(Text(limits.reportTextChars)),
  impression: Type.Optional(Text(limits.reportTextChars)),
  conclusion: Text(limits.reportTextChars),
  language: Type.Optional(Language),
  references: Type.Optional(references(0)),
  verified: Type.Optional(Type.Boolean({ description: 'The writer answers for it; practitioners and imaging only.' })),
});

const Title = Type.Unsafe<KeyObjectTitle>(Type.Union(Object.keys(keyObjectTitles).map((title) => Type.Literal(title))));
const KeyObjects = closed({
  title: Title,
  instances: references(1),
  note: Type.Optional(Text(limits.reportTextChars)),
  language: Type.Optional(Language),
});

export function reportRoutes(server: Server, options: HttpOptions, parts: HttpParts): void {
  const { version } = options;
  const documents = new Documents({ institution: parts.peer.name, version }, { ...parts, moment: dicomMoment });

  const params = closed({ study: Uid, instance: Uid });
  const response = answersAs('The report: its tree, a page, or text', ...forms);
  const read = { summary: 'A structured report to be read.', tags, params, response };
  server.get(
    '/studies/:study/instances/:instance/report',
    { schema: read, config: { needs: 'view' } },
    async (request, reply) => {
      const form = formFor(request.headers.accept);
      const { study, instance } = request.params;
      const report = await documents.report(study, instance, who(request));
      reply.type(`${form}; charset=utf-8`);
      if (form === 'application/json') return reply.send(JSON.stringify(report));
      const t = text(spoken(request, reply));
      return reply.send(form === 'text/html' ? reportHtml(report, t) : reportText(report, t));
    },
  );

  const post = (summary: string, body: TSchema) => ({
    summary,
    tags,
    params: inStudy,
    response: answers(WrittenSchema, 201),
    body,
  });
  const conclude = { ...post('Writes a conclusion into the study.', Conclusion), body: Conclusion };
  server.post(
    '/studies/:study/conclusions',
    { schema: conclude, config: { needs: 'report' } },
    async (request, reply) =>
      reply.code(201).send(await documents.conclude(request.params.study, request.body, who(request))),
  );

  const select = { ...post('Writes a selection of instances into the study.', KeyObjects), body: KeyObjects };
  server.post('/studies/:study/key-objects', { schema: select, config: { needs: 'report' } }, async (request, reply) =>
    reply.code(201).send(await documents.selectKeyObjects(request.params.study, request.body, who(request))),
  );

  manifestRoute(server, options, parts);
}

const forms = ['application/json', 'text/html', 'text/plain'] as const;
type Form = (typeof forms)[number];

/** The form that the client likes best; JSON for who takes anything. */
function formFor(accept: string | undefined): Form {
  for (const { type } of mediaRanges(accept)) {
    const form = forms.find((each) => type === '*/*' || type === each || type === each.replace(/\/.*$/, '/*'));
    if (form !== undefined) return form;
  }
  throw new PeerError('http/not-acceptable', { message: `It is ${forms.join(', ')}.` });
}

const Format = Type.Unsafe<'kos' | 'fhir'>(Type.Union([Type.Literal('kos'), Type.Literal('fhir')]));

/** IHE RAD MADO: what the study consists of, for systems outside the network. */
function manifestRoute(server: Server, options: HttpOptions, parts: HttpParts): void {
  const { guard, manifests, clock, random, peer } = parts;
  const schema = {
    summary: 'What the study consists of: a DICOM key object selection or a FHIR Bundle after IHE MADO.',
    tags,
    params: inStudy,
    querystring: closed({ format: Format }),
    response: answersAs('The manifest', 'application/dicom', 'application/fhir+json'),
  };
  server.get('/studies/:study/manifest', { schema, config: { needs: 'view' } }, async (request, reply) => {
    const { study } = await guard.view(request.params.study, who(request), 'export');
    must(study.origin === 'origin', 'manifest/not-ours');
    const { manifest } = await manifests.cut(study);
    const made = {
      retrieve: { url: `${publicUrlOf(options, request)}/dicom-web` },
      when: dicomMoment(clock.now()),
      random,
    };
    if (request.query.format === 'kos') {
      return reply.type('application/dicom').send(Buffer.from(manifestToKos(manifest, made)));
    }
    const bundle = manifestToFhir(manifest, { ...made, organization: peer.name });
    return reply.type('application/fhir+json; charset=utf-8').send(JSON.stringify(bundle));
  });
}
