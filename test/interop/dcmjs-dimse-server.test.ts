// Our service class user against a server written with dcmjs-dimse: another idea of DIMSE than dcmtk's.
import dimse from 'dcmjs-dimse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { identifierSyntaxes, queryProposal } from '../../node/dicom/dimse/query-models.ts';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import {
  Commitments,
  commitmentClass,
  commitmentInstance,
  commitmentProposal,
} from '../../node/dicom/dimse/scu/commitment.ts';
import { silentLog } from '../../node/dicom/dimse/scu/inbox.ts';
import { verification } from '../../node/dicom/dimse/uids.ts';
import { textOf, textsOf } from '../../node/dicom/model/attributes.ts';
import { commit } from '../../node/pacs/commit.ts';
import { identifierKeys } from '../../node/pacs/query-keys.ts';
import { Remotes } from '../../node/pacs/remotes.ts';
import { systemRandom, systemTimers } from '../../node/system/machine.ts';
import { freePort } from '../../sim/ports.ts';
import { markedStudy } from '../../sim/studies/studies.ts';

const { Dataset, log, Scp, Server } = dimse;
log.setLevel('error');
const { CEchoResponse, CFindResponse, CMoveResponse, CStoreResponse, NActionResponse } = dimse.responses;
const { NEventReportRequest } = dimse.requests;
const { PresentationContextResult } = dimse.constants;

type Elements = Record<string, unknown>;
const seen = { stored: [] as Elements[], asked: [] as Elements[], actions: [] as Elements[], reports: false };

class Archive extends Scp {
  override associationRequested(association: InstanceType<typeof dimse.association.Association>) {
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      context.setResult(PresentationContextResult.Accept, context.getTransferSyntaxUids()[0]);
    }
    this.sendAssociationAccept();
  }
  override cEchoRequest(request: never, callback: (response: never) => void) {
    const response = CEchoResponse.fromRequest(request);
    response.setStatus(0);
    callback(response as never);
  }
  override cStoreRequest(
    request: InstanceType<typeof dimse.requests.CStoreRequest>,
    callback: (response: never) => void,
  ) {
    seen.stored.push(request.getDataset()!.getElements() as Elements);
    const response = CStoreResponse.fromRequest(request);
    response.setStatus(0);
    callback(response as never);
  }
  override cFindRequest(request: InstanceType<typeof dimse.requests.CFindRequest>, callback: (all: never) => void) {
    seen.asked.push(request.getDataset()!.getElements() as Elements);
    const answers = [1, 2, 3].map((number) => {
      const response = CFindResponse.fromRequest(request);
      response.setDataset(new Dataset({ PatientID: `P${number}`, StudyInstanceUID: `1.2.${number}` }));
      response.setStatus(0xff00);
      return response;
    });
    const last = CFindResponse.fromRequest(request);
    last.setStatus(0);
    callback([...answers, last] as never);
  }
  override cMoveRequest(request: InstanceType<typeof dimse.requests.CMoveRequest>, callback: (all: never) => void) {
    const responses = [2, 1, 0].map((remaining) => {
      const response = CMoveResponse.fromRequest(request);
      response.setStatus(remaining > 0 ? 0xff00 : 0xb000);
      response.setRemaining(remaining);
      response.setCompleted(remaining > 0 ? 2 - remaining : 1);
      response.setFailures(remaining > 0 ? 0 : 1);
      return response;
    });
    callback(responses as never);
  }
  override nActionRequest(
    request: InstanceType<typeof dimse.requests.NActionRequest>,
    callback: (response: never) => void,
  ) {
    seen.actions.push(request.getDataset()!.getElements() as Elements);
    const response = NActionResponse.fromRequest(request);
    response.setStatus(0);
    callback(response as never);
    if (seen.reports) this.report(request.getDataset()!.getElements() as Elements);
  }
  /** Keeps the first of them and not the second, on the same association. */
  report(asked: Elements): void {
    const [kept, lost] = asked.ReferencedSOPSequence as [Elements, Elements];
    const event = new NEventReportRequest(commitmentClass, commitmentInstance, 2);
    const failed = { ...lost, FailureReason: 0x0213 };
    const { TransactionUID } = asked;
    event.setDataset(new Dataset({ TransactionUID, ReferencedSOPSequence: [kept], FailedSOPSequence: [failed] }));
    this.sendRequests(event);
  }
  override associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}

