// Frames, files and pictures in the forms that viewers ask for, through the server.
import { decode as decodePng } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pixelSource } from '../../../../../node/dicom/pixels/source.ts';
import { writePart10Header } from '../../../../../node/dicom/write/part10-header.ts';
import { writePart10 } from '../../../../../node/dicom/write/write-part10.ts';
import { type SyntheticInstance, syntheticStudies } from '../../../../../sim/studies/studies.ts';
import { bytes, dataset, encapsulated } from '../../../dicom/helpers.ts';
import { storedFile } from '../../../dicom/pixels/kit.ts';
import { openPeer, type Peer, partsOf, take } from '../../kit.ts';

const patient = { id: '2000000000008', name: 'Ștefănescu^Ion', birthDate: '19700101', sex: 'M' } as const;
const lossless = {
  'image/jls': '1.2.840.10008.1.2.4.80',
  'image/jp2': '1.2.840.10008.1.2.4.90',
  'image/jphc': '1.2.840.10008.1.2.4.201',
  'image/jpeg': '1.2.840.10008.1.2.4.70',
  'image/dicom-rle': '1.2.840.10008.1.2.5',
};
const explicit = '1.2.840.10008.1.2.1';

let peer: Peer;
let ct: SyntheticInstance[];
let study: string;
let place: string;
let raw: Buffer;

beforeAll(async () => {
  peer = await openPeer();
  ct = [...syntheticStudies({ seed: 3, patient, slices: { ct: 3, mr: 0, cr: 0 } })];
  for (const each of ct) await take(peer, each.part10);
  study = `/dicom-web/studies/${ct[0]!.studyUid}`;
  place = `${study}/series/${ct[0]!.seriesUid}/instances/${ct[0]!.sopInstanceUid}`;
  raw = Buffer.from(ct[0]!.dataset.subarray(-512 * 512 * 2));
});
afterAll(() => peer.close());

const get = (path: string, accept?: string, headers: Record<string, string> = {}) =>
  peer.call(path, { headers: { ...headers, ...(accept !== undefined && { accept }) } });
/** An answer whose body nobody wants: an unread one would keep its connection open. */
const seen = async (path: string, accept?: string, headers: Record<string, string> = {}) => {
  const answer = await get(path, accept, headers);
  await answer.arrayBuffer();
  return answer;
};
const bodyOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

describe('frames', () => {
  it.each(Object.entries(lossless))('come as %s and are what they were', async (type, syntax) => {
    const answer = await seen(`${place}/frames/1`, type);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, `${type}; transfer-syntax=${syntax}`]);
    // back in as an instance, and out again decoded
    const file = await get(place, `application/dicom; transfer-syntax=${syntax}`);
    const stored = await storedFile(await bodyOf(file));
    expect(stored.transferSyntax).toBe(syntax);
    const source = pixelSource(stored);
    const input = { bytes: await source.frame(0), shape: source.shape, transferSyntax: syntax };
    const frame = await peer.parts.pixels.run({ type: 'decode', ...input });
    expect(Buffer.compare(frame.pixels, raw)).toBe(0);
  });

  it('are refused where nothing the client takes can be made of them', async () => {
    for (const accept of ['image/gif', `image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50`, 'image/jls; q=0']) {
      expect([accept, (await seen(`${place}/frames/1`, accept)).status]).toEqual([accept, 406]);
    }
  });

  it('follow the order of what the client likes', async () => {
    const answer = await seen(`${place}/frames/1`, 'image/gif, image/jp2; q=0.3, image/jls; q=0.7');
    expect(answer.headers.get('content-type')).toContain('image/jls');
  });
});

