// Searches over QIDO-RS on an index of 1,000,000 instances: a running peer, real HTTP, one search after the other, each
// written to the audit log (fsync) before it is answered. The baseline is Orthanc with its DICOMweb plugin, holding fewer
// studies, since it is filled over the network.
import { Agent, get, type IncomingMessage } from 'node:http';
import { dicomJsonType } from '../../node/http/dicomweb/wado/data-sets.ts';
import { systemClock } from '../../node/system/machine.ts';
import { type BenchOptions, type Contender, measure, type Report, secondsOf } from './harness.ts';
import { type Described, described, describedInstance, fillIndex, instancesEach } from './many-studies.ts';
import { createPeer, PeerProcess } from './peers.ts';
import { missingOrthanc, missingOrthancWeb, orthancWebPlugin, withOrthanc } from './stores.ts';
import { Workplace } from './workplace.ts';

export const bench = (options: BenchOptions): Promise<Report> => Workplace.use((place) => searches(place, options));

/** Searches of each kind in a round. */
const each = 40;
const orthancStudies = 4_000;

type Kind = (study: Described, n: number) => string;
const q = encodeURIComponent;
const family = ({ patient }: Described): string => patient.name.split('^')[0]!;
const page = 'limit=101&includefield=00081030,00080060';

/** What viewers and work lists ask for; n changes from search to search. */
const kinds: Readonly<Record<string, Kind>> = {
  'patient id': ({ patient }) => `studies?PatientID=${patient.id}&${page}`,
  'name wildcard': (study) => `studies?PatientName=${q(`${family(study)}*`)}&${page}`,
  'name inside': (study) => `studies?PatientName=${q(`*${family(study).slice(1, 4)}*`)}&offset=100&${page}`,
  'fuzzy name': ({ patient }) =>
    `studies?PatientName=${q(patient.name.split('^').reverse().join(' ').slice(0, 12))}&fuzzymatching=true&${page}`,
  'nobody’s name': (_, n) => `studies?PatientName=${q(`*x${n}x*`)}&${page}`,
  'dates and modality': ({ date, modality }) =>
    `studies?StudyDate=${date.slice(0, 6)}01-${date.slice(0, 6)}31&ModalitiesInStudy=${modality}&${page}`,
  modalities: (_, n) => `studies?ModalitiesInStudy=MR,US&offset=${n * 7}&${page}`,
  'description inside': (_, n) =>
    `studies?StudyDescription=*${['orac', 'dome', 'rani', `q${n}`][n % 4]}*&offset=100&${page}`,
  'modality of a series': (_, n) => `studies?00080060=${['MR', 'US', 'ZZ'][n % 3]}&offset=${n * 7}&${page}`,
  accession: ({ accession }) => `studies?AccessionNumber=${accession}`,
  'study uid': ({ studyUid }) => `studies?StudyInstanceUID=${studyUid}`,
  'page of all': (_, n) => `studies?offset=${n * 13}&${page}`,
  'series of a study': ({ studyUid }) => `studies/${studyUid}/series`,
  'instances of a study': ({ studyUid }) => `studies/${studyUid}/instances`,
};

/** A program that is searched. */
interface Searched {
  readonly name: string;
  readonly studies: number;
  /** What it has as its n-th study. */
  readonly studyOf: (n: number) => Described;
  readonly search: (path: string) => Promise<IncomingMessage>;
}

async function searches(place: Workplace, { instances = 1_000_000, rounds = 5 }: BenchOptions): Promise<Report> {
  const dir = await place.folder('peer');
  await createPeer(dir, 'Searched');
  const studies = Math.max(1, Math.ceil(instances / instancesEach));
  const filling = await secondsOf(() => fillIndex(dir, studies));
  const starting = systemClock.now();
  const peer = await PeerProcess.start(dir);
  const started = systemClock.now() - starting;
  const notes = [
    `${studies * instancesEach} instances in ${studies} studies, filled in ${filling.toFixed(0)} s`,
    `the peer is ready ${(started / 1000).toFixed(1)} s after its start`,
  ];
  const search = (path: string) => peer.client.openPath(`/dicom-web/${path}`, dicomJsonType);
  const ours = { name: 'dicomnet', studies, studyOf: described, search };
  try {
    const report = await withBaseline(place, studies, (baseline) => compare(ours, baseline, { rounds, notes }));
    const peak = ((peer.process.peakBytes() ?? Number.NaN) / 1e6).toFixed(0);
    return { ...report, notes: [...report.notes, `peak memory of the peer: ${peak} MB`] };
  } finally {
    await peer.stop();
  }
}

