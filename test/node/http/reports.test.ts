// Reports over HTTP: read in three forms, written into studies that are here, and manifests for other systems.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../../../node/dicom/model/attributes.ts';
import { readPart10 } from '../../../node/dicom/read/read-dataset.ts';
import { readKeyObjects } from '../../../node/dicom/sr/key-objects.ts';
import type { Report } from '../../../node/dicom/sr/report.ts';
import { manifestFromFhir } from '../../../node/manifests/mado/fhir.ts';
import { manifestFromKos } from '../../../node/manifests/mado/kos.ts';
import { type SyntheticInstance, syntheticStudies } from '../../../sim/studies/studies.ts';
import { requires } from '../../programs.ts';
import { samples } from '../dicom/samples.ts';
import { type Call, openPeer, type Peer, take } from './kit.ts';

const patient = { id: '2000000000008', name: 'Ștefănescu^Ion', birthDate: '19700101', sex: 'M' } as const;
const dir = mkdtempSync(join(tmpdir(), 'dicomnet-reports-'));

let peer: Peer;
let ct: SyntheticInstance[];
beforeAll(async () => {
  peer = await openPeer();
  ct = [...syntheticStudies({ seed: 1, patient, slices: { ct: 3, mr: 0, cr: 0 } })];
  for (const each of ct) await take(peer, each.part10);
});
afterAll(async () => {
  await peer.close();
  rmSync(dir, { recursive: true });
});

const studyUrl = (uid = ct[0]!.studyUid) => `/api/v1/studies/${uid}`;
const written = async (answer: Response) => {
  const body = (await answer.json()) as { study: string; series: string; instance: string };
  expect(answer.status, JSON.stringify(body)).toBe(201);
  return body;
};
const post = (what: string, json: unknown, call: Call = {}) =>
  peer.call(`${studyUrl()}/${what}`, { as: 'practitioner', json, ...call });
const stored = async ({ study, series, instance }: { study: string; series: string; instance: string }) => {
  const url = `/dicom-web/studies/${study}/series/${series}/instances/${instance}`;
  const answer = await peer.call(url, { headers: { accept: 'application/dicom' } });
  return Buffer.from(await answer.arrayBuffer());
};
const reportOf = (study: string, instance: string, accept: string) =>
  peer.call(`${studyUrl(study)}/instances/${instance}/report`, { as: 'practitioner', headers: { accept } });

