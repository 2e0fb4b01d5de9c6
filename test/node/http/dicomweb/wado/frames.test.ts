// Frames of instances made by hand: every way in which pixels are stored.
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../../../node/dicom/model/json.ts';
import { uids } from '../../../../../node/dicom/model/transfer-syntax.ts';
import { writePart10Header } from '../../../../../node/dicom/write/part10-header.ts';
import type { Attributes } from '../../../../../sim/studies/dataset-writer.ts';
import { type SyntheticInstance, syntheticStudies } from '../../../../../sim/studies/studies.ts';
import { bytes, dataset, encapsulated } from '../../../dicom/helpers.ts';
import { openPeer, type Peer, partsOf, take } from '../../kit.ts';

const patient = { id: '2000000000008', name: 'Ștefănescu^Ion', birthDate: '19700101', sex: 'M' } as const;
const related = 'multipart/related; type="application/dicom"';

let peer: Peer;
let ct: SyntheticInstance[];

beforeAll(async () => {
  peer = await openPeer();
  ct = [...syntheticStudies({ seed: 1, patient, slices: { ct: 4, mr: 0, cr: 0 } })];
  for (const each of ct) await take(peer, each.part10);
});
afterAll(() => peer.close());

const placeOf = ({ studyUid, seriesUid, sopInstanceUid }: Omit<SyntheticInstance, 'part10' | 'dataset'>) =>
  `/dicom-web/studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}`;

const get = (path: string, accept?: string) => peer.call(path, accept === undefined ? {} : { headers: { accept } });
const bodyOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

async function parts(path: string, accept = related) {
  const answer = await get(path, accept);
  expect(answer.status, path).toBe(200);
  const type = answer.headers.get('content-type')!;
  return { type, parts: partsOf(type, await bodyOf(answer)) };
}

let made = 0;

/** An instance made by hand, in the index; gives where it is. */
async function instance(transferSyntax: string, more: Attributes, pixels: Iterable<number>) {
  const [studyUid, seriesUid, sopInstanceUid] = [`1.9.${++made}`, `1.9.${made}.1`, `1.9.${made}.1.1`];
  const own = dataset(
    ...more,
    [0x00080018, 'UI', sopInstanceUid],
    [0x0020000d, 'UI', studyUid],
    [0x0020000e, 'UI', seriesUid],
    [0x00100020, 'LO', '2000000000008'],
  );
  const whole = bytes(own, pixels);
  const stored = transferSyntax === uids.explicitBigEndian ? bigEndian(whole) : whole;
  const body = transferSyntax === uids.deflatedLittleEndian ? deflateRawSync(stored) : stored;
  const sopClassUid = '1.2.840.10008.5.1.4.1.1.7';
  const meta = writePart10Header({ sopClassUid, sopInstanceUid, transferSyntax });
  expect(await take(peer, bytes(meta, body))).toMatchObject({ outcome: 'imported' });
  return placeOf({ studyUid, seriesUid, sopInstanceUid, sopClassUid, transferSyntax, modality: 'OT' });
}

/** An explicit VR little-endian data set of short elements and OW in big endian. */
function bigEndian(whole: Uint8Array): Uint8Array {
  const out = Buffer.from(whole);
  for (let at = 0; at < out.length; ) {
    const vr = out.toString('latin1', at + 4, at + 6);
    const long = ['OW', 'OB', 'SQ', 'UN'].includes(vr);
    const length = long ? out.readUInt32LE(at + 8) : out.readUInt16LE(at + 6);
    out.subarray(at, at + 4).swap16();
    if (long) out.subarray(at + 8, at + 12).swap32();
    else out.subarray(at + 6, at + 8).swap16();
    at += long ? 12 : 8;
    if (vr === 'US' || vr === 'OW') out.subarray(at, at + length).swap16();
    at += length;
  }
  return out;
}

const shape = (rows: number, columns: number, bits: number, frames: number): Attributes => [
  [0x00280002, 'US', [1]],
  [0x00280004, 'CS', 'MONOCHROME2'],
  [0x00280008, 'IS', String(frames)],
  [0x00280010, 'US', [rows]],
  [0x00280011, 'US', [columns]],
  [0x00280100, 'US', [bits]],
];

const native = (vr: 'OB' | 'OW', pixels: readonly number[]): Uint8Array =>
  dataset([0x7fe00010, vr, Uint8Array.from(pixels)]).subarray(-pixels.length - 12);

const octets = 'multipart/related; type="application/octet-stream"';
const nativePart = 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1';

