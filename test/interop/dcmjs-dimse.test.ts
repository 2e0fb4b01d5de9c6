// dcmjs-dimse as the user of every service: another program's idea of DIMSE than dcmtk's.
import dimse from 'dcmjs-dimse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitmentClass, commitmentInstance } from '../../node/dicom/dimse/scu/commitment.ts';
import { freePort } from '../../sim/ports.ts';
import { eventually } from '../node/hospitals.ts';
import { type Archive, instances, startArchive } from './archive.ts';

const { Client, Dataset, log, Scp, Server } = dimse;
log.setLevel('error');
const { CFindRequest, CGetRequest, CMoveRequest, NActionRequest } = dimse.requests;
const { CStoreResponse, NEventReportResponse } = dimse.responses;
const { PresentationContextResult } = dimse.constants;

/** The naturalized data sets of dcmjs, as far as these tests look into them. */
type Elements = Record<string, unknown> & { ReferencedSOPSequence?: Elements[]; FailedSOPSequence?: Elements[] };
type Request = InstanceType<typeof CFindRequest>;

const uidsOf = (all: readonly Elements[]) => all.map(({ SOPInstanceUID }) => SOPInstanceUID).sort();
const study1 = instances.filter(({ study }) => study === '1.2.826.0.1.1');
const uidsOfStudy1 = study1.map(({ uid }) => uid).sort();

/** What arrived at a provider of dcmjs-dimse: instances and event reports. */
const arrived: { instances: Elements[]; events: { type: number; elements: Elements }[] } = {
  instances: [],
  events: [],
};

class Provider extends Scp {
  override associationRequested(association: InstanceType<typeof dimse.association.Association>) {
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      context.setResult(PresentationContextResult.Accept, context.getTransferSyntaxUids()[0]);
    }
    this.sendAssociationAccept();
  }
  override cStoreRequest(
    request: InstanceType<typeof dimse.requests.CStoreRequest>,
    callback: (response: never) => void,
  ) {
    arrived.instances.push(request.getDataset()!.getElements() as Elements);
    const response = CStoreResponse.fromRequest(request);
    response.setStatus(0);
    callback(response as never);
  }
  override nEventReportRequest(
    request: InstanceType<typeof dimse.requests.NEventReportRequest>,
    callback: (response: never) => void,
  ) {
    arrived.events.push({ type: request.getEventTypeId(), elements: request.getDataset()!.getElements() as Elements });
    const response = NEventReportResponse.fromRequest(request);
    response.setStatus(0);
    callback(response as never);
  }
  override associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}

