// What keeps a curious member from enumerating patients: each keeper evaluates only so many points a time for one
// member. A look-up costs t of n keepers, so each gives the t/n-th part of what the federation grants.
import { limits } from '../limits.ts';

export interface MeterOptions {
  /** Points an hour that the federation grants one member. */
  readonly pointsPerHour: number;
  /** Points that a member may save up. */
  readonly burstPoints: number;
  readonly t: number;
  /** Keepers of the index key. */
  readonly n: number;
}

/** An allowance of the roster for this member, a first import's: `points` between `from` and `to` (Unix ms). */
export interface MeterAllowance {
  readonly id: string;
  readonly points: number;
  readonly from: number;
  readonly to: number;
}

/** One member's meter, to be kept on disk as it is. */
export interface MeterState {
  /** Points left at `at`; a fraction while they trickle in. */
  readonly level: number;
  readonly at: number;
  /** Points taken from each allowance that the roster still names. */
  readonly used: Readonly<Record<string, number>>;
  /** Points ever granted and refused, for the log and the metrics. */
  readonly granted: number;
  readonly refused: number;
}

export type MeterOutcome =
  | { readonly state: MeterState; readonly granted: true; readonly fromAllowances: number }
  /** `waitMs`: when the bucket alone will do; undefined if it never holds that much. */
  | { readonly state: MeterState; readonly granted: false; readonly waitMs: number | undefined };

/** A full bucket. */
export const newMeter = (options: MeterOptions, now: number): MeterState => ({
  level: capacityOf(options),
  at: now,
  used: {},
  granted: 0,
  refused: 0,
});

/** Takes `points` whole or not at all: from the allowances that are running (soonest to end first), then the bucket. */
export function take(
  options: MeterOptions,
  state: MeterState,
  request: { points: number; now: number; allowances: readonly MeterAllowance[] },
): MeterOutcome {
  const { points, allowances } = request;
  const share = options.t / options.n;
  const now = Math.max(request.now, state.at); // a clock set back refills nothing
  const perMs = (options.pointsPerHour * share) / 3_600_000;
  const level = Math.min(capacityOf(options), state.level + (now - state.at) * perMs);
  const used: Record<string, number> = {};
  for (const { id } of allowances) if (state.used[id] !== undefined) used[id] = state.used[id];

  const drawn = drawAllowances(allowances, used, points, now, share);
  const rest = points - drawn.points;
  const base = { level, at: now, granted: state.granted, refused: state.refused };
  if (rest > level) {
    const waitMs = rest <= capacityOf(options) && perMs > 0 ? Math.ceil((rest - level) / perMs) : undefined;
    return { state: { ...base, used, refused: state.refused + points }, granted: false, waitMs };
  }
  const after = { ...base, level: level - rest, used: drawn.used, granted: state.granted + points };
  return { state: after, granted: true, fromAllowances: drawn.points };
}

/** One full batch always fits, else a keeper among many could never serve it. */
const capacityOf = (options: MeterOptions): number =>
  Math.max(limits.meterBurstPoints, Math.floor((options.burstPoints * options.t) / options.n));

function drawAllowances(
  allowances: readonly MeterAllowance[],
  before: Readonly<Record<string, number>>,
  points: number,
  now: number,
  share: number,
) {
  const used = { ...before };
  let left = points;
  const running = allowances.filter((each) => now >= each.from && now < each.to).sort((a, b) => a.to - b.to);
  for (const each of running) {
    const taken = Math.min(left, Math.max(0, Math.floor(each.points * share) - (used[each.id] ?? 0)));
    used[each.id] = (used[each.id] ?? 0) + taken;
    left -= taken;
  }
  return { used, points: points - left };
}
