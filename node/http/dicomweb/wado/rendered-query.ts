// How a picture is asked for (PS3.18 8.3.5; 9.1.2.2 for WADO-URI).
import { must } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { Window } from '../../../dicom/pixels/gray.ts';
import type { View } from '../../../dicom/pixels/scale.ts';

export interface PictureQuery {
  readonly window?: Window;
  readonly quality?: number;
  readonly view?: View;
  /** Media types in the URL, which stand for those of the header. */
  readonly accept?: string;
}

/** The parameters of a URL, each once. @throws PeerError http/invalid, http/too-large */
export function parameters(url: string): Map<string, string> {
  const text = url.slice(url.indexOf('?') + 1 || url.length);
  must(text.length <= limits.httpQueryBytes, 'http/too-large', { at: 'query' });
  const pairs = [...new URLSearchParams(text)];
  must(pairs.length <= limits.httpQueryKeys, 'http/invalid', { at: 'query', message: 'has too many parameters' });
  return new Map(pairs);
}

/** WADO-RS: `window`, `viewport`, `quality`. @throws PeerError http/invalid, http/too-large */
export function pictureQuery(url: string): PictureQuery {
  const given = parameters(url);
  const [window, viewport, accept] = [given.get('window'), given.get('viewport'), given.get('accept')];
  return {
    ...(window !== undefined && { window: windowOf(window) }),
    ...(viewport !== undefined && { view: viewOf(viewport) }),
    ...qualityOf(given.get('quality'), 'quality'),
    ...(accept !== undefined && { accept }),
  };
}

function qualityOf(text: string | undefined, at: string): { quality?: number } {
  if (text === undefined) return {};
  const quality = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  must(quality >= 1 && quality <= 100, 'http/invalid', { at, message: 'is not a whole number from 1 to 100' });
  return { quality };
}

const functions: Readonly<Record<string, Window['function']>> = {
  linear: 'LINEAR',
  'linear-exact': 'LINEAR_EXACT',
  linear_exact: 'LINEAR_EXACT',
  sigmoid: 'SIGMOID',
};

function windowOf(text: string): Window {
  const [center, width, name = 'linear', ...more] = text.split(',').map((each) => each.trim());
  const shape = functions[name.toLowerCase()];
  const window = { center: number(center), width: number(width), function: shape! };
  const sound = shape !== undefined && more.length === 0 && window.width > 0;
  must(sound && Number.isFinite(window.center), 'http/invalid', {
    at: 'window',
    message: 'is not center,width,function',
  });
  return window;
}

/** `vw,vh,sx,sy,sw,sh`: the size of the picture, and which part of the image it shows; negative sizes mirror it. */
function viewOf(text: string): View {
  const parts = text.split(',').map((each) => each.trim());
  const [width, height, ...source] = parts.map((each) => (each === '' ? undefined : number(each)));
  const sound =
    (parts.length === 2 || parts.length === 6) &&
    isSize(width) &&
    isSize(height) &&
    source.every((each) => each === undefined || Number.isFinite(each));
  must(sound, 'http/invalid', { at: 'viewport', message: 'is not vw,vh or vw,vh,sx,sy,sw,sh' });
  const size = { width: Math.round(width!), height: Math.round(height!) };
  if (source.length === 0) return size;
  const [left = 0, top = 0, wide = Number.MAX_SAFE_INTEGER, high = Number.MAX_SAFE_INTEGER] = source;
  must(wide !== 0 && high !== 0, 'http/invalid', { at: 'viewport', message: 'shows nothing' });
  return {
    ...size,
    part: { left, top, width: Math.abs(wide), height: Math.abs(high) },
    flip: { across: wide < 0, down: high < 0 },
  };
}

const isSize = (value: number | undefined): boolean =>
  value !== undefined && value >= 1 && value <= limits.pixelViewport;

const number = (text: string | undefined): number =>
  /^[+-]?(\d{1,9}\.?\d{0,9}|\.\d{1,9})(e[+-]?\d{1,2})?$/i.test(text ?? '') ? Number(text) : Number.NaN;

/** WADO-URI: `rows`, `columns`, `region`, `windowCenter`, `windowWidth`, `imageQuality`. @throws PeerError http/invalid */
export function uriPicture(given: ReadonlyMap<string, string>, image: { rows: number; columns: number }): PictureQuery {
  const [center, width] = [given.get('windowCenter'), given.get('windowWidth')];
  const [rows, columns, region] = [given.get('rows'), given.get('columns'), given.get('region')];
  const view: View = {
    ...(rows !== undefined && { height: sizeOf('rows', rows) }),
    ...(columns !== undefined && { width: sizeOf('columns', columns) }),
    ...(region !== undefined && { part: regionOf(region, image) }),
  };
  return {
    ...((center !== undefined || width !== undefined) && { window: windowOf(`${center},${width}`) }),
    ...qualityOf(given.get('imageQuality'), 'imageQuality'),
    ...(Object.keys(view).length > 0 && { view }),
  };
}

function sizeOf(at: string, text: string): number {
  const size = number(text);
  must(isSize(size) && Number.isInteger(size), 'http/invalid', { at, message: 'is not a size in pixels' });
  return size;
}

/** Corners as parts of the image's width and height. */
function regionOf(text: string, { rows, columns }: { rows: number; columns: number }) {
  const [left = 0, top = 0, right = 0, bottom = 0, ...more] = text.split(',').map((each) => number(each.trim()));
  const sound = more.length === 0 && left >= 0 && top >= 0 && left < right && top < bottom && right <= 1 && bottom <= 1;
  must(sound, 'http/invalid', { at: 'region', message: 'is not left,top,right,bottom from 0.0 to 1.0' });
  return { left: left * columns, top: top * rows, width: (right - left) * columns, height: (bottom - top) * rows };
}