type Baseline = Searched | { readonly name: string; readonly reason: string };

/** Orthanc with some of the studies, if it is installed. */
async function withBaseline<T>(place: Workplace, studies: number, work: (it: Baseline) => Promise<T>): Promise<T> {
  const reason = missingOrthanc() ?? missingOrthancWeb();
  if (reason !== undefined) return work({ name: 'Orthanc', reason });
  const plugins = { Plugins: [orthancWebPlugin] };
  return withOrthanc(await place.folder('orthanc'), [], async ({ http }) => work(await filled(http, studies)), plugins);
}

async function filled(http: string, studies: number): Promise<Searched> {
  const held = Math.min(studies, orthancStudies);
  for (let n = 0; n < held; n++) {
    const answer = await fetch(`${http}instances`, { method: 'POST', body: describedInstance(n).part10 });
    if (!answer.ok) throw new Error(`Orthanc answered ${answer.status}`);
    await answer.arrayBuffer();
  }
  const agent = new Agent({ keepAlive: true });
  const studyOf = (n: number) => {
    const { studyUid } = describedInstance(n);
    return { ...described(n), studyUid, accession: `CT${n}`, modality: 'CT' };
  };
  const search = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      get(`${http}dicom-web/${path}`, { agent, headers: { accept: dicomJsonType } }, resolve).once('error', reject);
    });
  return { name: 'Orthanc', studies: held, studyOf, search };
}

async function compare(
  ours: Searched,
  baseline: Baseline,
  { rounds, notes }: { rounds: number; notes: readonly string[] },
): Promise<Report> {
  const theirs = 'search' in baseline ? baseline : undefined;
  const contenders: Contender[] = [];
  for (const it of theirs === undefined ? [ours] : [ours, theirs]) {
    const all: number[] = [];
    for (const [kind, path] of Object.entries(kinds)) {
      const name = `${it.name}, ${kind}`;
      const run = async () => {
        const took = (await timed(it, path)).sort((a, b) => a - b);
        all.push(...took);
        return took[Math.floor(took.length * 0.95)]!;
      };
      contenders.push({ name, unit: 'ms', run });
    }
    // of all kinds since this was last asked, so after each of them has run once
    const overall = () => {
      const took = all.splice(0).sort((a, b) => a - b);
      return took[Math.floor(took.length * 0.95)] ?? Number.NaN;
    };
    contenders.push({ name: it.name, unit: 'ms', run: overall });
  }
  contenders.push({ name: '50 ms', unit: 'ms', run: () => 50 });
  return measure({
    name: `searches over QIDO-RS of ${ours.studies * instancesEach} instances, 95th percentiles`,
    contenders,
    rounds,
    ratios: [
      { of: 'dicomnet', to: '50 ms', aim: 1 },
      ...(theirs === undefined ? [] : [{ of: 'dicomnet', to: 'Orthanc' }]),
    ],
    skipped: 'reason' in baseline ? [baseline] : [],
    notes: [
      ...notes,
      `${each} searches of each kind a round, one after the other; each is in the audit log (fsync) before it is answered`,
      ...(theirs === undefined ? [] : [`Orthanc with its DICOMweb plugin: ${theirs.studies} studies of one instance`]),
    ],
  });
}

/** How long each search took until its last byte was there, in ms. @throws Error when one fails */
async function timed({ studies, studyOf, search }: Searched, path: Kind): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < each; i++) {
    const n = Math.floor((searched++ * 7919) % studies);
    const url = path(studyOf(n), i);
    const start = process.hrtime.bigint();
    const answer = await search(url);
    if (answer.statusCode !== 200) throw new Error(`a search was answered with ${answer.statusCode}`);
    for await (const _ of answer);
    took.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return took;
}

let searched = 0;
