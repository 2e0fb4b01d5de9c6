// DICOMweb's routes. Each answer is made while it is sent: a slow client holds one chunk.
import { Type } from 'typebox';
import { limits } from '../../../protocol/limits.ts';
import { closed, Uid } from '../../api/schemas.ts';
import type { HttpOptions, HttpParts } from '../parts.ts';
import { answersAs, type Server } from '../typed.ts';
import { searchRoutes } from './qido/routes.ts';
import { dicomJsonType } from './wado/data-sets.ts';
import { renderedRoutes, uriRoute } from './wado/rendered-routes.ts';
import { WadoResponder } from './wado/responder.ts';
import type { Selection } from './wado/response.ts';
import { dicomType, retrieveBulkData, retrieveFiles, retrieveFrames, retrieveMetadata } from './wado/retrieve.ts';

const config = { needs: 'view' } as const;
const tags = ['DICOMweb'];
const related = 'multipart/related';

const inStudy = closed({ study: Uid });
const inSeries = closed({ study: Uid, series: Uid });
const inInstance = closed({ study: Uid, series: Uid, instance: Uid });
const Digits = Type.String({ pattern: '^[0-9]{1,15}$' });
const bulk = closed({ study: Uid, series: Uid, instance: Uid, offset: Digits, length: Digits });
const Frames = Type.String({ pattern: '^[1-9][0-9]{0,8}(,[1-9][0-9]{0,8})*$', maxLength: limits.httpParamBytes });
const frames = closed({ study: Uid, series: Uid, instance: Uid, frames: Frames });

export function dicomWebRoutes(server: Server, options: HttpOptions, parts: HttpParts): void {
  const web = new WadoResponder(options, parts);
  searchRoutes(server, parts, web);
  const levels = [
    ['/studies/:study', inStudy],
    ['/studies/:study/series/:series', inSeries],
    ['/studies/:study/series/:series/instances/:instance', inInstance],
  ] as const;
  for (const [url, params] of levels) {
    const whole = { summary: 'The files, as they are stored or in another transfer syntax.', tags, params };
    const files = answersAs('Instances', related, dicomType);
    web.get(server, url, { schema: { ...whole, response: files }, config }, (request) =>
      retrieveFiles(parts, web.asked(request, request.params as Selection)),
    );
    const headers = { summary: 'The headers.', tags, params, response: answersAs('Data sets', dicomJsonType, related) };
    web.get(server, `${url}/metadata`, { schema: headers, config }, (request) =>
      retrieveMetadata(parts, web.asked(request, request.params as Selection)),
    );
  }
  const url = levels[2][0];
  frameRoutes(server, parts, web, url);
  renderedRoutes(server, parts, web, [...levels, [`${url}/frames/:frames`, frames]]);
  uriRoute(server, '/wado-uri', parts, web);
}

function frameRoutes(server: Server, parts: HttpParts, web: WadoResponder, url: string): void {
  const types = [related, 'application/octet-stream', 'image/jpeg', 'image/jls', 'image/jp2', 'image/jphc'];
  const response = answersAs('Frames', ...types, 'image/dicom-rle');
  const pixels = { summary: 'Frames, 1 is the first.', tags, params: frames, response };
  web.get(server, `${url}/frames/:frames`, { schema: pixels, config }, (request) => {
    const { frames: list, ...selection } = request.params as Selection & { frames: string };
    return retrieveFrames(parts, web.asked(request, selection), list.split(',').map(Number));
  });

  const octets = answersAs('A value', 'application/octet-stream', related);
  const value = { summary: 'A long value, by the URI in the metadata.', tags, params: bulk, response: octets };
  web.get(server, `${url}/bulkdata/:offset/:length`, { schema: value, config }, (request) => {
    const { offset, length, ...selection } = request.params as Selection & { offset: string; length: string };
    return retrieveBulkData(parts, web.asked(request, selection), Number(offset), Number(length));
  });
}

/** WADO-URI where viewers of old look for it. */
export function wadoRoute(server: Server, options: HttpOptions, parts: HttpParts): void {
  uriRoute(server, '/wado', parts, new WadoResponder(options, parts));
}
