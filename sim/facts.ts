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

export interface Asked {
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
  readonly asked: Asked[] = [];
  /** Patients whose studies somebody has begun to import, by hospital. */
  readonly patientsAt = new Map<SimHospital, Set<string>>();
  /** Where something was seen that must not be seen. */
  readonly leaks: string[] = [];
  readonly expelled: { hospital: SimHospital; at: number; roster: number }[] = [];
  readonly #entries = new Map<string, number>();
  readonly #released = new Map<string, number>();

  acknowledge(hospital: SimHospital, instance: Acknowledged): void {
    const known = this.acknowledged.get(hospital) ?? new Map<string, Acknowledged>();
    this.acknowledged.set(hospital, known.set(instance.sopInstanceUid, instance));
  }

  /** A hospital's audit log has this entry now. */
  audited(hospital: SimHospital, entry: Omit<AuditEntry, 'at'>): void {
    const name = entryName(entry);
    if (name !== undefined) add(this.#entries, `${hospital.name} ${name}`);
  }

  release(release: Omit<Release, 'written' | 'needed'>): void {
    const name = `${release.owner.name} ${release.kind} ${release.about}`;
    const times = add(this.#released, name);
    // one entry stands for a decision however often it is sent; each stream and each summary has its own
    const needed = release.kind === 'decision' ? 1 : times;
    this.releases.push({ ...release, written: this.#entries.get(name) ?? 0, needed });
  }

  /** What a hospital has let go, as names of entries, and how many of each its log must have. */
  *needed(hospital: SimHospital): Generator<[name: string, times: number]> {
    for (const [name, times] of this.#released) {
      if (!name.startsWith(`${hospital.name} `)) continue;
      const short = name.slice(hospital.name.length + 1);
      yield [short, short.startsWith('decision ') ? 1 : times];
    }
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

function add(counts: Map<string, number>, name: string): number {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return count;
}
