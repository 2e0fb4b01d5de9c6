// All that dicomweb-client retrieves, from a listening server. What it searches is in qido.test.ts, what it stores in
// stow.test.ts.
import { createHash } from 'node:crypto';
import { api } from 'dicomweb-client';
import { decode as decodePng } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../node/dicom/model/json.ts';
import { readPart10 } from '../../node/dicom/read/read-dataset.ts';
import { openPeer, type Peer } from '../node/http/kit.ts';
import { madeUpStudies, slices, ultrasoundFrames } from './ohif-studies.ts';
import { FetchRequest } from './xml-http-request.ts';

type Call = keyof api.DICOMwebClient & `${'retrieve' | 'store'}${string}`;
interface Place {
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
  readonly sopInstanceUID: string;
}

const { ct, us } = madeUpStudies();
const frameBytes = 240 * 320;
let peer: Peer;
let clip: Place;
let pixels: Buffer;

beforeAll(async () => {
  peer = await openPeer();
  const datasets = [...ct.files, ...us.files].map((file) => Uint8Array.from(file).buffer);
  await call('storeInstances', { datasets });
  const [file] = us.files;
  clip = placeOf(readPart10(file!).json);
  pixels = Buffer.from(file!.subarray(-frameBytes * ultrasoundFrames));
});
afterAll(() => peer.close());

/** One call; the types of the client's own know little of what it takes. */
function call<T>(name: Call, options: object, settings: object = {}): Promise<T> {
  const headers = { authorization: `Bearer ${peer.tokens.admin}` };
  const made = { url: `${peer.url}/dicom-web`, headers, singlepart: '', verbose: false, ...settings };
  const client = new api.DICOMwebClient(made) as unknown as Record<Call, (options: object) => Promise<T>>;
  return client[name]({ ...options, request: { instance: new FetchRequest() } });
}

const text = (json: DicomJson, tag: string): string => json[tag]!.Value![0] as string;
const placeOf = (json: DicomJson): Place => ({
  studyInstanceUID: text(json, '0020000D'),
  seriesInstanceUID: text(json, '0020000E'),
  sopInstanceUID: text(json, '00080018'),
});
const isJpeg = (bytes: ArrayBuffer) => Buffer.from(bytes).readUInt16BE() === 0xffd8;
const digests = (files: readonly (ArrayBuffer | Uint8Array)[]) =>
  files.map((file) => createHash('sha256').update(new Uint8Array(file)).digest('hex')).sort();

