// WADO-RS with dicomweb-client: frames, files and pictures, as viewers ask for them.
import { api } from 'dicomweb-client';
import { decode as decodePng } from 'fast-png';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SyntheticInstance, syntheticStudies } from '../../sim/studies/studies.ts';
import { openPeer, type Peer, take } from '../node/http/kit.ts';
import { FetchRequest } from './xml-http-request.ts';

const patient = { id: '2000000000008', name: 'Ștefănescu^Ion', birthDate: '19700101', sex: 'M' } as const;

let peer: Peer;
let ct: SyntheticInstance[];
let client: api.DICOMwebClient;
beforeAll(async () => {
  peer = await openPeer();
  ct = [...syntheticStudies({ seed: 4, patient, slices: { ct: 2, mr: 0, cr: 0 } })];
  for (const each of ct) await take(peer, each.part10);
  const headers = { authorization: `Bearer ${peer.tokens.imaging}` };
  client = new api.DICOMwebClient({ url: `${peer.url}/dicom-web`, headers, singlepart: '', verbose: false });
});
afterAll(() => peer.close());

/** The first instance, asked for over fetch; the client's types know nothing of `request` and are wrong on the rest. */
const asked = (more: object = {}) =>
  ({
    ...{ studyInstanceUID: ct[0]!.studyUid, seriesInstanceUID: ct[0]!.seriesUid },
    ...{ sopInstanceUID: ct[0]!.sopInstanceUid, ...more, request: { instance: new FetchRequest() } },
  }) as never;
const pixels = () => Buffer.from(ct[0]!.dataset.subarray(-512 * 512 * 2));
const buffers = async (answer: unknown) => ((await answer) as ArrayBuffer[]).map((each) => Buffer.from(each));

it('gets frames raw, and compressed when it says so', async () => {
  const [raw] = await buffers(client.retrieveInstanceFrames(asked({ frameNumbers: [1] })));
  expect(Buffer.compare(raw!, pixels())).toBe(0);
  const mediaTypes = [{ mediaType: 'image/jls', transferSyntaxUID: '1.2.840.10008.1.2.4.80' }];
  const [jls] = await buffers(client.retrieveInstanceFrames(asked({ frameNumbers: [1], mediaTypes })));
  expect([...jls!.subarray(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xf7]);
  const either = [
    { mediaType: 'image/jls', transferSyntaxUID: '1.2.840.10008.1.2.4.80' },
    { mediaType: 'application/octet-stream', transferSyntaxUID: '1.2.840.10008.1.2.1' },
  ];
  expect(await buffers(client.retrieveInstanceFrames(asked({ frameNumbers: [1], mediaTypes: either })))).toHaveLength(
    1,
  );
});

it('gets files and pictures', async () => {
  const file = Buffer.from((await client.retrieveInstance(asked())) as ArrayBuffer);
  expect(Buffer.compare(file, ct[0]!.part10)).toBe(0);
  const series = await buffers(client.retrieveSeries(asked()));
  expect(series.map((each) => each.length).sort()).toEqual(ct.map(({ part10 }) => part10.length).sort());
  const rendered = client.retrieveInstanceRendered(asked({ mediaTypes: [{ mediaType: 'image/png' }] }));
  const [picture] = await buffers(rendered);
  expect(decodePng(picture!)).toMatchObject({ width: 512, height: 512, channels: 1 });
});
