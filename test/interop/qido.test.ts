// QIDO-RS with dicomweb-client, as OHIF calls it.
import { api } from 'dicomweb-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DicomJson } from '../../node/dicom/model/json.ts';
import { type SyntheticInstance, syntheticStudies } from '../../sim/studies/studies.ts';
import { openPeer, type Peer, take } from '../node/http/kit.ts';
import { FetchRequest } from './xml-http-request.ts';

const patient = { id: '2000000000008', name: 'Ștefănescu^Ion', birthDate: '19700101', sex: 'M' } as const;

let peer: Peer;
let all: SyntheticInstance[];
let client: api.DICOMwebClient;
beforeAll(async () => {
  peer = await openPeer();
  all = [...syntheticStudies({ seed: 3, patient, slices: { ct: 3, mr: 2, cr: 0 } })];
  for (const each of all) await take(peer, each.part10);
  const headers = { authorization: `Bearer ${peer.tokens.imaging}` };
  client = new api.DICOMwebClient({ url: `${peer.url}/dicom-web`, headers, singlepart: 'all', verbose: false });
});
afterAll(() => peer.close());

/** What a call asks for, over fetch: its types know nothing of `request`. */
const over = <T extends object>(asked: T): T => ({ ...asked, request: { instance: new FetchRequest() } });
const values = (found: unknown, tag: string) => (found as DicomJson[]).map((each) => each[tag]?.Value?.[0]);

it('finds studies as a work list asks for them', async () => {
  const queryParams = {
    ...{ limit: 101, offset: 0, fuzzymatching: true, includefield: '00081030,00080060' },
    ...{ PatientName: 'stefan', ModalitiesInStudy: 'CT', StudyDate: '20200101-20301231' },
  };
  const found = await client.searchForStudies(over({ queryParams }));
  expect(values(found, '0020000D')).toEqual([all[0]!.studyUid]);
  expect(values(found, '00100010')).toEqual([{ Alphabetic: 'Ștefănescu^Ion' }]);
  expect(values(found, '00201208')).toEqual([3]);
});

it('finds everything, and nothing', async () => {
  expect(await client.searchForStudies(over({}))).toHaveLength(2);
  const nobody = { PatientID: 'nobody' };
  expect(await client.searchForStudies(over({ queryParams: nobody }))).toEqual([]);
});

it('finds series and instances', async () => {
  const { studyUid, seriesUid } = all[0]!;
  const series = await client.searchForSeries(over({ studyInstanceUID: studyUid }));
  expect(values(series, '0020000E')).toEqual([seriesUid]);
  const everywhere = await client.searchForSeries(over({ queryParams: { Modality: 'MR' } }));
  expect(values(everywhere, '0020000D')).toEqual([all.at(-1)!.studyUid]);
  const place = { studyInstanceUID: studyUid, seriesInstanceUID: seriesUid };
  const instances = await client.searchForInstances(over(place));
  const own = all.filter((each) => each.seriesUid === seriesUid).map((each) => each.sopInstanceUid);
  expect(values(instances, '00080018').sort()).toEqual(own.sort());
  expect(await client.searchForInstances(over({ queryParams: { limit: 4 } }))).toHaveLength(4);
});

it('tells what is wrong with a search', async () => {
  const queryParams = { StudyDate: 'yesterday' };
  await expect(client.searchForStudies(over({ queryParams }))).rejects.toMatchObject({ status: 400 });
});
