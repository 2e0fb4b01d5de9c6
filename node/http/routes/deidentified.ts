// A study without its patient (PS3.15 Annex E), as multipart/related like WADO-RS gives studies.
import { Type } from 'typebox';
import { hex } from '../../../protocol/bytes.ts';
import { type ErrorCode, must } from '../../../protocol/errors.ts';
import { closed, Text, Uid } from '../../api/schemas.ts';
import { orNoteRefused } from '../../audit/acts.ts';
import type { Region } from '../../dicom/deidentify/raw/pixels.ts';
import { parseProfile } from '../../dicom/deidentify/rules/profile.ts';
import { deidentifiedStudy } from '../../dicom/deidentify/study.ts';
import { who } from '../auth.ts';
import { multipart, type Part, primed } from '../dicomweb/multipart.ts';
import type { HttpParts } from '../parts.ts';
import { answersAs, type Server } from '../typed.ts';

const dicom = 'application/dicom';
const mostRegions = 64;

const query = closed({
  profile: Type.Intersect([Text(200)], {
    description:
      'basic, then options: dates or full-dates, uids, characteristics, device, institution, descriptors, structured, graphics, safe-private, inspected.',
  }),
  blank: Type.Optional(
    Type.String({
      maxLength: 2000,
      pattern: '^\\d{1,6}(,\\d{1,6}){3}(;\\d{1,6}(,\\d{1,6}){3})*$',
      description: 'Rectangles x,y,width,height, joined by semicolons, of images in which text may be burned in.',
    }),
  ),
  suspected: Type.Optional(
    Type.Union([Type.Literal('refuse'), Type.Literal('leave-out')], {
      description: 'What becomes of documents, and of images in which text may be burned in; refuse if absent.',
    }),
  ),
});

export function deidentifiedRoutes(
  server: Server,
  { guard, acts, deidentificationKey: key, pixels, random }: HttpParts,
): void {
  const schema = {
    summary: 'A study without its patient; dicomnet-left-out says how many objects are not in it.',
    tags: ['deidentified'],
    params: closed({ study: Uid }),
    querystring: query,
    response: answersAs('Instances', 'multipart/related'),
  };
  server.get('/studies/:study/deidentified', { schema, config: { needs: 'view' } }, async (request, reply) => {
    const { blank = '', suspected = 'refuse' } = request.query;
    const profile = parseProfile(request.query.profile);
    const regions = regionsOf(blank);
    const detail = { deidentified: profile.name, regions: regions.length, suspected };
    const by = who(request);
    const reader = await guard.view(request.params.study, by, 'export', detail);
    const refused = (code: ErrorCode) => acts.exportRefused(reader.study, by, detail, code);
    const options = { profile, key, regions, suspected };
    const { leftOut, instances } = await orNoteRefused(() => deidentifiedStudy(reader, options, { pixels }), refused);
    const boundary = hex(random(16));
    reply.header('content-type', `multipart/related; type="${dicom}"; boundary=${boundary}`);
    reply.header('dicomnet-left-out', leftOut);
    const body = () => primed(multipart(partsOf(instances), boundary));
    return reply.send(await orNoteRefused(body, refused));
  });
}

type Instances = Awaited<ReturnType<typeof deidentifiedStudy>>['instances'];

async function* partsOf(instances: Instances): AsyncGenerator<Part> {
  for await (const { transferSyntax, bytes } of instances) {
    yield { contentType: `${dicom}; transfer-syntax=${transferSyntax}`, body: bytes };
  }
}

/** @throws PeerError deid/regions */
function regionsOf(text: string): Region[] {
  if (text === '') return [];
  const all = text.split(';').map((each) => each.split(',').map(Number) as [number, number, number, number]);
  must(all.length <= mostRegions, 'deid/regions');
  return all.map(([x, y, width, height]) => ({ x, y, width, height }));
}