describe('bytes', () => {
  it('come in ranges, with a name, and without a body for HEAD', async () => {
    const whole = await bodyOf(await get(place, 'application/dicom'));
    const etag = (await seen(place, 'application/dicom')).headers.get('etag')!;
    const part = await get(place, 'application/dicom', { range: 'bytes=10-19' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${whole.length}`]);
    expect(Buffer.compare(await bodyOf(part), whole.subarray(10, 20))).toBe(0);
    const last = await get(`${place}/frames/1`, 'application/octet-stream', { range: 'bytes=-4' });
    expect([last.status, Buffer.compare(await bodyOf(last), raw.subarray(-4))]).toEqual([206, 0]);
    const none = await get(place, 'application/dicom', { range: `bytes=${whole.length}-` });
    expect([none.status, none.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`]);
    expect(await none.json()).toMatchObject({ code: 'http/range' });
    expect((await seen(place, 'application/dicom', { 'if-none-match': etag })).status).toBe(304);
    const other = await get(place, 'application/dicom', { range: 'bytes=0-1', 'if-range': '"other"' });
    expect([other.status, (await bodyOf(other)).length]).toEqual([200, whole.length]);
    const head = await peer.call(place, { method: 'HEAD', headers: { accept: 'application/dicom' } });
    expect([head.status, head.headers.get('content-length'), (await bodyOf(head)).length]).toEqual([
      200,
      String(whole.length),
      0,
    ]);
  });
});

describe('pictures', () => {
  it('come of an instance, of its frame, of a series and of a study', async () => {
    const series = `${study}/series/${ct[0]!.seriesUid}`;
    for (const path of [place, `${place}/frames/1`, series, study]) {
      const answer = await get(`${path}/rendered`, 'image/png');
      expect([path, answer.status]).toEqual([path, 200]);
      expect(decodePng(await bodyOf(answer))).toMatchObject({ width: 512, height: 512, channels: 1 });
      const small = await get(`${path}/thumbnail`);
      expect([small.status, small.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
      expect([...(await bodyOf(small)).subarray(0, 2)]).toEqual([0xff, 0xd8]);
    }
    const all = await get(`${study}/rendered`, 'multipart/related; type="image/jpeg"');
    expect(partsOf(all.headers.get('content-type')!, await bodyOf(all))).toHaveLength(3);
  });

  it('are as large and as bright as is asked for', async () => {
    const url = `${place}/rendered?viewport=100,50&window=40,1,linear`;
    const { width, height, data } = decodePng(await bodyOf(await get(url, 'image/png')));
    expect([width, height]).toEqual([50, 50]);
    expect(new Set(data).size).toBeGreaterThan(1);
    const part = `${place}/rendered?viewport=512,512,0,0,64,-32&quality=50`;
    expect(decodePng(await bodyOf(await get(part, 'image/png')))).toMatchObject({ width: 512, height: 256 });
  });

  it.each(['window=1', 'window=1,0,linear', 'window=1,2,cubic', 'viewport=0,5', 'viewport=1,2,3', 'quality=101'])(
    'are refused for %s',
    async (query) => {
      const answer = await get(`${place}/rendered?${query}`);
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'http/invalid' }]);
    },
  );

  it('are documents where the instance is one', async () => {
    const uid = (end: string) => ({ vr: 'UI', Value: [`1.7.${end}`] });
    const pdf = Buffer.from('%PDF-1.4 one');
    const document = writePart10(
      {
        '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.104.1'] },
        ...{ '00080018': uid('3'), '0020000D': uid('1'), '0020000E': uid('2') },
        '00100020': { vr: 'LO', Value: ['2000000000008'] },
        '00420011': { vr: 'OB', InlineBinary: pdf.toString('base64') },
        '00420012': { vr: 'LO', Value: ['application/pdf'] },
      },
      { transferSyntax: explicit },
    );
    expect(await take(peer, document)).toMatchObject({ outcome: 'imported' });
    const url = '/dicom-web/studies/1.7.1/series/1.7.2/instances/1.7.3/rendered';
    const answer = await get(url);
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['application/pdf', String(pdf)]);
    expect((await seen(url, 'image/jpeg')).status).toBe(406);
    const thumbnail = await get('/dicom-web/studies/1.7.1/thumbnail');
    expect([thumbnail.status, await thumbnail.json()]).toMatchObject([406, { code: 'pixels/none' }]);
  });
});

