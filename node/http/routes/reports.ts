// Reports of a study: read, written; and the study's manifest for other systems.
import type { FastifyReply } from 'fastify';
import { must, PeerError } from '../../../protocol/errors.ts';
import { reportForms, reports } from '../../api/reports.ts';
import { text } from '../../api/texts/texts.ts';
import { reportHtml } from '../../dicom/sr/report-html.ts';
import { reportText } from '../../dicom/sr/report-text.ts';
import { manifestToFhir } from '../../manifests/mado/fhir.ts';
import { manifestToKos } from '../../manifests/mado/kos.ts';
import { Documents } from '../../reports/documents.ts';
import { dicomMoment } from '../../system/machine.ts';
import { mediaRanges } from '../dicomweb/accept.ts';
import { spoken } from '../language.ts';
import type { HttpOptions, HttpParts } from '../parts.ts';
import { publicUrlOf } from '../public-url.ts';
import { type Call, serve } from '../serve.ts';
import type { Server } from '../typed.ts';

export function reportRoutes(server: Server, options: HttpOptions, parts: HttpParts): void {
  const { version } = options;
  const documents = new Documents({ institution: parts.peer.name, version }, { ...parts, moment: dicomMoment });
  serve(server, reports, {
    read: async ({ params: { study, instance }, request, reply, by }) => {
      const form = formFor(request.headers.accept);
      const report = await documents.report(study, instance, by);
      reply.type(`${form}; charset=utf-8`);
      if (form === 'application/json') return reply.send(JSON.stringify(report));
      const t = text(spoken(request, reply));
      return reply.send(form === 'text/html' ? reportHtml(report, t) : reportText(report, t));
    },
    conclude: ({ params, body, by }) => documents.conclude(params.study, body, by),
    selectKeyObjects: ({ params, body, by }) => documents.selectKeyObjects(params.study, body, by),
    manifest: (call) => sendManifest(options, parts, call),
  });
}

type Form = (typeof reportForms)[number];

/** The form that the client likes best; JSON for who takes anything. */
function formFor(accept: string | undefined): Form {
  for (const { type } of mediaRanges(accept)) {
    const form = reportForms.find((each) => type === '*/*' || type === each || type === each.replace(/\/.*$/, '/*'));
    if (form !== undefined) return form;
  }
  throw new PeerError('http/not-acceptable', { message: `It is ${reportForms.join(', ')}.` });
}

/** IHE RAD MADO: what the study consists of, for systems outside the network. */
async function sendManifest(
  options: HttpOptions,
  { guard, manifests, clock, random, peer }: HttpParts,
  { params, query, request, reply, by }: Call<typeof reports.manifest>,
): Promise<FastifyReply> {
  const { study } = await guard.view(params.study, by, 'export');
  must(study.origin === 'origin', 'manifest/not-ours');
  const { manifest } = await manifests.cut(study);
  const made = {
    retrieve: { url: `${publicUrlOf(options, request)}/dicom-web` },
    when: dicomMoment(clock.now()),
    random,
  };
  const [kos, fhir] = reports.manifest.answer.types;
  if (query.format === 'kos') return reply.type(kos).send(Buffer.from(manifestToKos(manifest, made)));
  const bundle = manifestToFhir(manifest, { ...made, organization: peer.name });
  return reply.type(`${fhir}; charset=utf-8`).send(JSON.stringify(bundle));
}
