// The demonstration from the scanner to the audit log, with three running hospitals.
import { audit } from '../../node/api/audit.ts';
import type { FindResult } from '../../node/api/find.ts';
import { size } from '../../node/cli/terminal.ts';
import { inParallel } from '../../node/flow/in-parallel.ts';
import { bytesOf, type Expected, expectedOf, type Findable, instancesOf, type StudyHeld, sizeOf } from './expected.ts';
import { readable } from './files.ts';
import { ask, find, type SentRequest } from './find.ts';
import { Follower } from './follow.ts';
import type { RunningHospital } from './hospitals.ts';
import { patient, type Sendable, synthetic } from './instances.ts';
import { send } from './send.ts';
import { count, milliseconds, rate, type Show, seconds } from './show.ts';
import { approve, type Crossed } from './transfer.ts';
import { compareFrame, compareStudy } from './wado.ts';

/** What the line of `--json` says of the story; seconds and milliseconds as the names say, of several the median. */
export interface Measured {
  readonly studies: number;
  readonly instances: number;
  readonly bytes: number;
  readonly importSeconds: number;
  readonly findMs: number | null;
  readonly requestMs: number | null;
  readonly firstImageMs: number | null;
  readonly transferSeconds: number;
  readonly transferMBps: number | null;
  readonly identical: boolean;
  readonly auditVerified: boolean;
}

/** Patients whose studies are looked for, asked for or sent at the same time. */
const atOnce = 4;

/** What the scanners of two hospitals will send. */
export interface ToSend {
  readonly first: readonly Sendable[];
  readonly second: readonly Sendable[];
  /** Made up: then everything must be taken. */
  readonly own: boolean;
}

/** The made-up studies, or those in a folder. @throws Error when there is nothing to send, PeerError file/missing */
export async function prepare(dir: string | undefined, show: Show): Promise<ToSend> {
  if (dir === undefined) return { ...(await synthetic()), own: true };
  show.step(`Looking at the files in ${dir}`);
  const { files, sendable, refused } = await readable(dir);
  show.line(`${count(files, 'file')}, of which ${sendable.length} can be sent`);
  show.refused(refused);
  if (sendable.length === 0) throw new Error('There is nothing to send.');
  return { first: sendable, second: [], own: false };
}

/** Three hospitals: two that get studies from their scanners and one that asks. */
export async function tell(
  [owner, second, asking]: readonly [RunningHospital, RunningHospital, RunningHospital],
  toSend: ToSend,
  show: Show,
): Promise<Measured> {
  show.step('Scanners send by C-STORE');
  const first = await sendTo(owner, toSend.first, toSend.own, show);
  const other = await sendTo(second, toSend.second, toSend.own, show);
  const expected = expectedOf([
    [owner, first.taken],
    [second, other.taken],
  ]);
  const found = await findAll(asking, expected, show);
  const requests = await askAll(asking, found, show);
  const crossed = await transferAll(asking, requests, show);
  const identical = await compareAll(asking, expected, show);
  const auditVerified = await verifyAudit([owner, second, asking], show);
  const over = sizeOf(expected.findable.flatMap((each) => each.studies));
  return {
    ...over,
    importSeconds: round((first.ms + other.ms) / 1000),
    findMs: median(found.map(({ findMs }) => findMs)),
    requestMs: median(requests.map(({ requestMs }) => requestMs)),
    firstImageMs: median(firstImages(crossed.each)),
    transferSeconds: round(crossed.ms / 1000),
    transferMBps: over.bytes === 0 ? null : round(over.bytes / 1000 / crossed.ms),
    identical,
    auditVerified,
  };
}

async function sendTo(to: RunningHospital, all: readonly Sendable[], own: boolean, show: Show) {
  if (all.length === 0) return { taken: [], ms: 0 };
  const started = performance.now();
  const { taken, refused } = await send(to, all);
  const ms = performance.now() - started;
  const bytes = taken.reduce((sum, each) => sum + each.bytes, 0);
  show.line(`to ${to.name}: ${kinds(all)}`);
  show.line(
    `  ${count(taken.length, 'instance')}, ${size(bytes)}, in ${seconds(ms)} (${rate(bytes, ms)}), each sealed and on disk before it was acknowledged`,
  );
  if (refused.length > 0) show.line(`${refused.length} not accepted:`);
  show.refused(refused);
  if (own && refused.length > 0) throw new Error('A made-up instance was not accepted.');
  return { taken, ms };
}

/** `CT 120, MR 24`, the most first. */
function kinds(all: readonly Sendable[]): string {
  const counts = [...Map.groupBy(all, ({ header }) => header.series.modality ?? 'no modality')];
  const sorted = counts.map(([name, of]) => [name, of.length] as const).sort((a, b) => b[1] - a[1]);
  const first = sorted.slice(0, 6).map(([name, number]) => `${name} ${number}`);
  return [...first, ...(sorted.length > 6 ? [`${sorted.length - 6} other kinds`] : [])].join(', ');
}

interface FoundPatient {
  readonly who: Findable;
  readonly found: FindResult;
  readonly findMs: number;
}