describe('what has no pictures', () => {
  const uid = (text: string) => ({ vr: 'UI', Value: [text] });
  const common = (sopClass: string, study: string) => ({
    ...{
      '00080016': uid(sopClass),
      '00080018': uid(`${study}.2`),
      '0020000D': uid(study),
      '0020000E': uid(`${study}.1`),
    },
    '00100020': { vr: 'LO', Value: ['2000000000008'] },
  });
  const at = (study: string) => `/dicom-web/studies/${study}/series/${study}.1/instances/${study}.2/rendered`;

  it('is a page where it is a report', async () => {
    const name = { '00080100': { vr: 'SH', Value: ['126000'] }, '00080102': { vr: 'SH', Value: ['DCM'] } };
    const meaning = { '00080104': { vr: 'LO', Value: ['Findings <here>'] } };
    const report = {
      ...common('1.2.840.10008.5.1.4.1.1.88.11', '1.8.1'),
      '0040A040': { vr: 'CS', Value: ['CONTAINER'] },
      '0040A043': { vr: 'SQ', Value: [{ ...name, ...meaning }] },
      '0040A050': { vr: 'CS', Value: ['SEPARATE'] },
    };
    expect(await take(peer, writePart10(report, { transferSyntax: explicit }))).toMatchObject({ outcome: 'imported' });
    const answer = await get(at('1.8.1'));
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await answer.text()).toContain('Findings &lt;here&gt;');
  });

  it('is a film where it is a video', async () => {
    const sopClassUid = '1.2.840.10008.5.1.4.1.1.77.1.4.1';
    const transferSyntax = '1.2.840.10008.1.2.4.102';
    const head = writePart10Header({ sopClassUid, sopInstanceUid: '1.8.2.2', transferSyntax });
    const own = dataset(
      ...([
        [0x00080016, 'UI', sopClassUid],
        [0x00080018, 'UI', '1.8.2.2'],
        [0x00100020, 'LO', '2000000000008'],
        [0x0020000d, 'UI', '1.8.2'],
        [0x0020000e, 'UI', '1.8.2.1'],
        [0x00280010, 'US', [2]],
        [0x00280011, 'US', [2]],
      ] as const),
    );
    const whole = bytes(head, own, encapsulated([], [1, 2, 3, 4], [5, 6]));
    expect(await take(peer, whole)).toMatchObject({ outcome: 'imported' });
    const answer = await get(at('1.8.2'));
    expect([answer.headers.get('content-type'), [...(await bodyOf(answer))]]).toEqual([
      'video/mp4',
      [1, 2, 3, 4, 5, 6],
    ]);
  });
});

describe('WADO-URI', () => {
  const query = () =>
    `requestType=WADO&studyUID=${ct[0]!.studyUid}&seriesUID=${ct[0]!.seriesUid}&objectUID=${ct[0]!.sopInstanceUid}`;

  it.each(['/wado', '/dicom-web/wado-uri'])('at %s gives pictures and objects', async (path) => {
    const picture = await seen(`${path}?${query()}&rows=64&columns=64&windowCenter=40&windowWidth=400&frameNumber=1`);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const png = await get(`${path}?${query()}&contentType=image/png&region=0,0,0.5,0.25`);
    expect(decodePng(await bodyOf(png))).toMatchObject({ width: 256, height: 128 });
    const object = await seen(`${path}?${query()}&contentType=application/dicom`);
    expect(object.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${explicit}`);
    const syntax = lossless['image/jls'];
    const jls = await get(`${path}?${query()}&contentType=application/dicom&transferSyntax=${syntax}`);
    expect((await storedFile(await bodyOf(jls))).transferSyntax).toBe(syntax);
  });

  it('refuses what it cannot do and what is not there', async () => {
    const status = async (more: string) => (await seen(`/wado?${more}`)).status;
    expect(await status(`${query()}&anonymize=yes`)).toBe(406);
    expect(await status(query().replace('WADO', 'QIDO'))).toBe(400);
    expect(await status(`${query()}9`)).toBe(404);
    expect(await status(`${query()}&frameNumber=2`)).toBe(404);
    expect(await status(`${query()}&contentType=image/gif`)).toBe(406);
    const nobody = await peer.call(`/wado?${query()}`, { as: 'nobody' });
    expect([nobody.status, await nobody.json()]).toMatchObject([401, { code: 'http/unauthorized' }]);
  });
});
