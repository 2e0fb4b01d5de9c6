import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../node/dicom/json.ts';
import { writePart10Header } from '../../../node/dicom/part10-header.ts';
import { uids } from '../../../node/dicom/transfer-syntax.ts';
import { primed } from '../../../node/http/dicomweb/multipart.ts';
import type { Attributes } from '../../../sim/studies/dataset-writer.ts';
import { type SyntheticInstance, syntheticStudies } from '../../../sim/studies/studies.ts';
import { bytes, dataset, encapsulated } from '../dicom/helpers.ts';
import { openPeer, type Peer, partsOf, take } from './kit.ts';

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

const dataSetOf = (part10: Buffer) => part10.subarray(part10.indexOf('DICM') + 16 + part10.readUInt32LE(140));

describe('files', () => {
  it.each(['study', 'series'])('of a %s come to the byte', async (level) => {
    const { studyUid, seriesUid } = ct[0]!;
    const url = `/dicom-web/studies/${studyUid}${level === 'series' ? `/series/${seriesUid}` : ''}`;
    const { type, parts: found } = await parts(url);
    expect(type).toMatch(/^multipart\/related; type="application\/dicom"; boundary=[0-9a-f]{32}$/);
    expect(found).toHaveLength(4);
    for (const each of ct) {
      const part = found.find(({ headers }) => headers['content-location'] === `${peer.url}${placeOf(each)}`)!;
      expect(part.headers['content-type']).toBe(`application/dicom; transfer-syntax=${each.transferSyntax}`);
      expect(Buffer.compare(dataSetOf(part.body), each.dataset)).toBe(0);
      expect(Buffer.compare(part.body, each.part10)).toBe(0);
    }
  });

  it('of one instance come in parts or bare', async () => {
    const { type, parts: found } = await parts(placeOf(ct[1]!));
    expect(type).toContain('multipart/related');
    expect(Buffer.compare(found[0]!.body, ct[1]!.part10)).toBe(0);
    const bare = await get(placeOf(ct[1]!), 'application/dicom');
    expect(bare.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${uids.explicitLittleEndian}`);
    expect(bare.headers.get('content-length')).toBe(String(ct[1]!.part10.length));
    expect(Buffer.compare(await bodyOf(bare), ct[1]!.part10)).toBe(0);
  });

  it.each([
    [undefined, 200],
    ['*/*', 200],
    [related, 200],
    [`${related}; transfer-syntax=*`, 200],
    [`${related}; transfer-syntax=${uids.explicitLittleEndian}`, 200],
    [`${related}; transfer-syntax=1.2.840.10008.1.2.4.50, ${related}; transfer-syntax=${uids.explicitLittleEndian}`, 200],
    [`${related}; transfer-syntax=1.2.840.10008.1.2.4.50`, 406],
    ['multipart/related; type="application/dicom+xml"', 406],
    ['application/zip', 406],
    ['application/dicom', 406],
    ['application/dicom;q=2', 400],
    ['nonsense', 400],
  ])('of a study for Accept: %s: %i', async (accept, status) => {
    const answer = await get(`/dicom-web/studies/${ct[0]!.studyUid}`, accept);
    expect(answer.status).toBe(status);
    if (status === 406) expect(await answer.json()).toMatchObject({ code: 'http/not-acceptable' });
    else await answer.arrayBuffer();
  });

  it('that are not here, or elsewhere, are not found', async () => {
    const { studyUid, seriesUid, sopInstanceUid } = ct[0]!;
    for (const path of [
      '/studies/1.2.3',
      '/studies/1.2.3/metadata',
      `/studies/${studyUid}/series/1.2.3`,
      `/studies/${studyUid}/series/1.2.3/instances/${sopInstanceUid}`,
      `/studies/${studyUid}/series/${seriesUid}/instances/1.2.3`,
      `/studies/${studyUid}/series/${seriesUid}/instances/1.2.3/frames/1`,
    ]) {
      const answer = await get(`/dicom-web${path}`);
      expect(answer.status, path).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'http/not-found' });
    }
  });

  it('that are damaged break off instead of coming wrong', async () => {
    const [one] = [...syntheticStudies({ seed: 9, patient, slices: { ct: 1, mr: 0, cr: 0 } })];
    await take(peer, one!.part10);
    const { objectId } = (await peer.stores.index.instance(one!.sopInstanceUid))!;
    await peer.stores.objects.remove(objectId);
    const answer = await get(`/dicom-web/studies/${one!.studyUid}`, related);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'store/object-missing' });
  });
});

describe('metadata', () => {
  it.each(['study', 'series', 'instance'])('of a %s has every header, and URIs that work', async (level) => {
    const { studyUid } = ct[0]!;
    const series = placeOf(ct[0]!).replace(/\/instances.*/, '');
    const url = { study: `/dicom-web/studies/${studyUid}`, series, instance: placeOf(ct[0]!) }[level]!;
    const answer = await get(`${url}/metadata`, 'application/dicom+json');
    expect(answer.headers.get('content-type')).toBe('application/dicom+json');
    const found = (await answer.json()) as DicomJson[];
    expect(found).toHaveLength(level === 'instance' ? 1 : 4);
    for (const each of found) {
      expect(each['00100010']).toEqual({ vr: 'PN', Value: [{ Alphabetic: 'Ștefănescu^Ion' }] });
      const of = ct.find(({ sopInstanceUid }) => sopInstanceUid === each['00080018']!.Value![0])!;
      const uri = each['7FE00010']!.BulkDataURI!;
      expect(uri.startsWith(`${peer.url}${placeOf(of)}/bulkdata/`)).toBe(true);
      const bare = await get(uri.slice(peer.url.length));
      expect(bare.headers.get('content-type')).toBe('application/octet-stream');
      const value = await bodyOf(bare);
      expect(value.length).toBe(512 * 512 * 2);
      expect(Buffer.compare(value, of.dataset.subarray(-value.length))).toBe(0);
      const { parts: one } = await parts(uri.slice(peer.url.length), 'multipart/related; type="application/octet-stream"');
      expect(Buffer.compare(one[0]!.body, value)).toBe(0);
    }
  });

  it('names bulk data only where there is some', async () => {
    expect((await get(`${placeOf(ct[0]!)}/bulkdata/0/10`)).status).toBe(404);
  });
});

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
    const encoded = await parts(`${place}/frames/1%2C2`, 'multipart/related; type=application/octet-stream; transfer-syntax=*');
    expect(encoded.parts).toHaveLength(2);
    const bare = await get(`${place}/frames/2`, 'application/octet-stream');
    expect([...(await bodyOf(bare))]).toEqual(pixels.slice(8, 16));
    expect((await get(`${place}/frames/1,2`, 'application/octet-stream')).status).toBe(406);
    const missing = await get(`${place}/frames/1,4`);
    expect([missing.status, await missing.json()]).toMatchObject([404, { code: 'http/frames' }]);
    expect((await get(`${place}/frames/1`, 'multipart/related; type="image/jpeg"')).status).toBe(406);
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
    const eight = await instance(uids.explicitBigEndian, shape(2, 4, 8, 3), native('OW', pixels));
    const refused = await get(`${eight}/frames/2`, octets);
    expect([refused.status, await refused.json()]).toMatchObject([406, { code: 'http/not-acceptable' }]);
  });

  it('that are packed in bits start at a whole byte', async () => {
    // three frames of 3 x 4 bits: 36 bits in 5 bytes and a pad
    const place = await instance(uids.explicitLittleEndian, shape(3, 4, 1, 3), native('OB', [0xff, 0xaf, 0x5a, 0xc3, 9, 0]));
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
    for (const accept of [octets, `multipart/related; type="${type}"; transfer-syntax=${syntax}`, `${octets}; transfer-syntax=*`]) {
      const { type: given, parts: found } = await parts(`${place}/frames/1,2`, accept);
      expect(given).toContain(`type="${type}"`);
      expect(found.map(({ body }) => [...body])).toEqual([fragments[1], [...fragments[2]!, ...fragments[3]!]]);
      expect(found[0]!.headers['content-type']).toBe(`${type}; transfer-syntax=${syntax}`);
    }
    const bare = await get(`${place}/frames/1`, type);
    expect(bare.headers.get('content-type')).toBe(`${type}; transfer-syntax=${syntax}`);
    expect([...(await bodyOf(bare))]).toEqual(fragments[1]);
    const raw = await get(`${place}/frames/1`, `${octets}; transfer-syntax=${uids.explicitLittleEndian}`);
    expect([raw.status, await raw.json()]).toMatchObject([406, { detail: `It is stored as transfer syntax ${syntax}.` }]);
    const [json] = (await (await get(`${place}/metadata`)).json()) as DicomJson[];
    const uri = json!['7FE00010']!.BulkDataURI!.slice(peer.url.length);
    expect((await parts(uri, '*/*')).parts.map(({ body }) => body.length)).toEqual([4, 6]);
  });

  it('that cannot be told are refused, and the instance still comes', async () => {
    const place = await instance(uids.deflatedLittleEndian, shape(2, 2, 16, 3), native('OW', pixels));
    const refused = await get(`${place}/frames/1`);
    expect([refused.status, await refused.json()]).toMatchObject([404, { code: 'http/frames' }]);
    const [json] = (await (await get(`${place}/metadata`)).json()) as DicomJson[];
    const uri = json!['7FE00010']!.BulkDataURI!.slice(peer.url.length);
    expect([...(await bodyOf(await get(uri)))]).toEqual(pixels);
    const syntax = `${related}; transfer-syntax=${uids.deflatedLittleEndian}`;
    expect((await parts(place, syntax)).parts).toHaveLength(1);
  });
});

it('writes down who looks at a study before its first byte, and lets nobody in without', async () => {
  const before = peer.audit.size;
  await parts(`/dicom-web/studies/${ct[0]!.studyUid}`);
  const entries = [];
  for await (const { entry } of peer.audit.entries({ from: before })) entries.push(entry);
  expect(entries).toMatchObject([{ kind: 'view', study: ct[0]!.studyUid, person: { name: 'admin one' } }]);
});

it('reads no further than is taken, and stops when nobody takes any more', async () => {
  let [read, closed] = [0, false];
  async function* endless() {
    try {
      for (;;) {
        read += 1;
        yield new Uint8Array(256 * 1024);
      }
    } finally {
      closed = true;
    }
  }
  const stream = await primed(endless());
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(read).toBeLessThanOrEqual(2);
  stream.once('readable', () => stream.read());
  const ended = new Promise((resolve) => stream.once('close', resolve));
  stream.destroy();
  await ended;
  expect([closed, read < 5]).toEqual([true, true]);
});