const patient = { id: '2000000000008', name: 'Rusu^Ana', birthDate: '19700101', sex: 'F' } as const;
const [one] = [...markedStudy({ seed: 11, patient, instances: 1, bytesEach: 200_000 })];
let server: InstanceType<typeof Server>;
let client: DimseClient;
let port: number;

beforeAll(async () => {
  port = await freePort();
  server = new Server(Archive);
  server.listen(port);
  const contexts = [
    { abstractSyntax: verification, transferSyntaxes: identifierSyntaxes },
    { abstractSyntax: one!.sopClassUid, transferSyntaxes: [one!.transferSyntax] },
    ...[queryProposal('study', 'find'), queryProposal('study', 'move'), commitmentProposal],
  ];
  const where = { host: '127.0.0.1', port, calledAe: 'ARCHIVE', callingAe: 'DICOMNET', contexts };
  client = await DimseClient.connect(where, { timers: systemTimers });
});
afterAll(async () => {
  await client.release();
  server.close();
});

test('C-ECHO and C-STORE', async () => {
  expect(await client.echo()).toBe(0);
  expect(await client.store({ ...one!, bytes: one!.dataset })).toBe(0);
  expect(seen.stored.map((each) => each.SOPInstanceUID)).toEqual([one!.sopInstanceUid]);
});

test('C-FIND: it reads our identifier, we read its answers', async () => {
  const keys = identifierKeys('STUDY', { PatientName: 'Rusu*', StudyDate: '20260101-' });
  const answers = await Array.fromAsync(client.find({ root: 'study', level: 'STUDY', keys }));
  expect(answers.map((each) => textOf(each, '00100020'))).toEqual(['P1', 'P2', 'P3']);
  expect(answers.flatMap((each) => textsOf(each, '0020000D'))).toEqual(['1.2.1', '1.2.2', '1.2.3']);
  expect(seen.asked[0]).toMatchObject({
    QueryRetrieveLevel: 'STUDY',
    StudyDate: expect.stringMatching(/^20260101- ?$/),
  });
});

test('C-MOVE: progress, and what failed', async () => {
  const told: number[] = [];
  const keys = { '0020000D': { vr: 'UI' as const, Value: ['1.2.1'] } };
  const onProgress = ({ remaining }: { remaining: number }) => told.push(remaining);
  const moved = await client.move({ root: 'study', level: 'STUDY', keys }, 'DICOMNET', { onProgress });
  expect(moved).toEqual({ status: 0xb000, completed: 1, failed: 1, warning: 0 });
  expect(told).toEqual([2, 1]);
});

test('a request for storage commitment', async () => {
  await client.requestCommitment('1.2.99', [{ sopClassUid: one!.sopClassUid, sopInstanceUid: one!.sopInstanceUid }]);
  expect(seen.actions[0]).toMatchObject({ TransactionUID: '1.2.99' });
});

test('storage commitment, reported on the association that asked', async () => {
  seen.reports = true;
  const remotes = new Remotes(
    { aeTitle: 'DICOMNET', port: 1, remotes: [{ aeTitle: 'ARCHIVE', host: '127.0.0.1', port }] },
    { timers: systemTimers, log: silentLog },
  );
  const parts = { remotes, commitments: new Commitments(), random: systemRandom, timers: systemTimers };
  const references = ['1.2.1', '1.2.2', '1.2.3'].map((sopInstanceUid) => ({
    sopClassUid: one!.sopClassUid,
    sopInstanceUid,
  }));
  const { signal } = new AbortController();
  // the third it says nothing of, which is no promise
  expect(await commit(parts, { aeTitle: 'ARCHIVE', references, signal })).toEqual({
    ...{ committed: 1, failed: 2 },
    reasons: [
      { reason: '0213', instances: 1 },
      { reason: '', instances: 1 },
    ],
  });
});