describe('dicomweb-client', () => {
  it('retrieves metadata of a study, a series and an instance', async () => {
    const study = await call<DicomJson[]>('retrieveStudyMetadata', { studyInstanceUID: ct.study });
    expect(study).toHaveLength(ct.files.length);
    const place = placeOf(study[0]!);
    const series = await call<DicomJson[]>('retrieveSeriesMetadata', place);
    expect([slices.ct, ct.files.length - slices.ct]).toContain(series.length);
    const instance = await call<DicomJson[]>('retrieveInstanceMetadata', place);
    expect(instance).toEqual([study[0]]);
    expect(instance[0]!['00100010']).toEqual({ vr: 'PN', Value: [{ Alphabetic: 'Ștefănescu^Ion' }] });
  });

  it('retrieves the files of a study, a series and an instance, as they were stored', async () => {
    const study = await call<ArrayBuffer[]>('retrieveStudy', { studyInstanceUID: ct.study });
    expect(digests(study)).toEqual(digests(ct.files));
    const wanted = placeOf(readPart10(ct.files[0]!).json);
    const series = await call<ArrayBuffer[]>('retrieveSeries', wanted);
    expect(digests(series)).toEqual(digests(ct.files.slice(0, slices.ct)));
    const file = await call<ArrayBuffer>('retrieveInstance', wanted);
    expect(digests([file])).toEqual(digests([ct.files[0]!]));
  });

  it('retrieves frames, several at once and in other forms', async () => {
    const frames = await call<ArrayBuffer[]>('retrieveInstanceFrames', { ...clip, frameNumbers: [8, 1] });
    const frame = (number: number) => pixels.subarray((number - 1) * frameBytes, number * frameBytes);
    expect(frames.map((each) => Buffer.from(each))).toEqual([frame(8), frame(1)]);
    const jls = { mediaType: 'image/jls', transferSyntaxUID: '1.2.840.10008.1.2.4.80' };
    const octets = { mediaType: 'application/octet-stream', transferSyntaxUID: '1.2.840.10008.1.2.1' };
    const one = { ...clip, frameNumbers: [2] };
    const [small] = await call<ArrayBuffer[]>('retrieveInstanceFrames', { ...one, mediaTypes: [jls] });
    expect([...new Uint8Array(small!).subarray(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xf7]);
    const [raw] = await call<ArrayBuffer[]>('retrieveInstanceFrames', { ...one, mediaTypes: [octets, jls] });
    expect(Buffer.from(raw!).equals(frame(2))).toBe(true);
    const none = call('retrieveInstanceFrames', { ...clip, frameNumbers: [9] });
    await expect(none).rejects.toMatchObject({ status: 404 });
  });

  it('retrieves pictures of an instance and of a frame', async () => {
    const png = [{ mediaType: 'image/png' }];
    const pictureOf = async (name: Call, options: object) => {
      const [bytes] = await call<ArrayBuffer[]>(name, { ...clip, mediaTypes: png, ...options });
      return decodePng(new Uint8Array(bytes!));
    };
    expect(await pictureOf('retrieveInstanceRendered', {})).toMatchObject({ width: 320, height: 240 });
    const queryParams = { viewport: '160,120' };
    const small = await pictureOf('retrieveInstanceRendered', { queryParams });
    expect(small).toMatchObject({ width: 160, height: 120 });
    const frameNumbers = [3];
    const { data, channels } = await pictureOf('retrieveInstanceFramesRendered', { frameNumbers });
    expect(data[(120 * 320 + 110) * channels]).toBeGreaterThan(230); // in the disc, which is at 60 + 2 * 25
    const bare = { ...clip, queryParams };
    const jpegs = [
      await call<ArrayBuffer[]>('retrieveInstanceRendered', bare),
      await call<ArrayBuffer[]>('retrieveInstanceFramesRendered', { ...bare, frameNumbers }),
    ];
    expect(jpegs.map(([bytes]) => isJpeg(bytes!))).toEqual([true, true]);
  });

  it('retrieves thumbnails of an instance and of a frame', async () => {
    const frame = { ...clip, frameNumbers: [3] };
    const mediaTypes = [{ mediaType: 'image/jpeg' }];
    const jpegs = [
      await call<ArrayBuffer[]>('retrieveInstanceThumbnail', clip),
      await call<ArrayBuffer[]>('retrieveInstanceThumbnail', { ...clip, mediaTypes }),
      await call<ArrayBuffer[]>('retrieveInstanceFramesThumbnail', frame),
      await call<ArrayBuffer[]>('retrieveInstanceFramesThumbnail', { ...frame, mediaTypes }),
    ];
    expect(jpegs.map(([bytes]) => isJpeg(bytes!))).toEqual([true, true, true, true]);
  });

  it('retrieves long values by the URIs of the metadata, in parts, bare and a range', async () => {
    const [header] = await call<DicomJson[]>('retrieveInstanceMetadata', clip);
    const { BulkDataURI } = header!['7FE00010']!;
    const mediaTypes = [{ mediaType: 'application/octet-stream' }];
    for (const options of [{ BulkDataURI }, { BulkDataURI, mediaTypes }]) {
      const [value] = await call<ArrayBuffer[]>('retrieveBulkData', options);
      expect(Buffer.from(value!).equals(pixels)).toBe(true);
    }
    const single = { singlepart: 'bulkdata' };
    const [bare] = await call<ArrayBuffer[]>('retrieveBulkData', { BulkDataURI }, single);
    expect(Buffer.from(bare!).equals(pixels)).toBe(true);
    const headers = { Range: 'bytes=100-199' };
    const [range] = await call<ArrayBuffer[]>('retrieveBulkData', { BulkDataURI, headers }, single);
    expect(Buffer.from(range!).equals(pixels.subarray(100, 200))).toBe(true);
  });

  it('builds a WADO-URI address that is answered', async () => {
    const headers = { authorization: `Bearer ${peer.tokens.admin}` };
    const settings = { url: `${peer.url}/dicom-web`, wadoURLPrefix: 'wado-uri', singlepart: '', headers };
    const url = new api.DICOMwebClient(settings).buildInstanceWadoURIUrl(clip);
    const answer = await fetch(url, { headers });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^application\/dicom/),
    ]);
    expect(Buffer.from(await answer.arrayBuffer()).equals(us.files[0]!)).toBe(true);
  });
});
