// STOW-RS with real clients: dicomweb-client, curl, and Orthanc's DICOMweb plugin sending to the peer.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { api } from 'dicomweb-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../node/dicom/model/json.ts';
import { freePort } from '../../sim/ports.ts';
import { type SyntheticInstance, syntheticStudies } from '../../sim/studies/studies.ts';
import { openPeer, type Peer } from '../node/http/kit.ts';
import { announce, requires } from '../programs.ts';
import { FetchRequest } from './xml-http-request.ts';

const patient = { id: '2000000000008', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
const studies = (seed: number): SyntheticInstance[] => [
  ...syntheticStudies({ seed, patient, slices: { ct: 3, mr: 2, cr: 0 } }),
];
const run = promisify(execFile);

let dir: string;
let peer: Peer;
beforeAll(async () => {
  peer = await openPeer();
  dir = await mkdtemp(join(tmpdir(), 'dicomnet-stow-'));
});
afterAll(async () => {
  await peer.close();
  await rm(dir, { recursive: true });
});

async function kept(all: readonly SyntheticInstance[]): Promise<boolean[]> {
  return Promise.all(all.map(async (each) => (await peer.stores.index.instance(each.sopInstanceUid)) !== undefined));
}

describe('dicomweb-client', () => {
  const client = () => {
    const headers = { authorization: `Bearer ${peer.tokens.device}` };
    return new api.DICOMwebClient({ url: `${peer.url}/dicom-web`, headers, singlepart: 'all', verbose: false });
  };

  it('stores instances', async () => {
    const sent = studies(1);
    const datasets = sent.map(({ part10 }) => Uint8Array.from(part10).buffer);
    const request = () => ({ instance: new FetchRequest() as never });
    await client().storeInstances({ datasets, request: request() });
    expect(await kept(sent)).toEqual(sent.map(() => true));
    const [first] = sent;
    await client().storeInstances({
      datasets: datasets.slice(0, 1),
      studyInstanceUID: first!.studyUid,
      request: request(),
    });
    const wrong = client().storeInstances({
      datasets: datasets.slice(0, 1),
      studyInstanceUID: '1.2.3',
      request: request(),
    });
    await expect(wrong).rejects.toMatchObject({ status: 409 });
  });
});

describe('curl', () => {
  const curl = requires('curl');
  it.runIf(curl)('stores one file and many', async () => {
    const sent = studies(2);
    const [first] = sent;
    await writeFile(join(dir, 'one.dcm'), first!.part10);
    const common = ['-sS', '-H', `Authorization: Bearer ${peer.tokens.device}`, '-H', 'Accept: application/dicom+json'];
    const url = `${peer.url}/dicom-web/studies`;
    const one = ['--data-binary', `@${join(dir, 'one.dcm')}`, '-H', 'Content-Type: application/dicom'];
    const { stdout } = await run(curl!, [...common, ...one, url]);
    expect((JSON.parse(stdout) as DicomJson)['00081199']!.Value).toHaveLength(1);
    const parts = sent.flatMap(({ part10 }) => [
      Buffer.from('--XX\r\nContent-Type: application/dicom\r\nMIME-Version: 1.0\r\n\r\n'),
      part10,
      Buffer.from('\r\n'),
    ]);
    await writeFile(join(dir, 'many'), Buffer.concat([...parts, Buffer.from('--XX--')]));
    const type = 'Content-Type: multipart/related; type=application/dicom; boundary=XX';
    const many = await run(curl!, [...common, '-H', type, '-T', join(dir, 'many'), '-X', 'POST', url]);
    expect((JSON.parse(many.stdout) as DicomJson)['00081199']!.Value).toHaveLength(sent.length);
    expect(await kept(sent)).toEqual(sent.map(() => true));
  });
});

const plugins = ['/usr/share/orthanc/plugins', '/usr/lib/orthanc'].find((path) =>
  existsSync(join(path, 'libOrthancDicomWeb.so')),
);

describe('Orthanc', () => {
  const orthanc = requires('Orthanc');
  if (plugins === undefined) announce('orthanc-dicomweb not installed');

  it.runIf(orthanc && plugins)('sends a study with its DICOMweb plugin', async () => {
    const sent = studies(3);
    const http = await freePort();
    const config = {
      Name: 'test',
      StorageDirectory: join(dir, 'orthanc'),
      HttpPort: http,
      DicomServerEnabled: false,
      AuthenticationEnabled: false,
      Plugins: [join(plugins!, 'libOrthancDicomWeb.so')],
      DicomWeb: {
        Enable: true,
        Servers: {
          peer: {
            Url: `${peer.url}/dicom-web/`,
            HttpHeaders: { Authorization: `Bearer ${peer.tokens.device}` },
          },
        },
      },
    };
    await writeFile(join(dir, 'orthanc.json'), JSON.stringify(config));
    const child = spawn(orthanc!, [join(dir, 'orthanc.json')], { stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('close', resolve));
    try {
      const url = `http://127.0.0.1:${http}`;
      const call = (path: string, body: string | Uint8Array<ArrayBuffer>) =>
        fetch(`${url}${path}`, { method: 'POST', body });
      await expect
        .poll(
          () =>
            fetch(`${url}/system`).then(
              ({ ok }) => ok,
              () => false,
            ),
          { timeout: 30_000 },
        )
        .toBe(true);
      const resources: string[] = [];
      for (const { part10 } of sent) {
        const answer = await call('/instances', Uint8Array.from(part10));
        resources.push(((await answer.json()) as { ID: string }).ID);
      }
      const answer = await call(
        '/dicom-web/servers/peer/stow',
        JSON.stringify({ Resources: resources, Synchronous: true }),
      );
      expect([answer.status, await answer.text()]).toMatchObject([200, expect.any(String)]);
      expect(await kept(sent)).toEqual(sent.map(() => true));
    } finally {
      child.kill();
      await gone;
    }
  });
});
