// Instances by C-STORE into a fresh peer, from dcmtk's storescu over one association: sealed, hashed, indexed and on
// disk (fsync) before each is acknowledged. Baselines are storescp, which writes files and doesn't wait for the disk, and
// Orthanc as it is when installed. The same by STOW-RS, against Orthanc's DICOMweb plugin. Then the peer's memory while one multi-frame instance of 0.1 and of 1 GB comes in.

import { join } from 'node:path';
import { peer as definitions } from '../../node/api/peer.ts';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { hugeInstance } from '../../sim/studies/huge.ts';
import { type BenchOptions, type Contender, measure, megabytesPerSecond, type Report } from './harness.ts';
import { createPeer, PeerProcess } from './peers.ts';
import {
  missingDcmtk,
  missingOrthanc,
  missingOrthancWeb,
  mustHoldInstances,
  orthancWebPlugin,
  sendByStorescu,
  type Tuning,
  withOrthanc,
  withStorescp,
} from './stores.ts';
import { missingCurl, sendByStow, stowBodies } from './stow.ts';
import { emptyFolder, mustHold, patient, type StudyFiles, settleDisk, someOf, Workplace } from './workplace.ts';

/** One of so many instances is sent to what isn't tuned: each takes the same 50 ms. */
const slowShare = 20;
const hugeBytes = { '0.1 GB': 1e8, '1 GB': 1e9 };

export const bench = (options: BenchOptions): Promise<Report> => Workplace.use((place) => imports(place, options));

async function imports(place: Workplace, { instances = 500, rounds = 5 }: BenchOptions): Promise<Report> {
  const study = await place.study(instances);
  const fewer = await someOf(place, study, slowShare);
  const [dcmtk, orthanc] = [missingDcmtk(), missingDcmtk() ?? missingOrthanc()];
  const [curl, orthancWeb] = [missingCurl(), missingOrthanc() ?? missingOrthancWeb()];
  const bodies = await stowBodies(place, study);
  const stores: [string, StudyFiles, string | undefined, (dir: string) => Promise<number>][] = [
    ['dicomnet', study, dcmtk, (dir) => intoPeer(dir, study, 'tuned')],
    ['storescp', study, dcmtk, (dir) => intoStorescp(dir, study, 'tuned')],
    ['storescp, large PDUs', study, dcmtk, (dir) => intoStorescp(dir, study, 'large PDUs')],
    ['Orthanc', study, orthanc, (dir) => intoOrthanc(dir, study)],
    ['dicomnet by STOW', study, curl, (dir) => intoPeerByStow(dir, study, bodies)],
    ['Orthanc by STOW', study, curl ?? orthancWeb, (dir) => intoOrthancByStow(dir, study, bodies)],
    ['dicomnet, default storescu', fewer, dcmtk, (dir) => intoPeer(dir, fewer, 'default')],
    ['storescp, default storescu', fewer, dcmtk, (dir) => intoStorescp(dir, fewer, 'default')],
  ];
  // with few instances it is only tried out: nobody wants to wait for a gigabyte then
  const scale = Math.min(1, instances / 500);
  const there = stores.filter(([, , missing]) => missing === undefined);
  const contenders: Contender[] = [
    ...there.map(([name, { bytes }, , run]) => rate(place, name, bytes, run)),
    ...Object.entries(hugeBytes).map(([size, bytes]) => memory(place, size, bytes * scale)),
  ];
  const ratios = [
    { of: 'dicomnet', to: 'storescp', aim: 0.33 },
    { of: 'dicomnet', to: 'storescp, large PDUs', aim: 0.33 },
    { of: 'dicomnet', to: 'Orthanc', aim: 1 },
    { of: 'dicomnet by STOW', to: 'Orthanc by STOW', aim: 1 },
    { of: 'dicomnet, default storescu', to: 'storescp, default storescu', aim: 0.33 },
    { of: peak('1 GB'), to: peak('0.1 GB') },
  ];
  const names = contenders.map(({ name }) => name);
  return measure({
    name: `import of ${instances} x 512 KiB by C-STORE and STOW-RS`,
    contenders,
    rounds,
    ratios: ratios.filter(({ of, to }) => names.includes(of) && names.includes(to)),
    skipped: stores.flatMap(([name, , reason]) => (reason === undefined ? [] : [{ name, reason }])),
    notes: [
      'storescu and who takes it: TCP_NODELAY=1; PDUs as long as who takes them asks for by itself (storescp 16 KiB)',
      'large PDUs: storescp told to ask for 128 KiB, as much as storescu sends; default: not even TCP_NODELAY',
      'by STOW: curl, 50 instances a request',
      `default storescu: ${fewer.paths.length} of the instances`,
      'dicomnet acknowledges what is on disk (fsync); storescp and Orthanc leave that to the system',
      'peak memory: of the peer process, of which some 300 MB are the heap it starts with; flat is a ratio of 1',
      ...(scale < 1 ? [`peak memory: of instances of ${scale} of the size, to try it out`] : []),
    ],
  });
}

