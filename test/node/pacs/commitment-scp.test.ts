// Storage commitment: what is promised is true, and the result arrives in the end.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { actsOver } from '../../../node/audit/acts.ts';
import { commitmentClass, commitmentInstance } from '../../../node/dicom/dimse/scu/commitment.ts';
import type { EventReport, NormalizedRequest } from '../../../node/dicom/dimse/services.ts';
import type { DicomJson } from '../../../node/dicom/model/json.ts';
import { CommitmentScp } from '../../../node/pacs/commitment-scp.ts';
import type { Remotes } from '../../../node/pacs/remotes.ts';
import { systemRandom } from '../../../node/system/machine.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { ManualTimers } from '../dicom/dimse/helpers.ts';
import { recordingLog } from '../hospitals.ts';
import { freshDir, openStores, removeDir, type Stores } from '../stores.ts';

const ct = '1.2.840.10008.5.1.4.1.1.2';
const known = new Map([
  ['1.1', { sopClassUid: ct, objectId: 'a' }],
  ['1.2', { sopClassUid: ct, objectId: 'lost' }],
]);

const reference = (sopClass: string, uid: string): DicomJson => ({
  '00081150': { vr: 'UI', Value: [sopClass] },
  '00081155': { vr: 'UI', Value: [uid] },
});
const asked = (...items: DicomJson[]): DicomJson => ({
  '00081195': { vr: 'UI', Value: ['1.2.3'] },
  '00081199': { vr: 'SQ', Value: items },
});

let dir: string;
let stores: Stores;
let now: number;
/** What the remote does with a result: a status, or why it can't be reached. */
let remote: () => number;
let delivered: EventReport[];

beforeEach(async () => {
  dir = await freshDir();
  stores = await openStores(dir);
  [now, delivered] = [1_800_000_000_000, []];
  remote = () => 0;
});
afterEach(async () => {
  await stores.kv.close();
  await removeDir(dir);
});

async function start(timers = new ManualTimers()) {
  const remotes: Pick<Remotes, 'with'> = {
    with: async (_ae, _wanted, work) =>
      work({
        report: async (event: EventReport) => {
          const status = remote();
          delivered.push(event);
          return status;
        },
      } as never),
  };
  const audited: unknown[] = [];
  const service = new CommitmentScp({
    ...{ bucket: stores.kv.bucket('commitment'), remotes, timers, random: systemRandom, log: recordingLog([]) },
    index: { instance: async (uid) => known.get(uid) as never },
    objects: { has: async (id) => id === 'a' },
    acts: actsOver({ append: async (entry) => ({ index: audited.push(entry) }) }),
    clock: { now: () => now },
  });
  await service.start();
  return { service, audited, timers };
}

const request = (
  dataset: DicomJson | undefined,
  report: NormalizedRequest['report'],
  typeId = 1,
): NormalizedRequest => ({
  ...{ sopClassUid: commitmentClass, sopInstanceUid: commitmentInstance, typeId, dataset, attributes: [], report },
  caller: { aeTitle: 'CT1', calledAe: 'PEER', remoteAddress: '10.0.0.1' },
  signal: new AbortController().signal,
});
const gone = async (): Promise<number> => {
  throw new PeerError('dimse/closed');
};

describe('storage commitment', () => {
  test('says what is kept, what is not, and why', async () => {
    const { service, audited } = await start();
    const events: EventReport[] = [];
    const report = async (event: EventReport) => events.push(event) * 0;
    const items = [reference(ct, '1.1'), reference(ct, '1.2'), reference(ct, '1.9'), reference('1.2', '1.1')];
    const answer = await service.action(request(asked(...items), report));
    expect(answer.status).toBe(0);
    expect(audited).toMatchObject([{ kind: 'query', detail: { instances: 4 } }]);
    await answer.after!();
    expect(events).toMatchObject([{ typeId: 2, sopInstanceUid: commitmentInstance }]);
    const { dataset } = events[0]!;
    expect(dataset['00081195']).toEqual({ vr: 'UI', Value: ['1.2.3'] });
    expect(dataset['00081199']!.Value).toEqual([reference(ct, '1.1')]);
    const failed = (dataset['00081198']!.Value as DicomJson[]).map((item) => [
      item['00081155']!.Value![0],
      item['00081197']!.Value![0],
    ]);
    expect(failed).toEqual([
      ['1.2', 0x0112],
      ['1.9', 0x0112],
      ['1.1', 0x0119],
    ]);
    expect([service.waiting, delivered]).toEqual([0, []]);
  });

  test('the result goes by another association when this one is over', async () => {
    const { service } = await start();
    const answer = await service.action(request(asked(reference(ct, '1.1')), gone));
    await answer.after!();
    expect(delivered).toMatchObject([{ typeId: 1 }]);
    expect(service.waiting).toBe(0);
  });

  test('a result that cannot be delivered outlives the program, is tried less and less often, and is given up', async () => {
    remote = () => {
      throw new PeerError('dimse/unreachable');
    };
    const before = await start();
    const answer = await before.service.action(request(asked(reference(ct, '1.1')), gone));
    await answer.after!();
    await before.service.stop();

    const { service, timers } = await start();
    expect(service.waiting).toBe(1);
    let tries = 0;
    remote = () => {
      tries++;
      return 0x0110;
    };
    const tick = async (ms: number) => {
      now += ms;
      expect(timers.fire(10_000)).toBe(1);
      await service.deliver();
    };
    await tick(0);
    expect(tries).toBe(1);
    await tick(9_000);
    expect(tries).toBe(1);
    await tick(1_000);
    expect(tries).toBe(2);
    await tick(10_000);
    expect(tries).toBe(2);
    await tick(8 * 24 * 3_600_000);
    expect([tries, service.waiting]).toEqual([3, 0]);
    await service.stop();
    expect((await start()).service.waiting).toBe(0);
  });

  test('malformed requests are refused before anything is kept', async () => {
    const { service } = await start();
    const bad: [DicomJson | undefined, number, string][] = [
      [undefined, 1, 'dimse/argument'],
      [asked(), 1, 'dimse/argument'],
      [{ '00081199': { vr: 'SQ', Value: [reference(ct, '1.1')] } }, 1, 'dimse/argument'],
      [asked(reference(ct, '../x')), 1, 'dimse/argument'],
      [asked({}), 1, 'dimse/argument'],
      [asked(reference(ct, '1.1')), 7, 'dimse/action-type'],
      [asked(...Array.from({ length: 20_001 }, () => reference(ct, '1.1'))), 1, 'dimse/matches'],
    ];
    for (const [dataset, type, code] of bad) {
      await expect(service.action(request(dataset, gone, type))).rejects.toMatchObject({ code });
    }
    expect(service.waiting).toBe(0);
  });
});
