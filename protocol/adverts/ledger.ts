// When each advertisement is to be published again: spread over time, in an order that says nothing, with an alarm
// before one lapses. The entries live on disk; this only plans.
import { unhex } from '../bytes.ts';
import { epochOverlapMs, epochStart } from '../tags/epoch.ts';

const minute = 60_000;
const hour = 60 * minute;

/** One record to be kept published: one tag in one epoch. */
export interface LedgerEntry {
  readonly tag: string;
  readonly epoch: number;
  /** When the record, or a change of it, was first to be published. */
  readonly queuedAt: number;
  /** Goes out at once instead of with the hourly batch. */
  readonly urgent: boolean;
  /** When publishing was last tried, whatever came of it. */
  readonly tried?: number | undefined;
  /** When this version was last stored somewhere. */
  readonly lastStored?: number | undefined;
  /** `freshUntil` of what is stored. */
  readonly lapses?: number | undefined;
  /** Peers that stored it the last time, and how many should. */
  readonly storedOn: number;
  readonly wanted: number;
}

export interface AdvertAlarm {
  readonly entry: LedgerEntry;
  /** `lapsing`: within 12 h; `lapsed`: readers see it as stale; `unpublished`: stored nowhere 12 h after it was due. */
  readonly kind: 'lapsing' | 'lapsed' | 'unpublished';
}

const alarmMs = 12 * hour;
const renewMs = 20 * hour;
const renewSpreadMs = 8 * hour;

/** 0 to below 1, by the tag: random-looking and another in each epoch, so the order of one week says nothing of another's. */
const spread = (tag: string): number => unhex(tag.slice(0, 8)).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32;

/**
 * When an entry is to be published next, Unix ms. A new one: with the next hourly batch (`batchOffsetMs` into the hour,
 * this peer's own) or at once, and for the next epoch at its place in the 24 h before. A stored one: 20 to 28 h later.
 * One that too few stored: after an hour; that nobody stored: after 5 minutes.
 */
export function dueAt(entry: LedgerEntry, batchOffsetMs = 0): number {
  const { tag, epoch, queuedAt, urgent, tried, lastStored, storedOn, wanted } = entry;
  if (tried === undefined || tried < queuedAt) {
    // the last hour is left free, for records that could not be stored at first
    const opens = epochStart(epoch) - epochOverlapMs + Math.floor(spread(tag) * (epochOverlapMs - hour));
    return Math.max(opens, urgent ? queuedAt : nextBatch(queuedAt, batchOffsetMs));
  }
  if (storedOn === 0 || lastStored === undefined) return tried + 5 * minute;
  if (storedOn < wanted) return tried + hour;
  return lastStored + renewMs + Math.floor(spread(tag) * renewSpreadMs);
}

const nextBatch = (now: number, offset: number): number => Math.ceil((now - offset) / hour) * hour + offset;

/** What is wrong with an entry now, if anything. */
export function alarmOf(entry: LedgerEntry, now: number): AdvertAlarm | undefined {
  const { lapses } = entry;
  if (lapses === undefined) {
    const firstDue = dueAt({ ...entry, tried: undefined });
    return now > firstDue + alarmMs ? { entry, kind: 'unpublished' } : undefined;
  }
  if (now >= lapses) return { entry, kind: 'lapsed' };
  return now > lapses - alarmMs ? { entry, kind: 'lapsing' } : undefined;
}

/** True once an entry's epoch has been over for 24 h: it is neither renewed nor missed. */
export const isOver = (entry: LedgerEntry, now: number): boolean => now >= epochStart(entry.epoch + 1) + epochOverlapMs;

export interface RepublishPlan {
  /** Due now, most overdue first, at most `max`. */
  readonly publish: readonly LedgerEntry[];
  readonly drop: readonly LedgerEntry[];
  readonly alarms: readonly AdvertAlarm[];
  /** When there is something to publish next: `now` if more is due than `max`; undefined with nothing left. */
  readonly nextAt: number | undefined;
  /** Of the entries that are to be published: how many are stored on as many peers as wanted, on fewer, on none. */
  readonly stored: { readonly full: number; readonly partly: number; readonly nowhere: number };
}

/** Plans over all entries. `max` bounds what is published and named in alarms at once. */
export function planRepublish(
  entries: Iterable<LedgerEntry>,
  now: number,
  options: { max: number; batchOffsetMs?: number },
): RepublishPlan {
  const due: { entry: LedgerEntry; at: number }[] = [];
  const drop: LedgerEntry[] = [];
  const alarms: AdvertAlarm[] = [];
  const stored = { full: 0, partly: 0, nowhere: 0 };
  let later = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    if (isOver(entry, now)) {
      drop.push(entry);
      continue;
    }
    stored[entry.storedOn === 0 ? 'nowhere' : entry.storedOn < entry.wanted ? 'partly' : 'full']++;
    const alarm = alarmOf(entry, now);
    if (alarm !== undefined && alarms.length < options.max) alarms.push(alarm);
    const at = dueAt(entry, options.batchOffsetMs);
    if (at <= now) due.push({ entry, at });
    else later = Math.min(later, at);
  }
  due.sort((a, b) => a.at - b.at || (a.entry.tag < b.entry.tag ? -1 : 1));
  const nextAt = due.length > options.max ? now : later;
  return {
    publish: due.slice(0, options.max).map(({ entry }) => entry),
    drop,
    alarms,
    nextAt: Number.isFinite(nextAt) ? nextAt : undefined,
    stored,
  };
}

/** The entry after an attempt that `storedOn` peers acknowledged; `freshUntil` is the published record's. */
export const afterAttempt = (
  entry: LedgerEntry,
  attempt: { now: number; storedOn: number; freshUntil: number },
): LedgerEntry => {
  const { now, storedOn, freshUntil } = attempt;
  if (storedOn === 0) return { ...entry, tried: now, storedOn };
  return { ...entry, tried: now, storedOn, lastStored: now, lapses: freshUntil };
};