function rate(place: Workplace, name: string, bytes: number, run: (dir: string) => Promise<number>): Contender {
  return {
    name,
    unit: 'MB/s',
    async run() {
      const dir = await place.folder('import');
      await settleDisk();
      const seconds = await run(dir);
      await emptyFolder(dir);
      return megabytesPerSecond(bytes, seconds);
    },
  };
}

async function withPeer<T>(dir: string, work: (peer: PeerProcess) => Promise<T>): Promise<T> {
  await createPeer(dir, 'Importer');
  const peer = await PeerProcess.start(dir);
  try {
    return await work(peer);
  } finally {
    await peer.stop();
  }
}

const intoPeer = (dir: string, { dir: files, paths }: StudyFiles, tuning: Tuning): Promise<number> =>
  withPeer(dir, async (peer) => {
    const seconds = await sendByStorescu(peer.dimse, files, tuning);
    const { instances } = await peer.client.call(definitions.get);
    if (instances !== paths.length) throw new Error(`the peer holds ${instances} instances, not ${paths.length}`);
    return seconds;
  });

async function intoStorescp(dir: string, { dir: files, bytes }: StudyFiles, tuning: Tuning): Promise<number> {
  const seconds = await withStorescp(dir, tuning, (port) => sendByStorescu(port, files, tuning));
  await mustHold(dir, bytes);
  return seconds;
}

const intoOrthanc = (dir: string, { dir: files, paths }: StudyFiles): Promise<number> =>
  withOrthanc(dir, [], async (orthanc) => {
    const seconds = await sendByStorescu(orthanc.dimse, files, 'tuned', 'ORTHANC');
    await mustHoldInstances(orthanc, paths.length);
    return seconds;
  });

const intoPeerByStow = (dir: string, { paths }: StudyFiles, bodies: readonly string[]): Promise<number> =>
  withPeer(dir, async ({ client, url, token }) => {
    const seconds = await sendByStow(`${url}/dicom-web/studies`, bodies, [`Authorization: Bearer ${token}`]);
    const { instances } = await client.call(definitions.get);
    if (instances !== paths.length) throw new Error(`the peer holds ${instances} instances, not ${paths.length}`);
    return seconds;
  });

const intoOrthancByStow = (dir: string, { paths }: StudyFiles, bodies: readonly string[]): Promise<number> =>
  withOrthanc(
    dir,
    [],
    async (orthanc) => {
      const seconds = await sendByStow(`${orthanc.http}dicom-web/studies`, bodies);
      await mustHoldInstances(orthanc, paths.length);
      return seconds;
    },
    { Plugins: [orthancWebPlugin] },
  );

const peak = (size: string): string => `peak memory, ${size} instance`;

const memory = (place: Workplace, size: string, bytes: number): Contender => ({
  name: peak(size),
  unit: 'MB',
  run: async () => {
    const dir = await place.folder('memory');
    const figure = await withPeer(dir, async (peer) => {
      await sendHuge(peer.dimse, bytes);
      return (peer.process.peakBytes() ?? Number.NaN) / 1e6;
    });
    await emptyFolder(join(dir, 'objects'));
    return figure;
  },
});

/** One multi-frame instance, made while it is sent. */
async function sendHuge(port: number, bytes: number): Promise<void> {
  const huge = hugeInstance({ seed: 1, bytes, patient });
  const { sopClassUid, sopInstanceUid, transferSyntax } = huge;
  const contexts = [{ abstractSyntax: sopClassUid, transferSyntaxes: [transferSyntax] }];
  const titles = { calledAe: 'DICOMNET', callingAe: 'BENCH' };
  const client = await DimseClient.connect({ host: '127.0.0.1', port, ...titles, contexts }, { timers: systemTimers });
  const status = await client.store({ sopClassUid, sopInstanceUid, transferSyntax, bytes: huge.chunks() });
  await client.release();
  if (status !== 0) throw new Error(`the instance was answered with ${status.toString(16)}`);
}
