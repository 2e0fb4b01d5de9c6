// Orthanc as a user of the archive: it searches, and has studies sent to itself.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../sim/ports.ts';
import { eventually } from '../node/hospitals.ts';
import { requires } from '../programs.ts';
import { type Archive, instances, startArchive } from './archive.ts';
import { orthanc } from './nodes.ts';

const program = requires('Orthanc');

describe.runIf(program)('Orthanc', () => {
  let archive: Archive;
  let node: Awaited<ReturnType<typeof orthanc>>;
  beforeAll(async () => {
    const port = await freePort();
    node = await orthanc(program!, [{ aeTitle: 'PEER', port }]);
    archive = await startArchive(
      { port, callers: [{ aeTitle: 'ORTHANC', host: '127.0.0.1' }] },
      { remotes: [{ aeTitle: 'ORTHANC', host: '127.0.0.1', port: node.port }] },
    );
    await archive.add(instances);
  });
  afterAll(async () => {
    await archive.close();
    await node.remove();
  });

  async function call<T>(url: string, body?: object): Promise<T> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(url, init);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  test('echoes, queries studies and series, retrieves by C-MOVE', async () => {
    const peer = `${node.http}/modalities/PEER`;
    await call(`${peer}/echo`, {});
    const ask = async (level: string, query: object) => {
      const { ID } = await call<{ ID: string }>(`${peer}/query`, { Level: level, Query: query });
      const url = `${node.http}/queries/${ID}`;
      return { url, content: await call<Record<string, string>[]>(`${url}/answers?expand&simplify`) };
    };
    const none = await ask('Study', { PatientName: 'Ionescu*', StudyDate: '20260101-', StudyDescription: '' });
    expect(none.content).toEqual([]);
    const found = await ask('Study', { PatientName: 'IONESCU*', StudyDate: '20240101-', StudyDescription: '' });
    const studies = found.content.map(({ StudyInstanceUID }) => StudyInstanceUID).sort();
    expect(studies).toEqual(['1.2.826.0.1.1', '1.2.826.0.1.2']);
    expect(found.content[0]).toMatchObject({ PatientName: 'Ionescu^Ștefan' });
    const series = await ask('Series', { StudyInstanceUID: '1.2.826.0.1.1' });
    expect(series.content).toHaveLength(2);
    const patients = await ask('Patient', { PatientID: '2003000000003' });
    expect(patients.content).toHaveLength(1);

    await call(`${found.url}/retrieve`, { TargetAet: 'ORTHANC', Synchronous: true });
    const kept = await call<{ MainDicomTags: { SOPInstanceUID: string } }[]>(`${node.http}/instances?expand`);
    const wanted = instances.filter(({ patientId }) => patientId === '2003000000001');
    expect(kept.map((each) => each.MainDicomTags.SOPInstanceUID).sort()).toEqual(wanted.map(({ uid }) => uid).sort());
  });

  test('has storage committed: on an association of ours when its own is over', async () => {
    const reference = ({ uid }: { uid: string }) => ({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: uid });
    const ask = async (references: object[]) => {
      const body = { DicomInstances: references };
      const { ID } = await call<{ ID: string }>(`${node.http}/modalities/PEER/storage-commitment`, body);
      interface Report {
        readonly Status: string;
        readonly Success: object[];
        readonly Failures: { readonly SOPInstanceUID: string; readonly FailureReason: number }[];
      }
      let report: Report | undefined;
      await eventually('the report has come', async () => {
        report = await call<Report>(`${node.http}/storage-commitment/${ID}`);
        return report.Status !== 'Pending';
      });
      return report!;
    };
    const kept = instances.filter(({ study }) => study === '1.2.826.0.1.1').map(reference);
    expect(await ask(kept)).toMatchObject({ Status: 'Success', Success: kept, Failures: [] });
    const failed = await ask([kept[0]!, reference({ uid: '1.2.3.4' })]);
    expect(failed).toMatchObject({ Status: 'Failure', Success: [kept[0]] });
    expect(failed.Failures).toMatchObject([{ SOPInstanceUID: '1.2.3.4', FailureReason: 0x0112 }]);
  });
});
