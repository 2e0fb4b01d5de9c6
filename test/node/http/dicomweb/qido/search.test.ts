import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../../../node/dicom/model/json.ts';
import { type SyntheticInstance, syntheticStudies } from '../../../../../sim/studies/studies.ts';
import { openPeer, type Peer, partsOf, take } from '../../kit.ts';

const people = [
  { id: '2000000000008', name: 'Ștefănescu^Ion', birthDate: '19700101', sex: 'M' },
  { id: '2000000000019', name: 'Ковальчук^Сергей', birthDate: '19800202', sex: 'M' },
] as const;

let peer: Peer;
let all: SyntheticInstance[];

beforeAll(async () => {
  peer = await openPeer();
  all = people.flatMap((patient, i) => [
    ...syntheticStudies({ seed: i, patient, slices: { ct: 3, mr: 2, cr: 0 }, date: `2026011${i}` }),
  ]);
  for (const each of all) await take(peer, each.part10);
});
afterAll(() => peer.close());

const of = (patient: number, modality: string) =>
  all.filter((each) => each.modality === modality)[patient * (modality === 'CT' ? 3 : 2)]!;

async function search(path: string): Promise<DicomJson[]> {
  const answer = await peer.call(`/dicom-web${path}`, { headers: { accept: 'application/dicom+json' } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/dicom+json');
  return (await answer.json()) as DicomJson[];
}

const first = (json: DicomJson | undefined, tag: string) => json?.[tag]?.Value?.[0];
const uids = async (path: string, tag = '0020000D') => (await search(path)).map((each) => first(each, tag));

describe('studies', () => {
  it('are answered with what is required of them, latest first', async () => {
    const found = await search('/studies');
    expect(found.map((each) => `${first(each, '00080020')} ${first(each, '00080061')}`)).toHaveLength(4);
    expect(found.map((each) => first(each, '00080020'))).toEqual(['20260111', '20260111', '20260110', '20260110']);
    const ct = of(0, 'CT');
    const [study] = await search(`/studies?StudyInstanceUID=${ct.studyUid}`);
    expect(study).toMatchObject({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00080020': { vr: 'DA', Value: ['20260110'] },
      '00080030': { vr: 'TM', Value: ['093000'] },
      '00080050': { vr: 'SH', Value: ['CT0'] },
      '00080056': { vr: 'CS', Value: ['ONLINE'] },
      '00080061': { vr: 'CS', Value: ['CT'] },
      '00081190': { vr: 'UR', Value: [`${peer.url}/dicom-web/studies/${ct.studyUid}`] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Ștefănescu^Ion' }] },
      '00100020': { vr: 'LO', Value: ['2000000000008'] },
      '00100030': { vr: 'DA', Value: ['19700101'] },
      '00100040': { vr: 'CS', Value: ['M'] },
      '0020000D': { vr: 'UI', Value: [ct.studyUid] },
      '00201206': { vr: 'IS', Value: [1] },
      '00201208': { vr: 'IS', Value: [3] },
    });
    expect(Object.keys(study!)).toEqual(Object.keys(study!).toSorted());
  });

  it.each([
    ['PatientName=stefanescu*', 2],
    ['PatientName=*serghei*&limit=101&offset=0&fuzzymatching=false&includefield=00081030,00080060', 2],
    ['00100010=ion%20stef&fuzzymatching=true', 2],
    ['PatientID=2000000000019', 2],
    ['PatientID=nobody', 0],
    ['ModalitiesInStudy=CT', 2],
    ['ModalitiesInStudy=CT,MR', 4],
    ['StudyDate=20260111-', 2],
    ['StudyDate=20260110-20260110&ModalitiesInStudy=MR', 1],
    ['AccessionNumber=ct0', 1],
    ['NumberOfStudyRelatedInstances=3', 2],
    ['includefield=all', 4],
    ['StudyInstanceUID=', 4],
  ])('%s finds %i', async (query, count) => {
    expect(await search(`/studies?${query}`)).toHaveLength(count);
  });

  it('come in pages', async () => {
    const whole = await uids('/studies');
    const pages = [
      await uids('/studies?limit=3'),
      await uids('/studies?limit=3&offset=3'),
      await uids('/studies?offset=9'),
    ];
    expect(pages).toEqual([whole.slice(0, 3), whole.slice(3), []]);
    expect(await uids('/studies?limit=0')).toEqual([]);
  });
});

describe('series', () => {
  it('of a study have their own attributes, elsewhere their study’s too', async () => {
    const ct = of(1, 'CT');
    const url = `${peer.url}/dicom-web/studies/${ct.studyUid}/series/${ct.seriesUid}`;
    const own = {
      '00080060': { vr: 'CS', Value: ['CT'] },
      '0020000E': { vr: 'UI', Value: [ct.seriesUid] },
      '00200011': { vr: 'IS', Value: [1] },
      '00201209': { vr: 'IS', Value: [3] },
      '00081190': { vr: 'UR', Value: [url] },
    };
    const [series, ...more] = await search(`/studies/${ct.studyUid}/series`);
    expect(more).toEqual([]);
    expect(series).toMatchObject(own);
    expect(series).not.toHaveProperty('00100010');
    const [anywhere] = await search('/series?Modality=CT&PatientID=2000000000019');
    expect(anywhere).toMatchObject({ ...own, '00100020': { Value: ['2000000000019'] } });
    expect(await search('/studies/1.2.3/series')).toEqual([]);
    expect(await search(`/studies/${ct.studyUid}/series?Modality=MR`)).toEqual([]);
  });
});

describe('instances', () => {
  it('of a series have what is required, and what is asked for', async () => {
    const { studyUid, seriesUid } = of(0, 'CT');
    const place = `/studies/${studyUid}/series/${seriesUid}/instances`;
    const found = await search(`${place}?includefield=SliceThickness&includefield=00280030,00189999`);
    const mine = all.filter((each) => each.seriesUid === seriesUid).map((each) => each.sopInstanceUid);
    expect(found.map((each) => first(each, '00080018')).sort()).toEqual(mine.sort());
    for (const each of found) {
      expect(each).toMatchObject({
        '00080016': { vr: 'UI' },
        '00080056': { vr: 'CS', Value: ['ONLINE'] },
        '00081190': { vr: 'UR', Value: [`${peer.url}/dicom-web${place}/${first(each, '00080018')}`] },
        '00200013': { vr: 'IS' },
        '00280010': { vr: 'US', Value: [512] },
        '00280011': { vr: 'US', Value: [512] },
        '00280100': { vr: 'US', Value: [16] },
        '00180050': { vr: 'DS' },
        '00280030': { vr: 'DS' },
      });
      expect(each).not.toHaveProperty('00100010');
      expect(each).not.toHaveProperty('7FE00010');
    }
    const [every] = await search(`${place}?InstanceNumber=2&includefield=all`);
    expect(every).toMatchObject({ '00100010': { vr: 'PN' }, '7FE00010': { vr: 'OW' } });
    const uri = every!['7FE00010']!.BulkDataURI!;
    expect((await peer.call(uri.replace(peer.url, ''))).status).toBe(200);
  });

  it('are searched by any attribute of theirs, in a study and everywhere', async () => {
    const { studyUid, sopInstanceUid } = of(1, 'MR');
    expect(await search(`/studies/${studyUid}/instances?SOPInstanceUID=${sopInstanceUid}`)).toHaveLength(1);
    expect(await search(`/studies/${of(0, 'MR').studyUid}/instances?SOPInstanceUID=${sopInstanceUid}`)).toEqual([]);
    expect(await uids(`/instances?SOPInstanceUID=${sopInstanceUid},1.2.3`, '00080018')).toEqual([sopInstanceUid]);
    expect(await search('/instances?Modality=MR&PatientName=*ion')).toHaveLength(2);
    expect(await search('/instances?InstanceNumber=1')).toHaveLength(4);
    expect(await search('/instances?PhotometricInterpretation=MONOCHROME2&Rows=256')).toHaveLength(4);
    const pages = [await uids('/instances?limit=7', '00080018'), await uids('/instances?limit=7&offset=7', '00080018')];
    expect(new Set(pages.flat()).size).toBe(10);
  });
});

it('writes down who searched for what, before it answers', async () => {
  const before = peer.audit.size;
  await search('/studies?PatientName=ion*');
  await search(`/studies/${of(0, 'CT').studyUid}/series`);
  const entries = [];
  for await (const { entry } of peer.audit.entries({ from: before })) entries.push(entry);
  const person = { name: 'admin one', role: 'admin' };
  expect(entries).toMatchObject([
    { kind: 'query', person, detail: { level: 'studies', query: 'PatientName=ion*' } },
    { kind: 'query', person, detail: { level: 'series' }, study: of(0, 'CT').studyUid },
  ]);
});

describe('queries', () => {
  it.each([
    ['/studies?StudyInstanceUID=UID0,UID1', 2],
    ['/studies?StudyInstanceUID=UID0%5CUID1,1.2.3', 2],
    ['/studies?StudyInstanceUID=UID0&StudyInstanceUID=UID1', 2],
    ['/studies?0020000D=UID0&PatientName=nobody', 0],
    ['/studies?SOPInstanceUID=SOP0', 1],
    ['/studies?Modality=CT&PatientID=2000000000008', 1],
    ['/studies?PatientName=%22%22', 0],
    ['/studies?PatientID=2000000000008%5C2000000000019', 4],
    ['/studies?StudyDate=20260110-20260111&StudyTime=0931-0930', 2],
    ['/studies?StudyDescription=', 4],
    ['/studies?InstitutionName=*', 4],
    ['/studies?emptyvaluematching=true&multiplevaluematching=true&ModalitiesInStudy=MR', 2],
    ['/studies/UID0/series?StudyInstanceUID=UID1', 0],
    ['/studies/UID0/series?00400275.00400009=S1', 0],
    ['/studies/UID0/series?RequestAttributesSequence.ScheduledProcedureStepID=*', 1],
    ['/instances?StudyInstanceUID=UID0,UID1&InstanceNumber=1', 2],
    ['/studies/UID0/instances?ImageType=ORIGINAL&Rows=512', 3],
    ['/series?SeriesDescription=*&NumberOfSeriesRelatedInstances=2', 2],
  ])('%s finds %i', async (path, count) => {
    const known = { UID0: of(0, 'CT').studyUid, UID1: of(1, 'MR').studyUid, SOP0: of(0, 'CT').sopInstanceUid };
    expect(await search(path.replace(/UID[01]|SOP0/g, (name) => known[name as keyof typeof known]))).toHaveLength(
      count,
    );
  });

  it.each([
    ['/studies?Nothing=1', 'http/invalid'],
    ['/studies?StudyDate=yesterday', 'query/key'],
    ['/studies?StudyInstanceUID=1.2.*', 'query/key'],
    ['/studies?InstanceNumber=1', 'query/key'],
    ['/studies?RequestAttributesSequence=x', 'query/key'],
    ['/studies?PatientName.PatientID=x', 'http/invalid'],
    ['/studies?PixelData=x', 'query/key'],
    ['/studies?limit=-1', 'http/invalid'],
    ['/studies?limit=ten', 'http/invalid'],
    ['/studies?includefield=Nothing', 'http/invalid'],
  ])('%s is refused by %s', async (path, code) => {
    const answer = await peer.call(`/dicom-web${path}`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, code]);
  });

  it('bring what they ask for', async () => {
    const { studyUid } = of(0, 'CT');
    const [plain] = await search(`/studies?StudyInstanceUID=${studyUid}`);
    expect(plain).not.toHaveProperty('00200052');
    const fields = 'includefield=InstitutionName,00080062&includefield=NumberOfPatientRelatedStudies,SeriesNumber';
    const [asked] = await search(`/studies?StudyInstanceUID=${studyUid}&${fields}`);
    expect(asked).toMatchObject({
      '00080080': { vr: 'LO' },
      '00080062': { vr: 'UI' },
      '00201200': { vr: 'IS', Value: [2] },
    });
    expect(asked).not.toHaveProperty('00200011');
    const [all] = await search(`/studies?StudyInstanceUID=${studyUid}&includefield=all`);
    for (const tag of ['00080080', '00100010', '00201208']) expect(all).toHaveProperty(tag);
    for (const tag of ['00080018', '00080060', '00280010', '7FE00010']) expect(all).not.toHaveProperty(tag);
    const [series] = await search(`/studies/${studyUid}/series?includefield=FrameOfReferenceUID`);
    expect(series).toMatchObject({ '00200052': { vr: 'UI' }, '00080060': { Value: ['CT'] } });
  });
});

describe('media types', () => {
  const ask = (path: string, accept: string) => peer.call(`/dicom-web${path}`, { headers: { accept } });

  it('are JSON and XML', async () => {
    for (const accept of ['text/html', 'application/dicom', 'application/dicom+xml', 'image/jpeg'])
      expect((await ask('/studies', accept)).status).toBe(406);
    for (const accept of [
      '*/*',
      'application/json',
      'text/html, application/dicom+json;q=0.5',
      'multipart/related;q=0.1,*/*',
    ]) {
      expect((await ask('/studies', accept)).headers.get('content-type')).toBe('application/dicom+json');
    }
    expect((await peer.call('/dicom-web/studies?accept=application/dicom%2Bxml')).status).toBe(406);
  });

  it('give each result as an XML document', async () => {
    for (const inner of ['application/dicom+xml', 'text/xml']) {
      const answer = await ask('/studies', `multipart/related; type="${inner}", application/dicom+json;q=0.9`);
      const type = answer.headers.get('content-type')!;
      expect(type).toMatch(/^multipart\/related; type="application\/dicom\+xml"; boundary=/);
      const parts = partsOf(type, await answer.bytes());
      expect(parts.map(({ headers }) => headers['content-type'])).toEqual(Array(4).fill('application/dicom+xml'));
      const json = await search('/studies');
      for (const [i, { body }] of parts.entries()) {
        expect(body.toString()).toContain(`<Value number="1">${first(json[i], '0020000D')}</Value>`);
        expect(body.toString()).toMatch(
          /^<\?xml version="1.0" encoding="UTF-8"\?>\n<NativeDicomModel .*<\/NativeDicomModel>$/s,
        );
      }
    }
  });

  it('give metadata as XML, of one instance also bare', async () => {
    const { studyUid, seriesUid, sopInstanceUid } = of(1, 'CT');
    const place = `/studies/${studyUid}/series/${seriesUid}`;
    const many = await ask(`${place}/metadata`, 'multipart/related; type="application/dicom+xml"');
    const parts = partsOf(many.headers.get('content-type')!, await many.bytes());
    expect(parts).toHaveLength(3);
    expect((await ask(`${place}/metadata`, 'application/dicom+xml')).status).toBe(406);
    const one = await ask(`${place}/instances/${sopInstanceUid}/metadata`, 'application/dicom+xml');
    expect(one.headers.get('content-type')).toBe('application/dicom+xml');
    const text = await one.text();
    expect(text).toContain('<FamilyName>Ковальчук</FamilyName><GivenName>Сергей</GivenName>');
    const uri = /tag="7FE00010"[^>]*><BulkData uri="([^"]+)"/.exec(text)![1]!;
    expect(uri).toMatch(new RegExp(`^${peer.url}/dicom-web${place}/instances/${sopInstanceUid}/bulkdata/`));
    expect((await peer.call(uri.replace(peer.url, ''))).status).toBe(200);
  });

  it('tell an empty result as one', async () => {
    expect(await search('/studies?PatientID=nobody')).toEqual([]);
    const xml = await ask('/studies?PatientID=nobody', 'multipart/related; type="application/dicom+xml"');
    expect([xml.status, partsOf(xml.headers.get('content-type')!, await xml.bytes())]).toEqual([200, []]);
  });
});

it('answers with a patient’s number as it was written, and finds it in any spelling', async () => {
  const hospital = await openPeer();
  const patient = { ...people[0], id: 'c-11.05 7' };
  for (const each of syntheticStudies({ seed: 9, patient, slices: { ct: 1, mr: 0, cr: 0 } })) {
    await take(hospital, each.part10);
  }
  const headers = { accept: 'application/dicom+json' };
  for (const asked of ['c-11.05 7', 'C11057', 'c-11*', 'C 11 057']) {
    const path = `/dicom-web/studies?PatientID=${encodeURIComponent(asked)}`;
    const found = (await (await hospital.call(path, { headers })).json()) as DicomJson[];
    expect([asked, found.map((each) => first(each, '00100020'))]).toEqual([asked, ['c-11.05 7']]);
  }
  await hospital.close();
});
