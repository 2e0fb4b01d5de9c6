// Scanners: dcmtk's findscu asks the worklist, beside dcmtk's own worklist provider; dcmjs-dimse says what it performs.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dimse from 'dcmjs-dimse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actsOver } from '../../node/audit/acts.ts';
import { DimseServer } from '../../node/dicom/dimse/scp/server.ts';
import type { DicomJson } from '../../node/dicom/model/json.ts';
import { readPart10 } from '../../node/dicom/read/read-dataset.ts';
import { writeDataset } from '../../node/dicom/write/write-dataset.ts';
import { dicomMoment, nextTurn, systemClock, systemRandom, systemTimers } from '../../node/system/machine.ts';
import { fhirOrders } from '../../node/worklist/fhir-orders.ts';
import { hl7Orders } from '../../node/worklist/hl7-orders.ts';
import { Orders } from '../../node/worklist/orders.ts';
import { worklistServices } from '../../node/worklist/start.ts';
import { worklistItem } from '../../node/worklist/worklist-item.ts';
import { freePort } from '../../sim/ports.ts';
import { eventually, recordingLog } from '../node/hospitals.ts';
import { freshDir, openStores, removeDir, type Stores } from '../node/stores.ts';
import { cyrillic, omi, orm, serviceRequest, text } from '../node/worklist/messages.ts';
import { requires } from '../programs.ts';
import { run } from './archive.ts';

dimse.log.setLevel('error');
const findscu = requires('findscu');
const wlmscpfs = requires('wlmscpfs');

let dir: string;
let stores: Stores;
let orders: Orders;
let server: DimseServer;
let port: number;
const lines: string[] = [];
const audited: object[] = [];

beforeAll(async () => {
  dir = await freshDir();
  stores = await openStores(dir);
  orders = new Orders({ kv: stores.kv, clock: systemClock, random: systemRandom });
  await orders.load();
  await orders.take(hl7Orders(text(orm())).orders);
  await orders.take(hl7Orders(cyrillic(omi)).orders);
  await orders.take(fhirOrders(serviceRequest(), () => undefined));
  const services = worklistServices({
    ...{
      orders,
      kv: stores.kv,
      vault: stores.vault,
      clock: systemClock,
      random: systemRandom,
      turn: nextTurn,
      moment: dicomMoment,
    },
    acts: actsOver({ append: async (entry) => ({ index: audited.push(entry) }) }),
  });
  const callers = ['CT1', 'FINDSCU'].map((aeTitle) => ({ aeTitle, host: '127.0.0.1' }));
  const store = () => Promise.reject(new Error('nothing is stored here'));
  const options = { host: '127.0.0.1', port: 0, aeTitle: 'PEER', callers };
  server = new DimseServer(options, { log: recordingLog(lines), timers: systemTimers, store, services });
  ({ port } = await server.listen());
});
afterAll(async () => {
  await server.close();
  await stores.kv.close();
  await removeDir(dir);
});

const all = [
  ...['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex', 'PatientWeight', 'MedicalAlerts', 'Allergies'],
  ...['PregnancyStatus', 'SpecialNeeds', 'PatientState', 'ConfidentialityConstraintOnPatientDataDescription'],
  ...['AccessionNumber', 'ReferringPhysicianName', 'RequestingPhysician', 'StudyInstanceUID', 'RequestedProcedureID'],
  ...['RequestedProcedureDescription', 'RequestedProcedurePriority', 'PatientTransportArrangements', 'AdmissionID'],
  'CurrentPatientLocation',
  ...['ScheduledStationAETitle', 'ScheduledProcedureStepStartDate', 'ScheduledProcedureStepStartTime', 'Modality'].map(
    inStep,
  ),
  ...['ScheduledPerformingPhysicianName', 'ScheduledProcedureStepDescription', 'ScheduledProcedureStepID'].map(inStep),
  ...['ScheduledStationName', 'ScheduledProcedureStepLocation', 'PreMedication', 'RequestedContrastAgent'].map(inStep),
];

function inStep(key: string): string {
  return `(0040,0100)[0].${key}`;
}

