// Requests of every service with bytes changed at random: the server answers or ends the association, and goes on.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Command, commandFields, encodeCommand } from '../../node/dicom/dimse/command.ts';
import { queryModel } from '../../node/dicom/dimse/query-models.ts';
import { commitmentClass, commitmentInstance } from '../../node/dicom/dimse/scu/commitment.ts';
import { explicitVrLittleEndian, verification } from '../../node/dicom/dimse/uids.ts';
import type { DicomJson } from '../../node/dicom/model/json.ts';
import { writeDataset } from '../../node/dicom/write/write-dataset.ts';
import { RawCaller } from '../node/dicom/dimse/helpers.ts';
import { type Archive, instances, startArchive } from './archive.ts';

const ct = '1.2.840.10008.5.1.4.1.1.2';
const [find, move, get] = (['find', 'move', 'get'] as const).map((operation) => queryModel('study', operation)) as [
  string,
  string,
  string,
];
const contexts = [verification, ct, find, move, get, commitmentClass].map((abstractSyntax, i) => ({
  ...{ id: 2 * i + 1, abstractSyntax },
  transferSyntaxes: [explicitVrLittleEndian],
}));

const ui = (value: string) => ({ vr: 'UI' as const, Value: [value] });
const study: DicomJson = {
  '00080052': { vr: 'CS', Value: ['STUDY'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'I*' }] },
  '00080020': { vr: 'DA', Value: ['20200101-'] },
  '0020000D': ui('1.2.826.0.1.1'),
};
const commitment: DicomJson = {
  '00081195': ui('1.2.3'),
  '00081199': { vr: 'SQ', Value: [{ '00081150': ui(ct), '00081155': ui('1.2.826.0.1.1.1.1') }] },
};
const message = (id: number, command: Omit<Command, 'hasDataSet'>, dataset: DicomJson) => ({
  id,
  command: encodeCommand({ ...command, messageId: 5, hasDataSet: true }),
  dataset: writeDataset(dataset, { encoding: 'explicit-le' }),
});
const messages = [
  message(5, { commandField: commandFields.cFindRq, affectedSopClassUid: find }, study),
  message(7, { commandField: commandFields.cMoveRq, affectedSopClassUid: move, moveDestination: 'NOBODY' }, study),
  message(9, { commandField: commandFields.cGetRq, affectedSopClassUid: get }, study),
  message(
    11,
    {
      ...{ commandField: commandFields.nActionRq, requestedSopClassUid: commitmentClass },
      ...{ requestedSopInstanceUid: commitmentInstance, actionTypeId: 1 },
    },
    commitment,
  ),
];

const mutated = (bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array => {
  const copy = bytes.slice();
  for (const [at, value] of changes) copy[at % copy.length] = value;
  return copy;
};

describe('mutated requests', () => {
  let archive: Archive;
  beforeAll(async () => {
    archive = await startArchive(
      { callers: [{ aeTitle: 'SCANNER', host: '127.0.0.1' }] },
      { remotes: [{ aeTitle: 'NOBODY', host: '127.0.0.1', port: 1 }] },
    );
    await archive.add(instances.slice(0, 2));
  });
  afterAll(() => archive.close());

  const changes = fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });

  test('are answered or cut off, and nothing fails inside', async () => {
    const roles = [{ sopClassUid: ct, scu: true, scp: true }];
    const user = { maxPduBytes: 16384, implementationClassUid: '1.2.3', roles, extended: [] };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...messages),
        changes,
        changes,
        async ({ id, command, dataset }, first, second) => {
          const caller = new RawCaller(archive.port);
          try {
            const answer = await caller.associate({ contexts, user });
            expect(answer?.type).toBe('associate-ac');
            const value = (isCommand: boolean, bytes: Uint8Array) => ({
              contextId: id,
              command: isCommand,
              last: true,
              parts: [bytes],
            });
            caller.send({ type: 'data', values: [value(true, mutated(command, first))] });
            caller.send({ type: 'data', values: [value(false, mutated(dataset, second))] });
            // whatever comes first: an answer, or the end
            const next = await caller.next();
            expect(['fragment', 'abort', undefined]).toContain(next?.type);
          } finally {
            caller.socket.destroy();
          }
        },
      ),
      { numRuns: 400, seed: 1138 },
    );
    const failures = archive.lines.filter((line) => line.startsWith('error'));
    expect(failures).toEqual([]);
    const caller = new RawCaller(archive.port);
    expect(await caller.associate({ contexts, user })).toMatchObject({ type: 'associate-ac' });
    caller.socket.destroy();
  });
});
