// Where a browser finds OHIF and the peer's DICOMweb: one origin, as a hospital's reverse proxy would have it. It adds the
// token of the person who looks, and writes down what the viewer asks for and what it is answered.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** One request to /dicom-web. */
export interface SiteRequest {
  readonly method: string;
  /** Below /dicom-web, with the query. */
  readonly path: string;
  readonly accept: string;
  readonly status: number;
  readonly contentType: string;
}

export interface SiteOptions {
  /** The viewer's pages. */
  readonly pages: string;
  /** Port of the peer's HTTP server on loopback. */
  readonly peer: number;
  readonly token: string;
}

/** What OHIF is told: one data source, at the origin that it came from. */
const appConfig = `window.config = {
  routerBasename: null,
  extensions: [],
  modes: [],
  showStudyList: true,
  maxNumberOfWebWorkers: 2,
  showErrorDetails: 'always',
  investigationalUseDialog: { option: 'never' },
  defaultDataSourceName: 'peer',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
    sourceName: 'peer',
    configuration: {
      friendlyName: 'peer',
      name: 'peer',
      qidoRoot: location.origin + '/dicom-web',
      wadoRoot: location.origin + '/dicom-web',
      wadoUriRoot: location.origin + '/wado',
      qidoSupportsIncludeField: true,
      supportsFuzzyMatching: true,
      supportsWildcard: true,
      supportsReject: false,
      imageRendering: 'wadors',
      thumbnailRendering: 'thumbnail',
      thumbnailRequestStrategy: 'fetch',
      enableStudyLazyLoad: true,
      bulkDataURI: { enabled: true },
    },
  }],
};`;

export async function ohifSite(options: SiteOptions) {
  const asked: SiteRequest[] = [];
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    if (url.startsWith('/dicom-web/')) forward(options, asked, request, response);
    else void page(options.pages, url, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

export type OhifSite = Awaited<ReturnType<typeof ohifSite>>;

/** To the peer; the Host header stays, so that the URIs in its answers lead back here. */
function forward(
  { peer, token }: SiteOptions,
  asked: SiteRequest[],
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { method = 'GET', url = '/', headers } = request;
  const note = (status: number, contentType = '') =>
    asked.push({ method, path: url.slice('/dicom-web'.length), accept: headers.accept ?? '', status, contentType });
  const options = { host: '127.0.0.1', port: peer, method, path: url };
  const sent = httpRequest({ ...options, headers: { ...headers, authorization: `Bearer ${token}` } }, (answer) => {
    note(answer.statusCode!, answer.headers['content-type']);
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  sent.once('error', () => {
    if (!response.headersSent) note(502);
    response.destroy();
  });
  request.pipe(sent);
}

/** A file of the viewer; its front page for the paths of its own. */
async function page(pages: string, url: string, response: ServerResponse): Promise<void> {
  const path = normalize(decodeURIComponent(new URL(url, 'http://site').pathname));
  const type = types[extname(path)];
  if (path === '/app-config.js') {
    response.writeHead(200, { 'content-type': types['.js'] }).end(appConfig);
    return;
  }
  const file = join(pages, extname(path) === '' ? 'index.html' : path);
  const there = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!there) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': extname(path) === '' ? types['.html'] : (type ?? 'image/png') });
  createReadStream(file).pipe(response);
}
