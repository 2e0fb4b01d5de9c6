// What was seen from outside while the world ran: what hospitals acknowledged, let go, wrote down and found. The checks
// judge it; nothing of it is known to the peers.
import type { AuditEntry, auditKinds } from '../protocol/audit/entry.ts';
import type { SimHospital } from './hospital.ts';

/** An instance that a hospital has said is safe with it. */
export interface Acknowledged {
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  /** SHA-256 of the data set. */
  readonly digest: string;
}

export type ReleaseKind = 'summary' | 'decision' | 'transfer';

/** A summary's key, a decision with grants, or the first bytes of a stream of a transfer left a hospital. */
export interface Release {
  readonly kind: ReleaseKind;
  readonly owner: SimHospital;
  /** Peer id of who got it. */
  readonly peer: string;
  /** What the audit entry must name: the member for a summary, the request for a decision, the grant for a transfer. */
  readonly about: string;
  readonly at: number;
  /** Entries about it that were durable when it left, and how many there must be with this release. */
  readonly written: number;
  readonly needed: number;
  /** When the newest of them was written. */
  readonly lastWritten: number;
  /** The owner had been running since then. */
  readonly upSince: number;
}

export interface Found {
  readonly by: SimHospital;
  readonly patient: string;
  readonly at: number;
  readonly complete: boolean;
  /** Member ids in the answer, and instances of those that answered. */
  readonly members: ReadonlyMap<string, number>;
  /** Members that a complete look-up can't have missed. */
  readonly must: readonly string[];
  /** The last look-ups, when all is well again: they must be complete, and everybody's. */
  readonly last: boolean;
}

export interface SimRequest {
  readonly id: string;
  readonly by: SimHospital;
  readonly owner: SimHospital;
  readonly patient: string;
  /** What the owner had acknowledged of this patient when it was asked. */
  readonly instances: readonly Acknowledged[];
}

export class Facts {
  readonly acknowledged = new Map<SimHospital, Map<string, Acknowledged>>();
  readonly releases: Release[] = [];
  readonly finds: Found[] = [];
  readonly asked: SimRequest[] = [];
  /** Patients whose studies somebody has begun to import, by hospital. */
  readonly patientsAt = new Map<SimHospital, Set<string>>();
  /** Where something was seen that must not be seen. */
  readonly leaks: string[] = [];
  readonly expelled: { hospital: SimHospital; at: number; roster: number }[] = [];
  readonly #entries = new Map<string, { count: number; last: number }>();
  readonly #released = new Map<string, number>();

  acknowledge(hospital: SimHospital, instance: Acknowledged): void {
    const known = this.acknowledged.get(hospital) ?? new Map<string, Acknowledged>();
    this.acknowledged.set(hospital, known.set(instance.sopInstanceUid, instance));
  }

  /** A hospital's audit log has this entry now. */
  audited(hospital: SimHospital, entry: Omit<AuditEntry, 'at'>, now: number): void {
    const short = entryName(entry);
    if (short === undefined) return;
    const name = `${hospital.name} ${short}`;
    this.#entries.set(name, { count: (this.#entries.get(name)?.count ?? 0) + 1, last: now });
  }

  release(release: Omit<Release, 'written' | 'needed' | 'lastWritten'>): void {
    const name = `${release.owner.name} ${release.kind} ${release.about}`;
    const needed = this.#need(name, release.kind);
    const { count, last } = this.#entries.get(name) ?? { count: 0, last: 0 };
    this.releases.push({ ...release, written: count, needed, lastWritten: last });
  }

  /** What a hospital has let go, as names of entries, and how many of each its log must have. */
  *needed(hospital: SimHospital): Generator<[name: string, times: number]> {
    for (const [name, times] of this.#released) {
      if (!name.startsWith(`${hospital.name} `)) continue;
      yield [name.slice(hospital.name.length + 1), times];
    }
  }

  /** One entry stands for a decision however often it is sent, and for the streams of a transfer; a summary has its own. */
  #need(name: string, kind: ReleaseKind): number {
    const times = kind === 'summary' ? (this.#released.get(name) ?? 0) + 1 : 1;
    this.#released.set(name, times);
    return times;
  }
}

/** Which release an audit entry stands for. */
export function entryName(entry: Omit<AuditEntry, 'at'>): string | undefined {
  const about: Partial<Record<(typeof auditKinds)[number], string | undefined>> = {
    summary: entry.peer,
    decision: entry.request,
    transfer: entry.grant,
  };
  const named = about[entry.kind];
  return entry.outcome === 'success' && named !== undefined ? `${entry.kind} ${named}` : undefined;
}
