import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../../../node/dicom/model/json.ts';
import { uids } from '../../../../../node/dicom/model/transfer-syntax.ts';
import { primed } from '../../../../../node/http/dicomweb/multipart.ts';
import { type SyntheticInstance, syntheticStudies } from '../../../../../sim/studies/studies.ts';
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
    [
      `${related}; transfer-syntax=1.2.840.10008.1.2.4.50, ${related}; transfer-syntax=${uids.explicitLittleEndian}`,
      200,
    ],
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
      const { parts: one } = await parts(
        uri.slice(peer.url.length),
        'multipart/related; type="application/octet-stream"',
      );
      expect(Buffer.compare(one[0]!.body, value)).toBe(0);
    }
  });

  it('names bulk data only where there is some', async () => {
    expect((await get(`${placeOf(ct[0]!)}/bulkdata/0/10`)).status).toBe(404);
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