async function ask(keys: readonly string[], at: { port: number; called: string } = { port, called: 'PEER' }) {
  const folder = mkdtempSync(join(tmpdir(), 'dicomnet-worklist-'));
  try {
    const asked = new Set(keys.map((key) => key.split('=')[0]));
    const wanted = [...all.filter((key) => !asked.has(key)), ...keys].flatMap((key) => ['-k', key]);
    const args = ['-W', '-X', '-od', folder, '-aet', 'CT1', '-aec', at.called, ...wanted, '127.0.0.1', String(at.port)];
    const { code, output } = await run(findscu!, args);
    expect(code, output).toBe(0);
    return readdirSync(folder).map((file) => readPart10(readFileSync(join(folder, file))).json);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const step = (json: DicomJson): DicomJson => json['00400100']!.Value![0] as DicomJson;
const ids = (answers: DicomJson[]) => answers.map((json) => String(step(json)['00400009']!.Value![0])).sort();

describe.runIf(findscu)('findscu -W', () => {
  test('all that are to be done, with every key that was asked for', async () => {
    const answers = await ask([]);
    expect(answers).toHaveLength(4);
    const ct = answers.find((json) => step(json)['00400009']!.Value![0] === 'SPS100')!;
    expect(ct).toMatchObject({
      '00080005': { Value: ['ISO_IR 192'] },
      '00080050': { Value: ['ACC100'] },
      '00080090': { Value: [{ Alphabetic: 'Moraru^Elena' }] },
      '00100010': { Value: [{ Alphabetic: 'Ковальчук^Сергей^^Dr' }] },
      '00100020': { Value: ['2003000000017'] },
      '00101030': { vr: 'DS' },
      '0020000D': { Value: ['1.2.826.0.1.3680043.2.1.100'] },
      '00321060': { Value: ['CT cap & gt'] },
      '00401003': { Value: ['ROUTINE'] },
    });
    expect(step(ct)).toMatchObject({
      '00080060': { Value: ['CT'] },
      '00400001': { Value: ['CT1'] },
      '00400002': { Value: ['20261201'] },
      '00400003': { Value: ['083000'] },
    });
    expect(ct).not.toHaveProperty('00401400');
  });

  test('matched by each of the keys', async () => {
    expect(ids(await ask([inStep('ScheduledStationAETitle=CT1')]))).toEqual(['SPS100']);
    expect(ids(await ask([inStep('Modality=MR')]))).toEqual(['SPS7A']);
    expect(ids(await ask([inStep('ScheduledProcedureStepStartDate=20261203')]))).toEqual(['SPS7A', 'SPS7B']);
    expect(ids(await ask([inStep('ScheduledProcedureStepStartDate=-20261201')]))).toEqual(['SPS100']);
    const range = ['ScheduledProcedureStepStartDate=20261201-20261203', 'ScheduledProcedureStepStartTime=0900-0830'];
    expect((await ask(range.map(inStep))).map((json) => json['00080050']!.Value![0])).toEqual(['ACC200']);
    expect(
      (await ask([inStep('ScheduledPerformingPhysicianName=Popa*')])).map((json) => json['00080050']!.Value![0]),
    ).toEqual(['ACC200']);
    expect(ids(await ask(['PatientName=Ковал*']))).toEqual(['SPS100']);
    expect(ids(await ask(['PatientName=Turcanu*']))).toHaveLength(1);
    expect(ids(await ask(['PatientID=2003000000025']))).toEqual(['SPS7A', 'SPS7B']);
    expect(ids(await ask(['AccessionNumber=ACC7', inStep('Modality=PT')]))).toEqual(['SPS7B']);
    expect(await ask(['RequestedProcedureID=NONE'])).toEqual([]);
    expect(audited).toContainEqual(
      expect.objectContaining({ kind: 'query', detail: { list: 'worklist', callingAe: 'CT1' } }),
    );
  });

  test('a step without station or modality is for whoever asks', async () => {
    const open = serviceRequest({
      id: 'open',
      identifier: [],
      category: [],
      performer: [],
      occurrenceDateTime: undefined,
    });
    const [order] = await orders.take(fhirOrders(open, () => undefined));
    const answers = await ask([inStep('ScheduledStationAETitle=US7'), inStep('Modality=US')]);
    expect(answers.map((json) => json['00080050']!.Value)).toEqual([[order!.accession]]);
    expect(step(answers[0]!)).toMatchObject({ '00400001': { Value: ['US7'] }, '00080060': { Value: ['US'] } });
    expect(step(answers[0]!)['00400002']!.Value![0]).toMatch(/^\d{8}$/);
    await orders.cancel(order!.id);
    expect(await ask([inStep('ScheduledStationAETitle=US7')])).toEqual([]);
  });

  test.runIf(wlmscpfs)('the same answers as dcmtk’s own provider gives for the same items', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dicomnet-wlm-'));
    mkdirSync(join(folder, 'WLM'));
    writeFileSync(join(folder, 'WLM', 'lockfile'), '');
    for (const order of orders.all()) {
      for (const each of order.steps.filter(({ status }) => status === 'scheduled')) {
        const item = worklistItem(order, each, { station: 'X', modality: 'OT', date: '20261122', time: '120000' });
        writeFileSync(join(folder, 'WLM', `${each.id}.wl`), writeDataset(item, { encoding: 'explicit-le' }));
      }
    }
    const theirs = { port: await freePort(), called: 'WLM' };
    const child = spawn(wlmscpfs!, ['-s', '-csk', '-dfr', '-dfp', folder, String(theirs.port)], { stdio: 'ignore' });
    try {
      const echo = async () =>
        (await run(findscu!, ['-W', '-aec', 'WLM', '-k', 'PatientID=none', '127.0.0.1', String(theirs.port)])).code ===
        0;
      await eventually('wlmscpfs', echo);
      for (const keys of [
        [],
        [inStep('Modality=MR')],
        [inStep('ScheduledStationAETitle=CT2')],
        [inStep('ScheduledProcedureStepStartDate=20261202-20261203')],
        ['PatientID=2003000000025'],
        ['AccessionNumber=ACC100'],
      ]) {
        const [our, their] = [await ask(keys), await ask(keys, theirs)];
        expect(their.length, String(keys)).toBeGreaterThan(0);
        expect(comparable(our), String(keys)).toEqual(comparable(their));
      }
    } finally {
      child.kill();
      rmSync(folder, { recursive: true });
    }
  });

  test('nothing of a patient is in the log', () => {
    expect(lines.join('\n')).not.toMatch(/Ковальчук|2003000000017|ACC100|1\.2\.826\.0\.1\.3680043\.2\.1\.100/);
  });
});

/** By step, without what says how it is written; an empty pregnancy status is sent by dcmtk as 4, unknown. */
function comparable(answers: DicomJson[]): unknown[] {
  const plain = answers.map(({ '00080005': _charset, '001021C0': _pregnancy, ...json }) => json);
  return plain.sort((a, b) => ids([a])[0]!.localeCompare(ids([b])[0]!));
}

describe('performed procedure steps by dcmjs-dimse', () => {
  const { NCreateRequest, NSetRequest } = dimse.requests;
  const performed = '1.2.840.10008.3.1.2.3.3';

  function send(request: object): Promise<{ status: number; comment: unknown }> {
    const client = new dimse.Client();
    return new Promise((resolve, reject) => {
      let told = { status: -1, comment: undefined as unknown };
      (request as InstanceType<typeof NSetRequest>).on('response', (response) => {
        told = { status: response.getStatus(), comment: response.getErrorComment() };
      });
      client.addRequest(request as never);
      client.on('networkError', reject);
      client.on('closed', () => resolve(told));
      client.send('127.0.0.1', port, 'CT1', 'PEER');
    });
  }

  const create = (uid: string, change: object = {}) => {
    const request = new NCreateRequest(performed, uid);
    const elements = {
      Modality: 'CT',
      PerformedStationAETitle: 'CT1',
      PerformedProcedureStepStartDate: '20261201',
      PerformedProcedureStepStartTime: '083100',
      PerformedProcedureStepStatus: 'IN PROGRESS',
      PerformedProcedureStepID: 'PPS1',
      PatientName: 'Kovalchuk^Sergei',
      ScheduledStepAttributesSequence: [
        {
          StudyInstanceUID: '1.2.826.0.1.3680043.2.1.100',
          AccessionNumber: 'ACC100',
          ScheduledProcedureStepID: 'SPS100',
        },
      ],
      ...change,
    };
    request.setDataset(new dimse.Dataset(elements));
    return send(request);
  };
  const set = (uid: string, elements: object) => {
    const request = new NSetRequest(performed, uid);
    request.setDataset(new dimse.Dataset(elements as Record<string, unknown>));
    return send(request);
  };
  const order = () => orders.ofStudy('1.2.826.0.1.3680043.2.1.100')!;

  test('N-CREATE, N-SET: the order follows, and the end is the end', async () => {
    expect(await create('1.2.3.100', { PerformedProcedureStepStatus: 'COMPLETED' })).toMatchObject({ status: 0x0106 });
    expect(await create('1.2.3.100', { PerformedProcedureStepID: '' })).toMatchObject({ status: 0x0121 });
    expect(await set('1.2.3.100', { PerformedProcedureStepStatus: 'COMPLETED' })).toMatchObject({ status: 0x0112 });
    expect(await create('1.2.3.100')).toMatchObject({ status: 0 });
    expect(order().status).toBe('in-progress');
    expect(await create('1.2.3.100')).toMatchObject({ status: 0x0111 });
    expect(await set('1.2.3.100', { PatientName: 'Other' })).toMatchObject({ status: 0x0107 });
    const end = { PerformedProcedureStepEndDate: '20261201', PerformedProcedureStepEndTime: '084000' };
    expect(await set('1.2.3.100', { ...end, PerformedProcedureStepStatus: 'COMPLETED' })).toMatchObject({ status: 0 });
    expect(order()).toMatchObject({ status: 'completed', steps: [{ performed: ['1.2.3.100'] }] });
    expect(await set('1.2.3.100', { PerformedProcedureStepStatus: 'IN PROGRESS' })).toEqual({
      status: 0x0110,
      comment: 'Performed Procedure Step Object may no longer be updated',
    });
    if (findscu) expect(ids(await ask([inStep('Modality=CT')]))).not.toContain('SPS100');
  });
});
