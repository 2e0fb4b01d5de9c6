// A study without its patient (PS3.15 Annex E), as multipart/related like WADO-RS gives studies.
import { hex } from '../../../protocol/bytes.ts';
import { type ErrorCode, must } from '../../../protocol/errors.ts';
import { deidentified } from '../../api/deidentified.ts';
import { orNoteRefused } from '../../audit/acts.ts';
import type { Region } from '../../dicom/deidentify/raw/pixels.ts';
import { parseProfile } from '../../dicom/deidentify/rules/profile.ts';
import { deidentifiedStudy } from '../../dicom/deidentify/study.ts';
import { multipart, type Part, primed } from '../dicomweb/multipart.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

const dicom = 'application/dicom';
const mostRegions = 64;

export function deidentifiedRoutes(
  server: Server,
  { guard, acts, deidentificationKey: key, pixels, random }: HttpParts,
): void {
  serve(server, deidentified, {
    study: async ({ params, query, reply, by }) => {
      const { blank = '', suspected = 'refuse' } = query;
      const profile = parseProfile(query.profile);
      const regions = regionsOf(blank);
      const detail = { deidentified: profile.name, regions: regions.length, suspected };
      const reader = await guard.view(params.study, by, 'export', detail);
      const refused = (code: ErrorCode) => acts.exportRefused(reader.study, by, detail, code);
      const options = { profile, key, regions, suspected };
      const { leftOut, instances } = await orNoteRefused(() => deidentifiedStudy(reader, options, { pixels }), refused);
      const boundary = hex(random(16));
      reply.header('content-type', `multipart/related; type="${dicom}"; boundary=${boundary}`);
      reply.header('dicomnet-left-out', leftOut);
      const body = () => primed(multipart(partsOf(instances), boundary));
      return reply.send(await orNoteRefused(body, refused));
    },
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