describe('frames', () => {
  const pixels = Array.from({ length: 24 }, (_, i) => i);

  it('that are native come raw, in the order asked for', async () => {
    const place = await instance(uids.explicitLittleEndian, shape(2, 2, 16, 3), native('OW', pixels));
    const { type, parts: found } = await parts(`${place}/frames/3,1`, octets);
    expect(type).toMatch(/^multipart\/related; type="application\/octet-stream"; boundary=/);
    expect(found.map(({ body }) => [...body])).toEqual([pixels.slice(16), pixels.slice(0, 8)]);
    expect(found[0]!.headers).toEqual({ 'content-type': nativePart });
    const encoded = await parts(
      `${place}/frames/1%2C2`,
      'multipart/related; type=application/octet-stream; transfer-syntax=*',
    );
    expect(encoded.parts).toHaveLength(2);
    const bare = await get(`${place}/frames/2`, 'application/octet-stream');
    expect([...(await bodyOf(bare))]).toEqual(pixels.slice(8, 16));
    expect((await get(`${place}/frames/1,2`, 'application/octet-stream')).status).toBe(406);
    const missing = await get(`${place}/frames/1,4`);
    expect([missing.status, await missing.json()]).toMatchObject([404, { code: 'http/frames' }]);
    expect((await get(`${place}/frames/1`, 'multipart/related; type="image/gif"')).status).toBe(406);
    expect((await get(`${place}/frames/1`, `${octets}; transfer-syntax=1.2.840.10008.1.2.4.80`)).status).toBe(406);
  });

  it('of a real series equal its pixel data', async () => {
    const { parts: found } = await parts(`${placeOf(ct[2]!)}/frames/1`, octets);
    expect(Buffer.compare(found[0]!.body, ct[2]!.dataset.subarray(-512 * 512 * 2))).toBe(0);
  });

  it('that are big-endian come little-endian, as does their bulk data', async () => {
    const place = await instance(uids.explicitBigEndian, shape(2, 2, 16, 3), native('OW', pixels));
    const { parts: found } = await parts(`${place}/frames/2`, octets);
    expect([...found[0]!.body]).toEqual(pixels.slice(8, 16));
    expect(found[0]!.headers['content-type']).toBe(nativePart);
    const [json] = (await (await get(`${place}/metadata`)).json()) as DicomJson[];
    const uri = json!['7FE00010']!.BulkDataURI!.slice(peer.url.length);
    expect([...(await bodyOf(await get(uri)))]).toEqual(pixels);
    // words of two bytes each: a frame of nine ends in the middle of one
    const eight = await instance(uids.explicitBigEndian, shape(3, 3, 8, 2), native('OW', pixels.slice(0, 18)));
    const odd = await parts(`${eight}/frames/1,2`, octets);
    expect(odd.parts.map(({ body }) => [...body])).toEqual([pixels.slice(0, 9), pixels.slice(9, 18)]);
  });

  it('that are packed in bits start at a whole byte', async () => {
    // three frames of 3 x 4 bits: 36 bits in 5 bytes and a pad
    const place = await instance(
      uids.explicitLittleEndian,
      shape(3, 4, 1, 3),
      native('OB', [0xff, 0xaf, 0x5a, 0xc3, 9, 0]),
    );
    const { parts: found } = await parts(`${place}/frames/1,2,3`, octets);
    expect(found.map(({ body }) => [...body])).toEqual([
      [0xff, 0x0f],
      [0xaa, 0x05],
      [0xc3, 0x09],
    ]);
  });

  const fragments = [[], [0xff, 0xd8, 1, 2], [0xff, 0xd8, 3, 4], [5, 6]];

  it.each([
    ['1.2.840.10008.1.2.4.50', 'image/jpeg'],
    ['1.2.840.10008.1.2.4.80', 'image/jls'],
    ['1.2.840.10008.1.2.4.90', 'image/jp2'],
    ['1.2.840.10008.1.2.5', 'image/dicom-rle'],
    ['1.2.840.10008.1.2.4.999', 'application/octet-stream'],
  ])('in transfer syntax %s come as %s', async (syntax, type) => {
    const place = await instance(syntax, shape(2, 2, 8, 2), encapsulated(...fragments));
    for (const accept of [
      '*/*',
      `multipart/related; type="${type}"; transfer-syntax=${syntax}`,
      `${octets}; transfer-syntax=*`,
    ]) {
      const { type: given, parts: found } = await parts(`${place}/frames/1,2`, accept);
      expect(given).toContain(`type="${type}"`);
      expect(found.map(({ body }) => [...body])).toEqual([fragments[1], [...fragments[2]!, ...fragments[3]!]]);
      expect(found[0]!.headers['content-type']).toBe(`${type}; transfer-syntax=${syntax}`);
    }
    const bare = await get(`${place}/frames/1`, type);
    expect(bare.headers.get('content-type')).toBe(`${type}; transfer-syntax=${syntax}`);
    expect([...(await bodyOf(bare))]).toEqual(fragments[1]);
    // what is no image cannot be decoded
    const raw = await get(`${place}/frames/1`, `${octets}; transfer-syntax=${uids.explicitLittleEndian}`);
    const code = syntax.endsWith('.999') ? 'http/not-acceptable' : 'pixels/corrupt';
    expect([raw.status, await raw.json()]).toMatchObject([406, { code }]);
    const [json] = (await (await get(`${place}/metadata`)).json()) as DicomJson[];
    const uri = json!['7FE00010']!.BulkDataURI!.slice(peer.url.length);
    expect((await parts(uri, '*/*')).parts.map(({ body }) => body.length)).toEqual([4, 6]);
  });

  it('of a deflated data set come inflated, and it still comes whole', async () => {
    const place = await instance(uids.deflatedLittleEndian, shape(2, 2, 16, 3), native('OW', pixels));
    const { parts: found } = await parts(`${place}/frames/3,1`, octets);
    expect(found.map(({ body }) => [...body])).toEqual([pixels.slice(16), pixels.slice(0, 8)]);
    expect((await get(`${place}/frames/4`, octets)).status).toBe(404);
    const [json] = (await (await get(`${place}/metadata`)).json()) as DicomJson[];
    const uri = json!['7FE00010']!.BulkDataURI!.slice(peer.url.length);
    expect([...(await bodyOf(await get(uri)))]).toEqual(pixels);
    const syntax = `${related}; transfer-syntax=${uids.deflatedLittleEndian}`;
    expect((await parts(place, syntax)).parts).toHaveLength(1);
  });
});
