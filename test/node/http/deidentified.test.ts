// Studies without their patients over HTTP: real stores, the real guard's audit, real pixels.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uids } from '../../../node/dicom/model/transfer-syntax.ts';
import { writePart10Header } from '../../../node/dicom/write/part10-header.ts';
import type { AuditEntry } from '../../../protocol/audit/entry.ts';
import type { Attributes } from '../../../sim/studies/dataset-writer.ts';
import { type SyntheticInstance, syntheticStudies } from '../../../sim/studies/studies.ts';
import { dataset, readFile } from '../dicom/helpers.ts';
import { samples } from '../dicom/samples.ts';
import { openPeer, type Peer, partsOf, take } from './kit.ts';

const patient = { id: '2000000000008', name: 'Ștefănescu^Ion', birthDate: '19700101', sex: 'M' } as const;
const ultrasound = '1.2.840.10008.5.1.4.1.1.6.1';

let peer: Peer;
let ct: SyntheticInstance[];

const image = (study: string, more: Attributes = []): Uint8Array => {
  const whole = dataset(
    [0x00080016, 'UI', ultrasound],
    [0x00080018, 'UI', `${study}.1.1`],
    [0x00100010, 'PN', 'Ceban^Vera'],
    [0x00100020, 'LO', '2000000000015'],
    [0x0020000d, 'UI', study],
    [0x0020000e, 'UI', `${study}.1`],
    [0x00280002, 'US', [1]],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', [4]],
    [0x00280011, 'US', [4]],
    [0x00280100, 'US', [8]],
    [0x00280101, 'US', [8]],
    [0x00280102, 'US', [7]],
    [0x00280103, 'US', [0]],
    ...more,
    [0x7fe00010, 'OB', new Uint8Array(16).fill(9)],
  );
  const meta = { sopClassUid: ultrasound, sopInstanceUid: `${study}.1.1`, transferSyntax: uids.explicitLittleEndian };
  return Buffer.concat([writePart10Header(meta), whole]);
};

beforeAll(async () => {
  peer = await openPeer();
  ct = [...syntheticStudies({ seed: 1, patient, slices: { ct: 4, mr: 0, cr: 0 } })];
  for (const each of ct) await take(peer, each.part10);
  await take(peer, image('1.2.99'));
});
afterAll(() => peer.close());

/** A report as a PDF, of the study of the image. */
const report = (study: string): Uint8Array => {
  const [sopClassUid, sopInstanceUid] = ['1.2.840.10008.5.1.4.1.1.104.1', `${study}.2.1`];
  const whole = dataset(
    [0x00080016, 'UI', sopClassUid],
    [0x00080018, 'UI', sopInstanceUid],
    [0x00100010, 'PN', 'Ceban^Vera'],
    [0x00100020, 'LO', '2000000000015'],
    [0x0020000d, 'UI', study],
    [0x0020000e, 'UI', `${study}.2`],
    [0x00280301, 'CS', 'NO'],
    [0x00420011, 'OB', Buffer.from('%PDF-1.4 of Vera')],
  );
  return Buffer.concat([
    writePart10Header({ sopClassUid, sopInstanceUid, transferSyntax: uids.explicitLittleEndian }),
    whole,
  ]);
};

const get = (study: string, query: string) => peer.call(`/api/v1/studies/${study}/deidentified?${query}`);
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;

async function files(study: string, query: string): Promise<Uint8Array[]> {
  const answer = await get(study, query);
  expect(answer.status).toBe(200);
  return partsOf(answer.headers.get('content-type')!, new Uint8Array(await answer.arrayBuffer())).map(
    ({ body }) => body,
  );
}

async function exportsOf({ audit }: Peer): Promise<AuditEntry[]> {
  const exports = [];
  for await (const { entry } of audit.entries({ from: 0 })) if (entry?.kind === 'export') exports.push(entry);
  return exports;
}