describe('dcmjs-dimse', () => {
  let archive: Archive;
  let provider: InstanceType<typeof Server>;
  beforeAll(async () => {
    const port = await freePort();
    provider = new Server(Provider as never);
    provider.on('networkError', () => undefined);
    provider.listen(port);
    archive = await startArchive(
      { callers: ['DCMJS', 'GONE'].map((aeTitle) => ({ aeTitle, host: '127.0.0.1' })) },
      { remotes: ['DEST', 'GONE'].map((aeTitle) => ({ aeTitle, host: '127.0.0.1', port })) },
    );
    await archive.add(instances);
  });
  afterAll(async () => {
    provider.close();
    await archive.close();
  });

  interface Told {
    readonly statuses: number[];
    readonly datasets: Elements[];
    readonly stored: Elements[];
    readonly events: { type: number; elements: Elements }[];
  }

  /** Sends one request; resolves when the association is over. */
  function ask(request: object, { as = 'DCMJS', lingerMs = 0, lastEvent = false } = {}): Promise<Told> {
    const told: Told = { statuses: [], datasets: [], stored: [], events: [] };
    const client = new Client();
    (request as Request).on('response', (response) => {
      told.statuses.push(response.getStatus());
      if (response.hasDataset()) told.datasets.push(response.getDataset()!.getElements() as Elements);
    });
    client.on('cStoreRequest', (store, callback) => {
      told.stored.push(store.getDataset()!.getElements() as Elements);
      const response = CStoreResponse.fromRequest(store);
      response.setStatus(0);
      callback(response);
    });
    client.on('nEventReportRequest', (event, callback) => {
      told.events.push({ type: event.getEventTypeId(), elements: event.getDataset()!.getElements() as Elements });
      const response = NEventReportResponse.fromRequest(event);
      response.setStatus(0);
      callback(response);
    });
    client.addRequest(request as never);
    return new Promise((resolve, reject) => {
      client.on('networkError', reject);
      client.on('closed', () => resolve(told));
      client.send('127.0.0.1', archive.port, as, 'PEER', { associationLingerTimeout: lastEvent ? 500 : lingerMs });
    });
  }

  test('C-FIND', async () => {
    const keys = { PatientName: 'Мунтяну*', PatientID: '', StudyInstanceUID: '', StudyDate: '20250101-20251231' };
    const { statuses, datasets } = await ask(CFindRequest.createStudyFindRequest(keys));
    expect(statuses).toEqual([0xff00, 0]);
    expect(datasets).toMatchObject([{ StudyInstanceUID: '1.2.826.0.1.3', PatientID: '2003000000002' }]);
    const series = CFindRequest.createSeriesFindRequest({ StudyInstanceUID: '1.2.826.0.1.1', SeriesInstanceUID: '' });
    expect((await ask(series)).datasets).toHaveLength(2);
  });

  test('C-GET', async () => {
    const { statuses, stored } = await ask(CGetRequest.createStudyGetRequest('1.2.826.0.1.1'));
    expect(uidsOf(stored)).toEqual(uidsOfStudy1);
    expect(statuses.at(-1)).toBe(0);
    expect(stored[0]).toMatchObject({ PatientID: '2003000000001', Modality: 'CT' });
  });

  test('C-MOVE', async () => {
    const { statuses } = await ask(CMoveRequest.createStudyMoveRequest('DEST', '1.2.826.0.1.1'));
    expect(statuses).toEqual([0xff00, 0xff00, 0xff00, 0xff00, 0xff00, 0]);
    expect(uidsOf(arrived.instances)).toEqual(uidsOfStudy1);
    const unknown = await ask(CMoveRequest.createStudyMoveRequest('ELSEWHERE', '1.2.826.0.1.1'));
    expect(unknown.statuses).toEqual([0xa801]);
  });

  const commitment = (transaction: string, references: [string, string][]) => {
    const request = new NActionRequest(commitmentClass, commitmentInstance, 1);
    const items = references.map(([sopClass, uid]) => ({
      ReferencedSOPClassUID: sopClass,
      ReferencedSOPInstanceUID: uid,
    }));
    request.setDataset(new Dataset({ TransactionUID: transaction, ReferencedSOPSequence: items }));
    return request;
  };
  const ct = '1.2.840.10008.5.1.4.1.1.2';
  const mr = '1.2.840.10008.5.1.4.1.1.4';

  test('storage commitment on the same association', async () => {
    const all = study1.map(({ uid }): [string, string] => [ct, uid]);
    const { statuses, events } = await ask(commitment('1.2.3.1', all), { lastEvent: true });
    expect(statuses).toEqual([0]);
    expect(events).toMatchObject([{ type: 1, elements: { TransactionUID: '1.2.3.1', RetrieveAETitle: 'PEER' } }]);
    expect(events[0]!.elements.ReferencedSOPSequence).toHaveLength(6);
    await eventually('it is done', () => archive.commitment.waiting === 0);
  });

  test('storage commitment on an association of our own, with what fails and why', async () => {
    const references: [string, string][] = [
      [ct, '1.2.826.0.1.1.1.1'],
      [mr, '1.2.826.0.1.1.1.2'],
      [ct, '1.2.3.4.5.6'],
    ];
    const told = await ask(commitment('1.2.3.2', references), { as: 'GONE' });
    expect(told.statuses).toEqual([0]);
    await eventually('the result has come', () => archive.commitment.waiting === 0);
    // by the same association if it was still there, else by one to the node of that name; by both when the first went
    // away before it had answered, since a result must not be lost
    const events = [...told.events, ...arrived.events].filter(({ elements }) => elements.TransactionUID === '1.2.3.2');
    expect(events.length).toBeGreaterThan(0);
    expect(events).toMatchObject(events.map(() => ({ type: 2, elements: events[0]!.elements })));
    const { elements } = events[0]!;
    const list = (sequence: unknown) => [sequence].flat() as Elements[];
    expect(list(elements.ReferencedSOPSequence).map((each) => each.ReferencedSOPInstanceUID)).toEqual([
      '1.2.826.0.1.1.1.1',
    ]);
    expect(list(elements.FailedSOPSequence)).toMatchObject([
      { ReferencedSOPInstanceUID: '1.2.826.0.1.1.1.2', FailureReason: 0x0119 },
      { ReferencedSOPInstanceUID: '1.2.3.4.5.6', FailureReason: 0x0112 },
    ]);
  });
});
