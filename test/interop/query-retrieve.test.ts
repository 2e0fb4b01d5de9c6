// Query/retrieve as our own client asks it: what dcmtk's programs cannot negotiate.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type QueryKeys, type QueryRoot, queryModel, queryProposal } from '../../node/dicom/dimse/query-models.ts';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { explicitVrLittleEndian } from '../../node/dicom/dimse/uids.ts';
import type { DicomJson, JsonAttribute } from '../../node/dicom/model/json.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { concat } from '../../protocol/bytes.ts';
import { MemoryStore } from '../node/dicom/dimse/helpers.ts';
import { type Archive, instances, sopClassOf, startArchive } from './archive.ts';

const roots: QueryRoot[] = ['patient', 'study', 'patient-study'];
const classes = [...new Set(instances.map(sopClassOf))];
const key = (vr: string, ...values: string[]): JsonAttribute => ({ vr, Value: values }) as JsonAttribute;
const pn = (Alphabetic: string): JsonAttribute => ({ vr: 'PN', Value: [{ Alphabetic }] });

describe('query and retrieve', () => {
  let archive: Archive;
  beforeAll(async () => {
    archive = await startArchive({ callers: [{ aeTitle: 'VIEWER', host: '127.0.0.1' }] });
    await archive.add(instances);
  });
  afterAll(() => archive.close());

  const store = new MemoryStore();

  /** @param agreed the bytes of extended negotiation: relational, combined, fuzzy */
  async function connected<T>(agreed: number[], work: (client: DimseClient) => Promise<T>): Promise<T> {
    const asked = roots.flatMap((root) => [queryProposal(root, 'find'), queryProposal(root, 'get')]);
    const storage = classes.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [explicitVrLittleEndian] }));
    const information = Uint8Array.from(agreed);
    const client = await DimseClient.connect(
      {
        ...{ host: '127.0.0.1', port: archive.port, calledAe: 'PEER', callingAe: 'VIEWER' },
        contexts: [...asked, ...storage],
        roles: classes.map((sopClassUid) => ({ sopClassUid, scu: false, scp: true })),
        extended: roots.flatMap((root) =>
          (['find', 'get'] as const).map((operation) => ({ sopClassUid: queryModel(root, operation), information })),
        ),
      },
      { timers: systemTimers, store: store.open },
    );
    try {
      return await work(client);
    } finally {
      await client.release();
    }
  }

  const find = (query: QueryKeys, agreed: number[] = []) =>
    connected(agreed, async (client) => {
      const answers: DicomJson[] = [];
      for await (const answer of client.find(query)) answers.push(answer);
      return answers;
    });
  const values = (answers: DicomJson[], tag: string) => answers.map((json) => json[tag]?.Value?.[0]).sort();

  test('relational: keys of any level, without those above', async () => {
    const query: QueryKeys = {
      ...{ root: 'study', level: 'SERIES' },
      keys: { '00100020': key('LO', '2003000000001'), '0020000E': { vr: 'UI' }, '00081030': { vr: 'LO' } },
    };
    const found = await find(query, [1]);
    expect(values(found, '0020000E')).toEqual(['1.2.826.0.1.1.1', '1.2.826.0.1.1.2', '1.2.826.0.1.2.1']);
    expect(values(found, '00081030')).toEqual(['CT study', 'CT study', 'MR study']);
    await expect(find(query)).rejects.toMatchObject({ code: 'dimse/status' });
  });

  test('fuzzy names, and combined ranges of dates and times', async () => {
    const named: QueryKeys = {
      root: 'patient',
      level: 'PATIENT',
      keys: { '00100010': pn('stefan'), '00100020': { vr: 'LO' } },
    };
    expect(values(await find(named, [0, 0, 1]), '00100020')).toEqual(['2003000000001']);
    expect(await find(named)).toEqual([]);
    const between: QueryKeys = {
      ...{ root: 'study', level: 'STUDY' },
      // from 12:00 of one day to 12:00 of another: 10:15 on the first day is before that
      keys: {
        '00080020': key('DA', '20240110-20250305'),
        '00080030': key('TM', '1200-1200'),
        '0020000D': { vr: 'UI' },
      },
    };
    expect(values(await find(between, [0, 1]), '0020000D')).toEqual(['1.2.826.0.1.2']);
  });

  test('patient and study only, the retired model', async () => {
    const query: QueryKeys = {
      ...{ root: 'patient-study', level: 'STUDY' },
      keys: { '00100020': key('LO', '2003000000001'), '0020000D': { vr: 'UI' } },
    };
    expect(await find(query)).toHaveLength(2);
  });

  test('C-GET over several patients by relational keys, to the byte', async () => {
    const keys = { '0020000E': key('UI', '1.2.826.0.1.1.2', '1.2.826.0.1.4.1') };
    const query: QueryKeys = { root: 'study', level: 'SERIES', keys };
    const got = await connected([1], (client) => client.get(query));
    expect(got).toMatchObject({ status: 0, completed: 4, failed: 0 });
    // only what holds some of it is handed out
    const exported = archive.audited.filter(({ kind }) => kind === 'export').map(({ study }) => study);
    expect(exported.sort()).toEqual(['1.2.826.0.1.1', '1.2.826.0.1.4']);
    const uids = store.finished.map(({ info }) => info.sopInstanceUid).sort();
    expect(uids).toEqual(['1.2.826.0.1.1.2.1', '1.2.826.0.1.1.2.2', '1.2.826.0.1.1.2.3', '1.2.826.0.1.4.1.1']);
    for (const { info, bytes } of store.finished) {
      const record = await archive.stores.index.instance(info.sopInstanceUid);
      expect(bytes.length).toBe(record!.plainLength - record!.datasetOffset);
    }
    await expect(connected([], (client) => client.get(query))).rejects.toMatchObject({ code: 'dimse/status' });
  });

  test('nothing of a query gets into the log', () => {
    const log = concat(...archive.lines.map((line) => new TextEncoder().encode(line)));
    const text = new TextDecoder().decode(log);
    for (const secret of ['2003000000001', 'stefan', 'Ștefan', '1.2.826.0.1']) expect(text).not.toContain(secret);
  });
});
