// Our service class user against the servers of others: Orthanc, dcmtk's dcmqrscp.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identifierSyntaxes, type QueryKeys, queryProposal } from '../../node/dicom/dimse/query-models.ts';
import { DimseClient, type DimseClientParts } from '../../node/dicom/dimse/scu/client.ts';
import { silentLog } from '../../node/dicom/dimse/scu/inbox.ts';
import { textOf } from '../../node/dicom/model/attributes.ts';
import { pull } from '../../node/pacs/pull.ts';
import { identifierKeys } from '../../node/pacs/query-keys.ts';
import { Remotes } from '../../node/pacs/remotes.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { markedStudy } from '../../sim/studies/studies.ts';
import { MemoryStore, type RunningServer, serve } from '../node/dicom/dimse/helpers.ts';
import { requires } from '../programs.ts';
import { dcmqrscp, type Known, type Node, orthanc } from './nodes.ts';

const patient = { id: '2000000000008', name: 'Ionescu^Ștefan', birthDate: '19700101', sex: 'M' } as const;
const study = [...markedStudy({ seed: 4, patient, instances: 12, bytesEach: 40_000 })];
const [first] = study;
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const store = new MemoryStore();
let us: RunningServer;

beforeAll(async () => {
  us = await serve(store.open, { closeMs: 500, aeTitle: 'DICOMNET' });
});
afterAll(() => us.server.close());

const uid = (tag: string, value?: string) => ({
  [tag]: { vr: 'UI' as const, ...(value !== undefined && { Value: [value] }) },
});
const studyQuery: QueryKeys = { root: 'study', level: 'STUDY', keys: uid('0020000D', first!.studyUid) };

const open = (
  { host, port, aeTitle }: Node,
  contexts: Parameters<typeof DimseClient.connect>[0]['contexts'],
  parts: Partial<DimseClientParts> = {},
  more: object = {},
) =>
  DimseClient.connect(
    { host, port, calledAe: aeTitle, callingAe: 'DICOMNET', contexts, ...more },
    { timers: systemTimers, ...parts },
  );

const storage = { abstractSyntax: first!.sopClassUid, transferSyntaxes: [first!.transferSyntax] };

const remotesOf = ({ aeTitle, host, port }: Node, ourAe = 'DICOMNET') =>
  new Remotes(
    { aeTitle: ourAe, port: us.port, remotes: [{ aeTitle, host, port }] },
    { timers: systemTimers, log: silentLog },
  );

interface Partner {
  readonly name: string;
  readonly start: (known: readonly Known[]) => Promise<Node>;
}

const programs = { orthanc: requires('Orthanc'), dcmqrscp: requires('dcmqrscp') };
const partners: Partner[] = [
  ...(programs.orthanc === undefined
    ? []
    : [{ name: 'Orthanc', start: (known: readonly Known[]) => orthanc(programs.orthanc!, known) }]),
  ...(programs.dcmqrscp === undefined
    ? []
    : [{ name: 'dcmqrscp', start: (known: readonly Known[]) => dcmqrscp(programs.dcmqrscp!, known) }]),
];