function errorsOf(program: string, file: Uint8Array): string[] {
  const path = join(dir, 'one.dcm');
  writeFileSync(path, file);
  const { stdout, stderr } = spawnSync(program, [path], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).not.toBe('');
  return `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('Error'));
}

describe('a conclusion', () => {
  const said = { findings: 'Nodul <8 mm>', conclusion: 'Control în 3 luni', language: 'ro-MD' };

  it('is filed in a new series of the study, verified by who wrote it, and written down', async () => {
    const references = [{ instance: ct[0]!.sopInstanceUid }];
    const kept = await written(await post('conclusions', { ...said, references, verified: true }));
    expect(kept.study).toBe(ct[0]!.studyUid);
    expect(ct.map(({ seriesUid }) => seriesUid)).not.toContain(kept.series);
    expect(peer.stores.index.study(kept.study)!.series.map(({ uid }) => uid)).toContain(kept.series);
    const report = (await (await reportOf(kept.study, kept.instance, 'application/json')).json()) as Report;
    expect(report).toMatchObject({
      title: 'Diagnostic Imaging Report',
      ...{ completion: 'COMPLETE', verified: true, patient: 'Ștefănescu^Ion' },
      verifiers: [{ name: 'practitioner one', organization: 'Spitalul A' }],
    });
    const entries = [];
    for await (const { entry } of peer.audit.entries({ from: 0 })) entries.push(entry);
    expect(entries.at(-2)).toMatchObject({ kind: 'report', outcome: 'success', person: { name: 'practitioner one' } });
  });

  it('is read as a page and as text', async () => {
    const kept = await written(await post('conclusions', said));
    const html = await reportOf(kept.study, kept.instance, 'text/html,application/xhtml+xml;q=0.9');
    expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await html.text()).toContain('<p><strong>Finding:</strong> Nodul &lt;8 mm&gt;</p>');
    const text = await reportOf(kept.study, kept.instance, 'text/plain');
    expect(await text.text()).toContain('Conclusion: Control în 3 luni');
    expect((await reportOf(kept.study, kept.instance, 'image/png')).status).toBe(406);
    const headers = { accept: 'text/plain', 'accept-language': 'ro' };
    const path = `${studyUrl(kept.study)}/instances/${kept.instance}/report`;
    const romanian = await peer.call(path, { as: 'practitioner', headers });
    expect(romanian.headers.get('content-language')).toBe('ro');
    expect(await romanian.text()).toMatch(/^Pacient: .*Stare: COMPLET, /ms);
  });

  it('is refused for what is not here, and for who may not', async () => {
    const other = { ...said, references: [{ instance: '1.2.3.4' }] };
    expect((await post('conclusions', other)).status).toBe(404);
    expect((await peer.call(`${studyUrl('1.9')}/conclusions`, { as: 'imaging', json: said })).status).toBe(404);
    expect((await post('conclusions', said, { as: 'device' })).status).toBe(403);
    expect((await post('conclusions', { ...said, verified: true }, { as: 'admin' })).status).toBe(403);
    expect((await post('conclusions', { ...said, conclusion: ' ' })).status).toBe(400);
    expect((await post('conclusions', { ...said, verdict: 'x' })).status).toBe(400);
  });
});

it('an image is no report', async () => {
  const answer = await reportOf(ct[0]!.studyUid, ct[0]!.sopInstanceUid, '*/*');
  expect([answer.status, await answer.json()]).toMatchObject([415, { code: 'report/none' }]);
});

it('key objects are filed with their title, note and instances in order', async () => {
  const instances = [{ instance: ct[2]!.sopInstanceUid }, { instance: ct[0]!.sopInstanceUid }];
  const kept = await written(await post('key-objects', { title: 'for-conference', instances, note: 'de discutat' }));
  const { json } = readPart10(await stored(kept));
  expect(readKeyObjects(json)).toMatchObject({
    ...{ title: { meaning: 'For Conference' }, note: 'de discutat' },
    references: instances.map(({ instance }) => ({ sopInstanceUid: instance, studyUid: kept.study, image: true })),
  });
  expect((await post('key-objects', { title: 'unheard-of', instances })).status).toBe(400);
  expect((await post('key-objects', { title: 'of-interest', instances: [] })).status).toBe(400);
});

describe('the manifest', () => {
  const get = (format: string) => peer.call(`${studyUrl()}/manifest?format=${format}`, { as: 'imaging' });

  it('comes as a KOS and as FHIR, and both are the manifest', async () => {
    const { manifest } = await peer.parts.manifests.cut(peer.stores.index.study(ct[0]!.studyUid)!);
    const kos = await get('kos');
    expect(kos.headers.get('content-type')).toBe('application/dicom');
    expect(manifestFromKos(new Uint8Array(await kos.arrayBuffer()))).toEqual(manifest);
    const fhir = await get('fhir');
    expect(fhir.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
    const text = await fhir.text();
    expect(manifestFromFhir(JSON.parse(text))).toEqual(manifest);
    expect(text).toContain(`"address":"${peer.url}/dicom-web"`);
    expect((await get('xml')).status).toBe(400);
  });

  it('holds no key of the study', async () => {
    const study = peer.stores.index.study(ct[0]!.studyUid)!;
    const { key } = await peer.stores.keys.own(study.id);
    const { key: sealing } = await peer.parts.manifests.cut(study);
    const all = Buffer.concat([
      Buffer.from(await (await get('kos')).arrayBuffer()),
      Buffer.from(await (await get('fhir')).arrayBuffer()),
    ]);
    for (const secret of [key, sealing]) {
      const bytes = Buffer.from(secret);
      for (const form of [bytes, bytes.toString('hex'), bytes.toString('base64')])
        expect(all.includes(form)).toBe(false);
    }
  });

  it('is written down as an export', async () => {
    await get('kos');
    const entries = [];
    for await (const { entry } of peer.audit.entries({ from: 0 })) entries.push(entry);
    expect(entries.at(-1)).toMatchObject({ kind: 'export', person: { name: 'imaging one' } });
  });
});

const all = samples();
const dciodvfy = requires('dciodvfy');
describe.runIf(all.length > 0 && dciodvfy !== undefined)('studies of the sample files', () => {
  it('take conclusions and selections that have no error but those of their patient and study', async () => {
    const wanted = /ct_image|dx_image|test-SR|CT_small|MR_small|rtplan\.dcm|seg_image_ct_binary\.dcm|report_dfl/;
    let checked = 0;
    for (const sample of all.filter(({ path }) => wanted.test(path))) {
      const file = sample.read();
      const taken = await take(peer, file);
      if (taken.outcome !== 'imported') continue;
      const instance = textOf(readPart10(file).json, '00080018')!;
      const said = { conclusion: 'Unauffällig', findings: 'Übersicht', references: [{ instance }], verified: true };
      const url = studyUrl(taken.study);
      const report = await written(await peer.call(`${url}/conclusions`, { as: 'practitioner', json: said }));
      const selection = { title: 'of-interest', instances: [{ instance }] };
      const kos = await written(await peer.call(`${url}/key-objects`, { as: 'practitioner', json: selection }));
      const inherited = errorsOf(dciodvfy!, file);
      for (const kept of [report, kos]) {
        const errors = errorsOf(dciodvfy!, await stored(kept));
        expect(
          errors.filter((line) => !inherited.includes(line)),
          sample.path,
        ).toEqual([]);
      }
      checked += 1;
    }
    expect(checked).toBeGreaterThan(4);
  });

  it('that are reports themselves are shown', async () => {
    let shown = 0;
    for (const sample of all.filter(({ modality }) => modality === 'SR')) {
      const file = sample.read();
      const taken = await take(peer, file);
      if (taken.outcome === 'aside' || taken.outcome === 'refused') continue;
      const text = await reportOf(taken.study, textOf(readPart10(file).json, '00080018')!, 'text/plain');
      expect(text.status, sample.path).toBe(200);
      expect((await text.text()).length).toBeGreaterThan(100);
      shown += 1;
    }
    expect(shown).toBeGreaterThan(4);
  });
});
