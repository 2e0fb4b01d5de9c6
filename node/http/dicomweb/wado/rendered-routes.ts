// The routes of pictures: WADO-RS rendered and thumbnail at every level, and WADO-URI.
import { type TSchema, Type } from 'typebox';
import type { HttpParts } from '../../parts.ts';
import { answersAs, type Server } from '../../typed.ts';
import { retrieveRendered, retrieveThumbnail } from './rendered.ts';
import { pictureQuery } from './rendered-query.ts';
import type { WadoResponder } from './responder.ts';
import type { Selection } from './response.ts';
import { retrieveByUri } from './wado-uri.ts';

const config = { needs: 'view' } as const;
const tags = ['DICOMweb'];
const text = (description: string) => Type.Optional(Type.Unknown({ description }));

const Query = Type.Object({
  window: text('center,width,function; linear, linear-exact or sigmoid.'),
  viewport: text('vw,vh or vw,vh,sx,sy,sw,sh.'),
  quality: text('Of JPEG, 1 to 100.'),
  accept: text('Media types, instead of the header.'),
});

const UriQuery = Type.Object({
  requestType: text('WADO.'),
  studyUID: text('Of the study.'),
  seriesUID: text('Of the series.'),
  objectUID: text('Of the instance.'),
  contentType: text('application/dicom, image/jpeg (usual), image/png, application/pdf or text/html.'),
  transferSyntax: text('Of application/dicom; explicit VR little endian if absent.'),
  frameNumber: text('1 is the first.'),
  rows: text('Of the picture, at most.'),
  columns: text('Of the picture, at most.'),
  region: text('left,top,right,bottom from 0.0 to 1.0.'),
  windowCenter: text('With windowWidth.'),
  windowWidth: text('With windowCenter.'),
  imageQuality: text('Of JPEG, 1 to 100.'),
});

/** Resources' URLs, each with the schema of what stands in it. */
type Levels = readonly (readonly [string, TSchema])[];

const pictures = answersAs('Pictures', 'image/jpeg', 'image/png', 'application/pdf', 'text/html', 'multipart/related');

export function renderedRoutes(server: Server, parts: HttpParts, web: WadoResponder, levels: Levels): void {
  for (const [url, params] of levels) {
    const schema = { tags, params, querystring: Query, response: pictures };
    web.get(server, `${url}/rendered`, { schema: { ...schema, summary: 'Pictures.' }, config }, (request) => {
      const { frames, ...selection } = request.params as Selection & { frames?: string };
      const numbers = frames?.split(',').map(Number);
      return retrieveRendered(parts, web.asked(request, selection), pictureQuery(request.url), numbers);
    });
    web.get(server, `${url}/thumbnail`, { schema: { ...schema, summary: 'A small picture.' }, config }, (request) => {
      const { frames, ...selection } = request.params as Selection & { frames?: string };
      const frame = frames === undefined ? undefined : Number(frames.split(',')[0]);
      return retrieveThumbnail(parts, web.asked(request, selection), pictureQuery(request.url), frame);
    });
  }
}

/** WADO-URI at one URL. */
export function uriRoute(server: Server, url: string, parts: HttpParts, web: WadoResponder): void {
  const response = answersAs('An object or a picture of it', 'application/dicom', 'image/jpeg', 'image/png');
  const schema = { summary: 'One object or picture (WADO-URI).', tags, querystring: UriQuery, response };
  web.get(server, url, { schema, config }, (request) =>
    retrieveByUri(parts, web.asked(request, { study: '' }), request.url),
  );
}