async function findAll(by: RunningHospital, { findable, hidden }: Expected, show: Show): Promise<FoundPatient[]> {
  const one = findable.length === 1 && findable[0]!.value === patient.id;
  show.step(`A doctor at ${by.name} looks for ${one ? `patient ${patient.id}` : 'each patient'}`);
  const all: FoundPatient[] = [];
  await inParallel(atOnce, findable, async (who) => {
    all.push({ who, ...(await find(by, who)) });
  });
  if (one) for (const each of all[0]!.found.hospitals) show.line(`${each.name} has ${described(each.studies)}`);
  const studies = findable.flatMap((each) => each.studies);
  const found = `${count(findable.length, 'patient')}, ${count(studies.length, 'study', 'studies')}`;
  show.line(`${found}, found in ${usual(all.map(({ findMs }) => findMs))}`);
  show.line('the keepers that helped never learned whom; each owner wrote down who asked, and why');
  if (hidden.length > 0) {
    const without = 'their patients have no ID, or one that means something in one hospital only';
    show.line(`${count(hidden.length, 'study', 'studies')} cannot be found: ${without}`);
    show.list(hidden.map(nameOf), 5);
  }
  return all;
}

/** One figure, or the median of several. */
const usual = (ms: readonly number[]): string =>
  ms.length === 1 ? milliseconds(ms[0]!) : `${milliseconds(median(ms) ?? 0)} (median)`;

const described = (studies: FindResult['hospitals'][number]['studies']): string =>
  studies.map(({ modalities, instances }) => `${modalities.join('+')} (${count(instances, 'instance')})`).join(', ');

/** By its first file: nothing about the patient. */
const nameOf = ({ instances }: StudyHeld): string => {
  const [first] = instances.values();
  return instances.size === 1 ? first!.one.name : `${first!.one.name} and ${instances.size - 1} more of its study`;
};

async function askAll(by: RunningHospital, found: readonly FoundPatient[], show: Show): Promise<SentRequest[]> {
  show.step('The doctor asks for all of it, with a purpose and a reason');
  const requests: SentRequest[] = [];
  await inParallel(atOnce, found, async ({ who, found: answer }) => {
    requests.push(...(await ask(by, who, answer)));
  });
  const each = usual(requests.map(({ requestMs }) => requestMs));
  show.line(`${count(requests.length, 'request')}, delivered in ${each}; a person at the owner must approve`);
  return requests;
}

async function transferAll(
  to: RunningHospital,
  asked: readonly SentRequest[],
  show: Show,
): Promise<{ each: Crossed[]; ms: number }> {
  show.step('The owners approve, and the studies cross, end-to-end encrypted');
  const each: Crossed[] = [];
  const follower = await Follower.open(to.as.practitioner);
  try {
    const started = performance.now();
    await inParallel(atOnce, asked, async (one) => {
      const crossed = await approve(one, to, follower);
      each.push(crossed);
      const { firstImageMs: first, transferMs } = crossed;
      if (asked.length > few) return;
      const image = first === undefined ? 'no image' : `first image read over WADO-RS after ${milliseconds(first)}`;
      show.line(`from ${one.owner.name}: ${image}, all arrived after ${seconds(transferMs)}`);
    });
    const ms = performance.now() - started;
    if (asked.length > few) show.line(`first image read over WADO-RS ${usual(firstImages(each))} after the approval`);
    const bytes = asked.reduce((sum, { studies }) => sum + bytesOf(studies), 0);
    show.line(`${size(bytes)} in ${seconds(ms)} (${rate(bytes, ms)}), every chunk opened, checked and on disk`);
    return { each, ms };
  } finally {
    follower.close();
  }
}

/** So many requests are told one by one. */
const few = 3;

const firstImages = (all: readonly Crossed[]): number[] =>
  all.map(({ firstImageMs }) => firstImageMs).filter((ms) => ms !== undefined);

async function compareAll(to: RunningHospital, { findable, hidden }: Expected, show: Show): Promise<boolean> {
  show.step('Comparing every data set with what was sent');
  const different: string[] = [];
  const crossed = findable.flatMap(({ studies }) => studies);
  const places = [...crossed.map((study) => ({ study, at: to })), ...hidden.map((study) => ({ study, at: study.at }))];
  await inParallel(atOnce, places, async ({ study, at }) => {
    different.push(...(await compareStudy(at, study)));
  });
  if (different.length === 0) {
    const { studies, instances, bytes } = sizeOf(crossed);
    show.line(
      `${count(instances, 'data set')} of ${count(studies, 'study', 'studies')}, ${size(bytes)}: the same to the byte`,
    );
    const left = sizeOf(hidden);
    if (left.studies > 0)
      show.line(`${count(left.instances, 'data set')} that did not cross: the same to the byte where they are`);
  }
  const started = performance.now();
  const images = instancesOf(crossed).filter(({ one }) => one.frame !== undefined);
  const wrong: string[] = [];
  await inParallel(atOnce, images, async (sent) => {
    const found = await compareFrame(to, sent);
    if (found !== undefined) wrong.push(found);
  });
  if (wrong.length === 0)
    show.line(
      `${count(images.length, 'frame')} read over WADO-RS in ${seconds(performance.now() - started)}: the same`,
    );
  const all = [...different, ...wrong];
  if (all.length > 0) show.line(`${count(all.length, 'DIFFERENCE')}:`);
  show.list(all, 20);
  return all.length === 0;
}

async function verifyAudit(hospitals: readonly RunningHospital[], show: Show): Promise<boolean> {
  show.step('Verifying the audit logs');
  let holds = true;
  for (const { name, as } of hospitals) {
    const { ok, entries } = await as.custodian.call(audit.verify);
    show.line(`${name}: ${count(entries, 'entry', 'entries')}, ${ok ? 'nothing changed or removed' : 'DOES NOT HOLD'}`);
    holds &&= ok && entries > 0;
  }
  return holds;
}

/** The middle of some figures, rounded; null of none. */
export function median(figures: readonly number[]): number | null {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return round(sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2);
}

const round = (figure: number): number => Math.round(figure * 1000) / 1000;