describe('a study', () => {
  it('comes without its patient, its UIDs belong together, and the log says so', async () => {
    const all = await files(ct[0]!.studyUid, 'profile=basic+dates');
    expect(all).toHaveLength(4);
    const read = await Promise.all(all.map((file) => readFile(file)));
    expect(new Set(read.map(({ summary }) => summary.header.studyUid)).size).toBe(1);
    expect(new Set(read.map(({ summary }) => summary.header.sopInstanceUid)).size).toBe(4);
    for (const file of all) {
      const text = Buffer.from(file).toString('utf8');
      for (const secret of ['tefănescu', patient.id, patient.birthDate, ct[0]!.studyUid])
        expect(text).not.toContain(secret);
    }
    expect(Buffer.compare(all[0]!, (await files(ct[0]!.studyUid, 'profile=basic,dates'))[0]!)).toBe(0);
    expect((await exportsOf(peer))[0]!.detail).toEqual({
      deidentified: 'basic+dates',
      regions: 0,
      suspected: 'refuse',
    });
  });

  it('is refused before its first byte where text may be burned in; left out, blanked or inspected on demand', async () => {
    const refused = await get('1.2.99', 'profile=basic');
    expect([refused.status, await codeOf(refused)]).toEqual([409, 'deid/burned-in']);
    const without = await get('1.2.99', 'profile=basic&suspected=leave-out');
    expect([without.status, without.headers.get('dicomnet-left-out')]).toEqual([200, '1']);
    const pixels = async (query: string) => [...(await files('1.2.99', query))[0]!.subarray(-16)];
    expect(await pixels('profile=basic&blank=0,0,4,1;0,0,1,2')).toEqual([0, 0, 0, 0, 0, ...Array(11).fill(9)]);
    expect(await pixels('profile=basic+inspected')).toEqual(Array(16).fill(9));
  });

  it('documents are refused or left out, whatever is blanked or was inspected', async () => {
    await take(peer, image('1.2.97'));
    await take(peer, report('1.2.97'));
    for (const query of ['basic&blank=0,0,4,1', 'basic+inspected'])
      expect(await codeOf(await get('1.2.97', `profile=${query}`))).toBe('deid/document');
    const without = await get('1.2.97', 'profile=basic+inspected&suspected=leave-out');
    expect([without.status, without.headers.get('dicomnet-left-out')]).toEqual([200, '1']);
    const given = Buffer.from(await without.arrayBuffer());
    expect(partsOf(without.headers.get('content-type')!, given)).toHaveLength(1);
    expect(given.includes('PDF')).toBe(false);
    const both = await get('1.2.97', 'profile=basic&suspected=leave-out');
    expect(both.headers.get('dicomnet-left-out')).toBe('2');
  });

  it('what is refused after it was let in is in the log, with why and by whom', async () => {
    const before = await exportsOf(peer);
    await get('1.2.99', 'profile=basic');
    await get('1.2.99', 'profile=basic&blank=0,0,5,1');
    const detail = { deidentified: 'basic', suspected: 'refuse' };
    const of = {
      study: '1.2.99',
      patient: expect.any(String),
      person: expect.objectContaining({ role: expect.any(String) }),
    };
    expect((await exportsOf(peer)).slice(before.length)).toMatchObject([
      { outcome: 'success', ...of, detail: { ...detail, regions: 0 } },
      { outcome: 'denied', code: 'deid/burned-in', ...of, detail: { ...detail, regions: 0 } },
      { outcome: 'success', ...of, detail: { ...detail, regions: 1 } },
      { outcome: 'denied', code: 'deid/regions', ...of, detail: { ...detail, regions: 1 } },
    ]);
  });

  it.each([
    ['1.2.99', 'profile=everything', 'deid/profile'],
    ['1.2.99', 'profile=basic&blank=0,0,5,1', 'deid/regions'],
    ['1.2.98', 'profile=basic', 'http/not-found'],
    ['1.2.99', 'blank=0,0,1,1', 'http/invalid'],
    ['1.2.99', 'profile=basic&blank=x', 'http/invalid'],
  ])('%s?%s is refused as %s', async (study, query, code) => {
    expect(await codeOf(await get(study, query))).toBe(code);
  });

  it('is not for who may not see it', async () => {
    const path = `/api/v1/studies/${ct[0]!.studyUid}/deidentified?profile=basic`;
    expect((await peer.call(path, { as: 'learner' })).status).toBe(403);
    expect((await peer.call(path, { as: 'nobody' })).status).toBe(401);
  });
});

const compressed = samples().find(({ path }) => path.endsWith('examples_jpeg2k.dcm'));
describe.runIf(compressed)('compressed pixels', () => {
  it('are given uncompressed with the regions black', async () => {
    const original = compressed!.read();
    await take(peer, original);
    const { studyUid } = (await readFile(original)).summary.header;
    const refused = await get(studyUid, 'profile=basic');
    expect(await codeOf(refused)).toBe('deid/burned-in');
    const [file] = await files(studyUid, 'profile=basic&blank=0,0,100,50');
    const { summary, head } = await readFile(file!);
    expect(head.transferSyntax).toBe(uids.explicitLittleEndian);
    expect(summary.json['00280301']?.Value).toEqual(['NO']);
    const { rows = 0, columns = 0 } = summary.header.instance;
    const pixels = file!.subarray(-summary.pixelBytes);
    expect(pixels.length).toBeGreaterThanOrEqual(rows * columns * 3);
    for (let row = 0; row < 50; row += 1) {
      expect(pixels.subarray(row * columns * 3, (row * columns + 100) * 3).every((byte) => byte === 0)).toBe(true);
    }
    expect(pixels.some((byte) => byte !== 0)).toBe(true);
  });
});
