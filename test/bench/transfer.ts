// A study from one peer to another on loopback: sealed at one disk, durable at the other, every check on. Measured by
// the receiving peer's own clock, from the grant's arrival to the last object's acknowledgement by the index. Baselines
// copy the same files; they don't wait for the disk. Everything is a process of its own.
import { join } from 'node:path';
import { requests } from '../../node/api/requests.ts';
import { type Transfer, transfers } from '../../node/api/transfers.ts';
import type { PeerClient } from '../../node/cli/client.ts';
import { eventually } from '../node/hospitals.ts';
import { type Copy, httpsOfFiles, httpsOfOne, rawTcp, scp } from './copies.ts';
import { type BenchOptions, type Contender, measure, megabytesPerSecond, type Report } from './harness.ts';
import { createFederation, importFolder, PeerProcess } from './peers.ts';
import {
  missingDcmtk,
  missingOrthanc,
  sendByStorescu,
  sendToOrthancPeer,
  type Tuning,
  withOrthanc,
  withStorescp,
} from './stores.ts';
import {
  concatFiles,
  emptyFolder,
  mustHold,
  patient,
  type StudyFiles,
  settleDisk,
  someOf,
  Workplace,
} from './workplace.ts';

const ours = 'dicomnet';
const https = 'https + curl, a file an instance';
/** Of the slowest baselines, one instance of so many is sent: they take the same time for each. */
const slowShare = 20;

export const bench = (options: BenchOptions): Promise<Report> => Workplace.use((place) => transfer(place, options));

async function transfer(place: Workplace, { instances = 2000, rounds = 5 }: BenchOptions): Promise<Report> {
  const study = await place.study(instances);
  const fewer = await someOf(place, study, slowShare);
  const warmups = 1;
  const sender = join(place.dir, 'sender');
  const receivers = Array.from({ length: rounds + warmups }, (_, i) => ({
    dir: join(place.dir, `receiver-${i}`),
    name: `Receiver ${i}`,
  }));
  await createFederation([{ dir: sender, name: 'Sender' }, ...receivers]);
  const from = await PeerProcess.start(sender);
  try {
    await importFolder(sender, study);
    const copies: [string, StudyFiles, Copy][] = [
      ['raw TCP', study, rawTcp(study)],
      [https, study, httpsOfFiles(study)],
      ['https + curl, one file', study, httpsOfOne(await concatFiles(place, study))],
      ['scp', study, await scp(study, await place.folder('scp'))],
      ['C-STORE tuned', study, cStore(study, 'large PDUs')],
      ['C-STORE default', fewer, cStore(fewer, 'default')],
      ['Orthanc peers', fewer, orthancPeers(place, fewer)],
    ];
    const contenders: Contender[] = [
      rate(ours, study, () => receive(receivers.shift()!.dir, study)),
      ...copies.flatMap(([name, files, copy]) =>
        'skipped' in copy ? [] : [rate(name, files, () => copyInto(place, files, copy.copy))],
      ),
    ];
    const aims: Record<string, number> = { [https]: 0.5 };
    return await measure({
      name: `transfer of ${instances} x 512 KiB`,
      contenders,
      rounds,
      warmups,
      ratios: contenders
        .slice(1)
        .map(({ name }) => ({ of: ours, to: name, ...(name in aims && { aim: aims[name]! }) })),
      skipped: copies.flatMap(([name, , copy]) => ('skipped' in copy ? [{ name, reason: copy.skipped }] : [])),
      notes: [
        `${ours}: from the grant's arrival to everything durable, by the receiving peer's own times`,
        `C-STORE default and Orthanc peers: ${fewer.paths.length} of the instances`,
        'only dicomnet waits until everything is on disk (fsync)',
      ],
    });
  } finally {
    await from.stop();
  }
}

const rate = (name: string, { bytes }: StudyFiles, seconds: () => Promise<number>): Contender => ({
  name,
  unit: 'MB/s',
  async run() {
    await settleDisk();
    return megabytesPerSecond(bytes, await seconds());
  },
});

/** A fresh peer asks for the patient's study and gets it. */
async function receive(dir: string, study: StudyFiles): Promise<number> {
  const peer = await PeerProcess.start(dir);
  try {
    const { state, ...view } = await fetchStudy(peer.client);
    if (state !== 'done' || view.objects.done !== study.paths.length)
      throw new Error(`the transfer ended ${state}: ${view.code}`);
    return (view.ended! - view.at) / 1000;
  } finally {
    await peer.stop();
    await emptyFolder(join(dir, 'objects'));
  }
}

async function fetchStudy(client: PeerClient): Promise<Transfer> {
  const why = { purpose: 'TREAT', reason: 'benchmark' } as const;
  const ask = { member: 'Sender', patient: { value: patient.id }, refs: 'all', ...why } as const;
  const { id } = await client.call(requests.create, {}, ask);
  let view: Transfer | undefined;
  await eventually(
    'the transfer is over',
    async () => {
      view = (await client.call(transfers.list)).find((each) => each.id === id);
      return view !== undefined && view.state !== 'running';
    },
    600_000,
  );
  return view!;
}

async function copyInto(place: Workplace, files: StudyFiles, copy: (to: string) => Promise<number>): Promise<number> {
  const to = await place.folder('copy');
  const seconds = await copy(to);
  await mustHold(to, files.bytes);
  await emptyFolder(to);
  return seconds;
}

function cStore(files: StudyFiles, tuning: Tuning): Copy {
  const skipped = missingDcmtk();
  if (skipped !== undefined) return { skipped };
  return { copy: (to) => withStorescp(to, tuning, (port) => sendByStorescu(port, files.dir, tuning)) };
}

function orthancPeers(place: Workplace, files: StudyFiles): Copy {
  const skipped = missingOrthanc() ?? missingDcmtk();
  if (skipped !== undefined) return { skipped };
  return {
    copy: (to) =>
      withOrthanc(to, [], async (receiver) => {
        const folder = await place.folder('orthanc');
        const seconds = await withOrthanc(folder, [receiver.http], async (sender) => {
          await sendByStorescu(sender.dimse, files.dir, 'tuned', 'ORTHANC');
          return sendToOrthancPeer(sender, receiver, files.paths.length);
        });
        await emptyFolder(folder);
        return seconds;
      }),
  };
}