describe.each(partners)('our SCU with $name', ({ start }) => {
  let node: Node;
  beforeAll(async () => {
    node = await start([{ aeTitle: 'DICOMNET', port: us.port }]);
    const client = await open(node, [storage]);
    for (const instance of study) expect(await client.store({ ...instance, bytes: instance.dataset })).toBe(0);
    await client.release();
  });
  afterAll(() => node?.remove());

  test('C-FIND at all levels, names in UTF-8', async () => {
    const client = await open(node, [queryProposal('study', 'find'), queryProposal('patient', 'find')]);
    const found = async (query: QueryKeys) => Array.fromAsync(client.find(query));
    const patients = await found({
      root: 'patient',
      level: 'PATIENT',
      keys: identifierKeys('PATIENT', { PatientID: patient.id }),
    });
    expect(patients.map((each) => textOf(each, '00100010'))).toEqual([patient.name]);
    const studies = await found({
      root: 'study',
      level: 'STUDY',
      keys: identifierKeys('STUDY', { PatientID: patient.id }),
    });
    expect(studies.map((each) => textOf(each, '0020000D'))).toEqual([first!.studyUid]);
    const series = await found({
      root: 'study',
      level: 'SERIES',
      keys: identifierKeys('SERIES', { StudyInstanceUID: first!.studyUid }),
    });
    expect(series.map((each) => textOf(each, '0020000E'))).toEqual([...new Set(study.map((each) => each.seriesUid))]);
    const keys = identifierKeys('IMAGE', { StudyInstanceUID: first!.studyUid, SeriesInstanceUID: first!.seriesUid });
    const images = await found({ root: 'study', level: 'IMAGE', keys });
    expect(images.map((each) => textOf(each, '00080018')).sort()).toEqual(
      study.map((each) => each.sopInstanceUid).sort(),
    );
    expect(
      await found({ root: 'study', level: 'STUDY', keys: identifierKeys('STUDY', { PatientID: 'nobody' }) }),
    ).toEqual([]);
    await client.release();
  });

  test('leaving a query early cancels it, and the association goes on', async () => {
    const client = await open(node, [queryProposal('study', 'find')]);
    const keys = identifierKeys('IMAGE', { StudyInstanceUID: first!.studyUid, SeriesInstanceUID: first!.seriesUid });
    for await (const answer of client.find({ root: 'study', level: 'IMAGE', keys })) {
      expect(textOf(answer, '00080018')).toBeDefined();
      break;
    }
    expect((await Array.fromAsync(client.find({ root: 'study', level: 'IMAGE', keys }))).length).toBe(study.length);
    await client.release();
  });

  test('C-MOVE to us: counted, and the same bytes', async () => {
    store.finished.length = 0;
    const client = await open(node, [queryProposal('study', 'move')]);
    const told: number[] = [];
    const moved = await client.move(studyQuery, 'DICOMNET', { onProgress: ({ remaining }) => told.push(remaining) });
    expect(moved).toMatchObject({ completed: study.length, failed: 0 });
    expect(told).toEqual([...told].sort((a, b) => b - a));
    await client.release();
    expect(store.finished.map((each) => each.info.sopInstanceUid).sort()).toEqual(
      study.map((each) => each.sopInstanceUid).sort(),
    );
  });

  test('C-MOVE to somebody whom it does not know fails with its status', async () => {
    const client = await open(node, [queryProposal('study', 'move')]);
    await expect(client.move(studyQuery, 'STRANGER')).rejects.toMatchObject({ code: 'dimse/status' });
    await client.release().catch(() => undefined); // Orthanc has aborted
  });

  test('C-GET into a sink, one instance after the other', async () => {
    const into = new MemoryStore();
    const roles = [{ sopClassUid: first!.sopClassUid, scu: false, scp: true }];
    const client = await open(node, [queryProposal('study', 'get'), storage], { store: into.open }, { roles });
    expect([...client.served]).toEqual([first!.sopClassUid]);
    expect(await client.get(studyQuery)).toMatchObject({ completed: study.length, failed: 0 });
    await client.release();
    expect(into.finished.length).toBe(study.length);
    expect(new Set(into.finished.map((each) => each.info.callingAe))).toEqual(new Set([node.aeTitle]));
  });

  test('a sink that fails is counted as failed, and the rest comes', async () => {
    let calls = 0;
    const into = new MemoryStore();
    const failing: typeof into.open = (info) => {
      if (++calls === 3) throw new Error('disk');
      return into.open(info);
    };
    const roles = [{ sopClassUid: first!.sopClassUid, scu: false, scp: true }];
    const client = await open(node, [queryProposal('study', 'get'), storage], { store: failing }, { roles });
    const got = await client.get(studyQuery);
    expect([got.completed, got.failed]).toEqual([study.length - 1, 1]);
    expect(into.finished.length).toBe(study.length - 1);
    await client.release().catch(() => undefined);
  });

  test('a pull finds out what the study has and brings it', async () => {
    const into = new MemoryStore();
    const pulled = await pull(
      { remotes: remotesOf(node), store: into.open },
      { aeTitle: node.aeTitle, study: first!.studyUid },
    );
    expect(pulled).toMatchObject({ by: 'C-GET', completed: study.length, failed: 0 });
    const sent = new Map(study.map((each) => [each.sopInstanceUid, sha(each.dataset)]));
    for (const { info, bytes } of into.finished) expect(sha(bytes)).toBe(sent.get(info.sopInstanceUid));
  });

  test('what C-GET fails to bring comes by C-MOVE', async () => {
    store.finished.length = 0;
    const into = new MemoryStore();
    let calls = 0;
    const failing: typeof into.open = (info) => {
      if (++calls === 3) throw new Error('disk');
      return into.open(info);
    };
    const pulled = await pull(
      { remotes: remotesOf(node), store: failing },
      { aeTitle: node.aeTitle, study: first!.studyUid },
    );
    expect(pulled).toMatchObject({ by: 'C-GET+C-MOVE', completed: study.length, failed: 0 });
    const all = [...into.finished, ...store.finished].map(({ info }) => info.sopInstanceUid);
    expect(into.finished.length).toBe(study.length - 1);
    expect([...new Set(all)].sort()).toEqual(study.map((each) => each.sopInstanceUid).sort());
  });

  test('a pull of which a part is missing says so where C-MOVE cannot help', async () => {
    const failing = () => {
      throw new Error('disk');
    };
    const remotes = remotesOf(node, 'STRANGER');
    const cause = expect.objectContaining({ code: 'dimse/status' });
    await expect(
      pull({ remotes, store: failing }, { aeTitle: node.aeTitle, study: first!.studyUid }),
    ).rejects.toMatchObject({ code: 'remote/incomplete', data: { failed: study.length }, cause });
  });

  test('services that it does not have are told apart', async () => {
    const client = await open(node, [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: identifierSyntaxes }]);
    await expect(client.move(studyQuery, 'DICOMNET')).rejects.toMatchObject({ code: 'dimse/service-refused' });
    await expect(client.get(studyQuery)).rejects.toMatchObject({ code: 'dimse/service-refused' });
    expect(await client.echo()).toBe(0);
    await client.release();
  });
});

describe.runIf(programs.dcmqrscp)('an archive without C-GET', () => {
  test('is pulled from by C-MOVE', async () => {
    const node = await dcmqrscp(programs.dcmqrscp!, [{ aeTitle: 'DICOMNET', port: us.port }], ['--disable-get']);
    try {
      const client = await open(node, [storage]);
      for (const instance of study) expect(await client.store({ ...instance, bytes: instance.dataset })).toBe(0);
      await client.release();
      store.finished.length = 0;
      const into = new MemoryStore();
      const what = { aeTitle: node.aeTitle, study: first!.studyUid };
      const pulled = await pull({ remotes: remotesOf(node), store: into.open }, what);
      expect(pulled).toMatchObject({ by: 'C-MOVE', completed: study.length, failed: 0 });
      expect(into.finished).toEqual([]);
      const sent = new Map(study.map((each) => [each.sopInstanceUid, sha(each.dataset)]));
      expect(store.finished.length).toBe(study.length);
      for (const { info, bytes } of store.finished) expect(sha(bytes)).toBe(sent.get(info.sopInstanceUid));
    } finally {
      await node.remove();
    }
  });
});
