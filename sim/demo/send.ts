// A scanner: sends instances by C-STORE, one association a study, and remembers a hash of what it sent.
import { createHash } from 'node:crypto';
import { type Kept, quarantine } from '../../node/api/quarantine.ts';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { inParallel } from '../../node/flow/in-parallel.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { catalogue, type ErrorCode, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { reasonOf } from './files.ts';
import { host, type RunningHospital } from './hospitals.ts';
import type { Refused, Sendable } from './instances.ts';

/** An instance that a hospital acknowledged. */
export interface SentInstance {
  readonly one: Sendable;
  /** Hex, of the data set as it was sent. */
  readonly sha256: string;
  readonly bytes: number;
}

/** An instance that it didn't, and the status or the error that it got. */
interface NotTaken {
  readonly one: Sendable;
  readonly answer: number | PeerError;
}

/** Scanners that send at the same time. */
const scanners = 3;

/** Sends everything: study by study, each in the order given. The same instance sent twice is taken once. */
export async function send(
  to: RunningHospital,
  all: readonly Sendable[],
): Promise<{ taken: SentInstance[]; refused: Refused[] }> {
  const taken: SentInstance[] = [];
  const not: NotTaken[] = [];
  const studies = Map.groupBy(all, (one) => one.header.studyUid);
  const associations = [...studies.values()].flatMap(associationsOf);
  await inParallel(scanners, associations, (instances) => associate(to, instances, taken, not));
  const once = new Map(taken.map((each) => [each.one.header.sopInstanceUid, each]));
  return { taken: [...once.values()], refused: await reasons(to, not) };
}

const syntaxOf = ({ header }: Sendable): string => `${header.sopClassUid} ${header.transferSyntax}`;

/** An association proposes so many contexts at most: one for each SOP class in each transfer syntax. */
export function associationsOf(study: readonly Sendable[]): Sendable[][] {
  const out: { of: Set<string>; instances: Sendable[] }[] = [];
  for (const one of study) {
    let last = out.at(-1);
    if (last === undefined || (last.of.size >= limits.dimseContexts && !last.of.has(syntaxOf(one)))) {
      last = { of: new Set(), instances: [] };
      out.push(last);
    }
    last.of.add(syntaxOf(one));
    last.instances.push(one);
  }
  return out.map(({ instances }) => instances);
}

async function associate(
  to: RunningHospital,
  instances: readonly Sendable[],
  taken: SentInstance[],
  not: NotTaken[],
): Promise<void> {
  let rest = instances;
  while (rest.length > 0) {
    const client = await connect(to, rest);
    const over = await storeAll(client, rest, taken, not);
    rest = rest.slice(over);
    if (rest.length === 0) await client.release();
  }
}

function connect({ config }: RunningHospital, instances: readonly Sendable[]): Promise<DimseClient> {
  const contexts = [...Map.groupBy(instances, syntaxOf).values()].map(([one]) => ({
    abstractSyntax: one!.header.sopClassUid,
    transferSyntaxes: [one!.header.transferSyntax],
  }));
  const { aeTitle: calledAe, port } = config.dimse;
  return DimseClient.connect({ host, port, calledAe, callingAe: 'DEMO_SCANNER', contexts }, { timers: systemTimers });
}

/** Sends until all were sent or the association ended. @returns how many were sent */
async function storeAll(
  client: DimseClient,
  instances: readonly Sendable[],
  taken: SentInstance[],
  not: NotTaken[],
): Promise<number> {
  for (const [i, one] of instances.entries()) {
    try {
      const { status, ...sent } = await store(client, one);
      if (status === 0) taken.push({ one, ...sent });
      else not.push({ one, answer: status });
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      not.push({ one, answer: error });
      if (error.code !== 'dimse/context-refused') return i + 1;
    }
  }
  return instances.length;
}

async function store(client: DimseClient, one: Sendable): Promise<{ status: number; sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const hashed = async function* () {
    for await (const chunk of one.read()) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  const { sopClassUid, sopInstanceUid, transferSyntax } = one.header;
  const status = await client.store({ sopClassUid, sopInstanceUid, transferSyntax, bytes: hashed() });
  return { status, sha256: hash.digest('hex'), bytes };
}

/** Why instances were not taken: the hospital keeps them aside, each with its reason. */
async function reasons(at: RunningHospital, not: readonly NotTaken[]): Promise<Refused[]> {
  if (not.length === 0) return [];
  const aside = await Array.fromAsync(at.as.custodian.rows(quarantine.list));
  return not.map(({ one, answer }) => {
    const { sopInstanceUid, transferSyntax } = one.header;
    const same = (each: Kept) => each.sopInstanceUid === sopInstanceUid && each.transferSyntax === transferSyntax;
    return { name: one.name, reason: answer instanceof PeerError ? reasonOf(answer) : told(answer, aside.find(same)) };
  });
}

function told(status: number, kept: Kept | undefined): string {
  const code = `status ${status.toString(16).toUpperCase().padStart(4, '0')}H`;
  const full = status === catalogue['store/full'].dimse ? 'store/full' : undefined;
  const reason = kept?.reason ?? full;
  if (reason === undefined || !Object.hasOwn(catalogue, reason)) return code;
  return `${code}: ${catalogue[reason as ErrorCode].text.replace(/\.$/, '')}`;
}
