// What a storing peer checks before it keeps a record, and a reader before it believes one.
import { equal } from '../bytes.ts';
import { must } from '../errors.ts';
import { limits } from '../limits.ts';
import { epochIsPublished } from '../tags/epoch.ts';
import { type Advert, compareVersions, freshMs, keepMs, type Version } from './record.ts';

/** The member whose peer this is by the current roster, or undefined. */
export type MemberOf = (peerId: string) => string | undefined;

const skewMs = limits.clockSkewMinutes * 60_000;

/**
 * `store` if the record is to be kept (in place of `stored`), `same` if it is there already.
 * `used` counts the bytes stored for this publisher; `stored` is what is there under its (tag, member).
 * @throws PeerError advert/not-member, advert/epoch, advert/expiry, advert/superseded, advert/conflict,
 * advert/over-quota
 */
export function checkStore(options: {
  advert: Advert;
  memberOf: MemberOf;
  stored?: (Version & { readonly bytes: Uint8Array }) | undefined;
  now: number;
  used: number;
  quota?: number;
}): 'store' | 'same' {
  const { advert, memberOf, stored, now, used, quota = limits.advertQuotaBytes } = options;
  must(memberOf(advert.signer) === advert.member, 'advert/not-member');
  must(epochIsPublished(advert.epoch, now), 'advert/epoch', { epoch: advert.epoch });
  checkLifetime(advert, now);
  if (stored !== undefined) {
    const order = compareVersions(advert, stored);
    if (order === 0 && equal(advert.bytes, stored.bytes)) return 'same';
    must(order !== 0, 'advert/conflict', { seq: advert.seq });
    must(order > 0, 'advert/superseded', { seq: advert.seq, stored: stored.seq });
  }
  const after = used + advert.bytes.length - (stored?.bytes.length ?? 0);
  must(after <= quota, 'advert/over-quota', { used, quota });
  return 'store';
}

function checkLifetime({ freshUntil, keepUntil }: Advert, now: number): void {
  const bounded = freshUntil <= now + freshMs + skewMs && keepUntil <= now + keepMs + skewMs;
  must(bounded && freshUntil <= keepUntil && keepUntil > now, 'advert/expiry', { freshUntil, keepUntil });
}

/**
 * A record that was served for one of the `tags` asked for is its member's and has not lapsed.
 * @throws PeerError advert/wrong-tag, advert/not-member, advert/expiry
 */
export function checkFound(advert: Advert, tags: ReadonlySet<string>, memberOf: MemberOf, now: number): void {
  must(tags.has(advert.tag), 'advert/wrong-tag');
  must(memberOf(advert.signer) === advert.member, 'advert/not-member');
  checkLifetime(advert, now);
}

export interface Served {
  /** Member that served the record. */
  readonly from: string;
  readonly advert: Advert;
}

/** One member's record under one tag, after asking several. */
export interface Picked {
  /** The highest version seen. */
  readonly advert: Advert;
  /** Its publisher has not renewed it in time: probably off line since. */
  readonly stale: boolean;
  /** advert/rolled-back: who served an older version than another did or than was known. */
  readonly behind: readonly { readonly from: string; readonly version: Version }[];
  /** advert/conflict: who served other bytes under the highest version, proof of a publisher that says two things. */
  readonly conflicting: readonly Served[];
  /** Everyone served an older version than `known`. */
  readonly rolledBack: boolean;
}

/** The highest version for each (tag, member) of what `checkFound` let through. `known`: the highest seen earlier. */
export function pickHighest(
  served: readonly Served[],
  now: number,
  known: (tag: string, member: string) => Version | undefined = () => undefined,
): Picked[] {
  const groups = Map.groupBy(served, ({ advert }) => `${advert.tag}/${advert.member}`);
  return [...groups.values()].map((group) => pick(group, now, known(group[0]!.advert.tag, group[0]!.advert.member)));
}

function pick(group: readonly Served[], now: number, known: Version | undefined): Picked {
  const { advert } = group.reduce((best, each) => (compareVersions(each.advert, best.advert) > 0 ? each : best));
  const rolledBack = known !== undefined && compareVersions(advert, known) < 0;
  const expected = rolledBack ? known : advert;
  const older = group.filter((each) => compareVersions(each.advert, expected) < 0);
  return {
    advert,
    stale: advert.freshUntil < now,
    behind: older.map(({ from, advert: { incarnation, seq } }) => ({ from, version: { incarnation, seq } })),
    conflicting: group.filter(
      (each) => compareVersions(each.advert, advert) === 0 && !equal(each.advert.bytes, advert.bytes),
    ),
    rolledBack,
  };
}
