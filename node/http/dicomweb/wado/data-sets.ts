// Data sets as clients ask for them: one DICOM JSON array, or DICOM XML documents in a multipart body (PS3.18 8.7.3.4).
import { hex, utf8 } from '../../../../protocol/bytes.ts';
import type { Random } from '../../../../protocol/ports.ts';
import { type DicomJson, dicomJsonText } from '../../../dicom/model/json.ts';
import { dicomXml } from '../../../dicom/model/xml.ts';
import { chooseOf, type MediaRange, type Offer } from '../accept.ts';
import { jsonArray, multipart, type Part } from '../multipart.ts';
import type { WadoResponse } from './response.ts';

export const dicomJsonType = 'application/dicom+json';
export const dicomXmlType = 'application/dicom+xml';

/** One data set, and where its bulk data is: below `<url>/bulkdata/`. */
export interface DataSet {
  readonly json: DicomJson;
  readonly url: string;
}

const json: Offer = { type: dicomJsonType, also: ['application/json'], single: true, bare: true };
const xml = { type: dicomXmlType, also: ['text/xml', 'application/xml'] };

/**
 * How to answer with data sets; choose it before anything is looked up.
 * @param single whether there is exactly one, which XML then may be given of by itself
 * @throws PeerError http/not-acceptable
 */
export function dataSetsAs(ranges: readonly MediaRange[], single: boolean, random: Random) {
  const { offer, form } = chooseOf(ranges, [json, { ...xml, single }]);
  return (sets: AsyncIterable<DataSet>): WadoResponse => {
    if (offer === json) return { contentType: dicomJsonType, body: jsonArray(texts(sets)) };
    if (form === 'single') return { contentType: dicomXmlType, body: only(sets) };
    const boundary = hex(random(16));
    const contentType = `multipart/related; type="${dicomXmlType}"; boundary=${boundary}`;
    return { contentType, body: multipart(documents(sets), boundary) };
  };
}

const uriBelow = (url: string) => (_tag: string, placeholder: string) => `${url}/bulkdata/${placeholder}`;

async function* texts(sets: AsyncIterable<DataSet>): AsyncGenerator<string> {
  for await (const { json, url } of sets) yield dicomJsonText(json, uriBelow(url));
}

async function* documents(sets: AsyncIterable<DataSet>): AsyncGenerator<Part> {
  for await (const set of sets) yield { contentType: dicomXmlType, body: document(set) };
}

async function* only(sets: AsyncIterable<DataSet>): AsyncGenerator<Uint8Array> {
  for await (const set of sets) yield* document(set);
}

const piece = 64 * 1024;

/** In pieces of about 64 KiB. */
async function* document({ json, url }: DataSet): AsyncGenerator<Uint8Array> {
  let text = '';
  for (const each of dicomXml(json, uriBelow(url))) {
    text += each;
    if (text.length < piece) continue;
    yield utf8(text);
    text = '';
  }
  if (text !== '') yield utf8(text);
}
