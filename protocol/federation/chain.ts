// Following the chain of rosters: a state machine without I/O. The number never falls, every link is checked, and two
// rosters under one number are kept as evidence until a higher one names both.
import { must, PeerError } from '../errors.ts';
import type { Verify } from '../identity.ts';
import { limits } from '../limits.ts';
import { checkAuthorities, checkFirst, checkLink } from './link.ts';
import { protocolVersion, type Roster } from './roster.ts';
import { type ParsedRoster, parseRoster } from './signed.ts';

/** An accepted roster as it came, to serve to others. */
export interface AcceptedRoster {
  readonly number: number;
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** Another roster under a number of ours: proof against the authorities that signed both. */
export interface Fork {
  /** The lowest number at which there are two. */
  readonly at: number;
  /** The roster before that: who was a member then stays one; nobody later is admitted. */
  readonly before: Roster;
  /** The rosters not on our chain. */
  readonly evidence: readonly AcceptedRoster[];
}

/** Nothing pinned yet; `federation` if the id was compared out of band before joining. */
export interface Unpinned {
  readonly kind: 'unpinned';
  readonly federation?: string | undefined;
}

interface Chain {
  readonly federation: string;
  /** From roster 0 on; the last is the current one. */
  readonly links: readonly AcceptedRoster[];
  readonly current: Roster;
  readonly hash: string;
  /** Evidence that changes nothing any more: of resolved forks, and by keys that are authorities no longer. */
  readonly settled: readonly AcceptedRoster[];
}

export type Following = Chain & { readonly kind: 'following' };
export type Forked = Chain & { readonly kind: 'forked'; readonly fork: Fork };
export type Pinned = Following | Forked;

export type ChainState = Unpinned | Pinned;

export type RosterAlarm = 'roster/fork' | 'roster/expired' | 'version/unsupported';

export type ChainAction =
  /** The current roster is now this one: store, apply, push on. */
  | { readonly kind: 'accepted'; readonly number: number; readonly hash: string; readonly bytes: Uint8Array }
  /** Kept as evidence of a fork: store, push on. */
  | { readonly kind: 'evidence'; readonly number: number; readonly hash: string; readonly bytes: Uint8Array }
  | { readonly kind: 'known' }
  /** Ask whoever sent it for its rosters from this number on. */
  | { readonly kind: 'fetch'; readonly from: number }
  | { readonly kind: 'refused'; readonly error: PeerError }
  | { readonly kind: 'alarm'; readonly alarm: RosterAlarm; readonly number: number };

export interface ChainEvent {
  /** A roster's envelope. */
  readonly roster: Uint8Array;
  /** Unix ms. */
  readonly now: number;
}

export type ChainStep = [ChainState, readonly ChainAction[]];

export const unpinned = (federation?: string): Unpinned => ({ kind: 'unpinned', federation });

/** Takes one roster, from anybody. A refused one leaves the state as it is. */
export function stepChain(state: ChainState, event: ChainEvent, parts: { verify: Verify }): ChainStep {
  try {
    const next = parseRoster(event.roster);
    const [after, actions] = state.kind === 'unpinned' ? pin(state, next, parts) : follow(state, next, parts);
    return [after, [...actions, ...(after === state ? [] : alarms(after, event.now))]];
  } catch (error) {
    if (error instanceof PeerError) return [state, [{ kind: 'refused', error }]];
    throw error;
  }
}

/** Takes a run of rosters, say a reply or a file, skipping what is on the chain already. Stops at a refusal. */
export function stepChainThrough(
  state: ChainState,
  rosters: readonly Uint8Array[],
  now: number,
  parts: { verify: Verify },
) {
  const all: ChainAction[] = [];
  let at = state;
  for (const roster of rosters) {
    const [after, actions] = stepChain(at, { roster, now }, parts);
    at = after;
    const old = actions.some((each) => each.kind === 'refused' && each.error.code === 'roster/lower-number');
    if (!old) all.push(...actions);
    if (!old && actions.some((each) => each.kind === 'refused')) break;
  }
  return [at, all] as ChainStep;
}

/** True once the roster may still be followed: until 30 days after it expired. */
export const inForce = (roster: Roster, now: number): boolean =>
  now < roster.expires + limits.rosterGraceDays * 24 * 3_600_000;

/** What has to be told to people about the current roster; worth asking daily. */
export function alarms(state: ChainState, now: number): ChainAction[] {
  if (state.kind === 'unpinned') return [];
  const { number, expires, minimumVersion } = state.current;
  const raised: RosterAlarm[] = [];
  if (state.kind === 'forked') raised.push('roster/fork');
  if (now >= expires) raised.push('roster/expired');
  if (minimumVersion > protocolVersion) raised.push('version/unsupported');
  return raised.map((alarm) => ({ kind: 'alarm', alarm, number }));
}

/** What to do after another peer's hello: nothing, ask it for rosters, or push ours, each from a number on. */
export function afterHello(state: Pinned, theirs: { number: number; hash: string }) {
  const ours = state.links[theirs.number];
  if (ours === undefined) return { kind: 'fetch', from: state.links.length } as const;
  if (ours.hash === theirs.hash) {
    const same = theirs.number === state.current.number;
    return same ? ({ kind: 'same' } as const) : ({ kind: 'push', from: theirs.number + 1 } as const);
  }
  const beside = [...evidenceOf(state), ...state.settled];
  if (!beside.some((each) => each.hash === theirs.hash)) return { kind: 'fetch', from: theirs.number } as const;
  return { kind: 'push', from: Math.min(...beside.map((each) => each.number)) } as const;
}

/** The envelopes to serve from a number on, evidence of a fork beside ours; the caller fits them into a message. */
export function served(state: Pinned, from: number): Uint8Array[] {
  const beside = evidenceOf(state).filter((each) => each.number >= from);
  const all = [...state.links.slice(from), ...beside];
  return all.sort((a, b) => a.number - b.number).map((each) => each.bytes);
}

const evidenceOf = (state: Pinned): readonly AcceptedRoster[] => (state.kind === 'forked' ? state.fork.evidence : []);

const linkOf = ({ roster, hash, bytes }: ParsedRoster): AcceptedRoster => ({ number: roster.number, hash, bytes });

const accepted = (next: ParsedRoster): ChainAction => ({ kind: 'accepted', ...linkOf(next) });

function pin(state: Unpinned, next: ParsedRoster, { verify }: { verify: Verify }): ChainStep {
  const expected = state.federation;
  must(expected === undefined || next.federation === expected, 'roster/other-federation', {
    federation: next.federation,
  });
  if (next.roster.number > 0) return [state, [{ kind: 'fetch', from: 0 }]];
  checkFirst(next, verify);
  const { federation, roster, hash } = next;
  return [
    { kind: 'following', federation, links: [linkOf(next)], current: roster, hash, settled: [] },
    [accepted(next)],
  ];
}

function follow(state: Pinned, next: ParsedRoster, parts: { verify: Verify }): ChainStep {
  const { number } = next.roster;
  must(next.federation === state.federation, 'roster/other-federation', { federation: next.federation });
  if (state.hash === next.hash) return [state, [{ kind: 'known' }]];
  if (state.links[number]?.hash === next.hash) {
    throw new PeerError('roster/lower-number', { number, current: state.current.number });
  }
  if ([...evidenceOf(state), ...state.settled].some((each) => each.hash === next.hash)) {
    return [state, [{ kind: 'known' }]];
  }
  if (state.kind === 'forked' && resolves(state, next)) return settle(state, next, parts);
  if (number <= state.current.number) return rival(state, next, parts);
  return extend(state, next, parts);
}

/** A number above ours: the next link, a link of another branch, or one with numbers missing in between. */
function extend(state: Pinned, next: ParsedRoster, { verify }: { verify: Verify }): ChainStep {
  const { number, previous } = next.roster;
  if (previous === state.hash) {
    checkLink(parseRoster(state.links.at(-1)!.bytes), next, verify);
    return [
      { ...state, links: [...state.links, linkOf(next)], current: next.roster, hash: next.hash },
      [accepted(next)],
    ];
  }
  const branch = evidenceOf(state).find((each) => each.hash === previous);
  if (state.kind === 'forked' && branch !== undefined) {
    checkLink(parseRoster(branch.bytes), next, verify);
    return keepEvidence(state, state.fork, next);
  }
  if (number > state.links.length) return [state, [{ kind: 'fetch', from: state.links.length }]];
  // it follows another roster than ours under our current number: that one would be evidence, so ask for it
  const error = new PeerError('roster/broken-chain', { number });
  return [
    state,
    [
      { kind: 'refused', error },
      { kind: 'fetch', from: state.current.number },
    ],
  ];
}

/** Another roster under a number that we have: evidence if the authorities before it signed it, else refused. */
function rival(state: Pinned, next: ParsedRoster, { verify }: { verify: Verify }): ChainStep {
  const { number, previous } = next.roster;
  const ours = state.links[number - 1]!; // number 0 would be another federation
  const branch = evidenceOf(state).find((each) => each.hash === previous);
  const before = parseRoster((branch ?? ours).bytes).roster;
  checkAuthorities(before, next, verify);
  if (!signedByCurrent(state, next)) return keepSettled(state, next);
  const fork = state.kind === 'forked' ? state.fork : undefined;
  const lowest = fork !== undefined && fork.at <= number ? fork : { at: number, before, evidence: evidenceOf(state) };
  const [after, actions] = keepEvidence(state, lowest, next);
  const rooted = branch !== undefined || previous === ours.hash;
  return [after, rooted ? actions : [...actions, { kind: 'fetch', from: number - 1 }]];
}

/** Keys that were replaced, perhaps because they were stolen, must not be able to stop admissions by a fork. */
function signedByCurrent(state: Pinned, next: ParsedRoster): boolean {
  const { keys, k } = state.current.authorities;
  return next.signatures.filter((each) => keys.includes(each.signer)).length >= k;
}

function keepSettled(state: Pinned, next: ParsedRoster): ChainStep {
  if (state.settled.length >= limits.forkEvidence) return [state, [{ kind: 'known' }]];
  const alarm: ChainAction = { kind: 'alarm', alarm: 'roster/fork', number: next.roster.number };
  return [{ ...state, settled: [...state.settled, linkOf(next)] }, [{ kind: 'evidence', ...linkOf(next) }, alarm]];
}

function keepEvidence(state: Pinned, fork: Fork, next: ParsedRoster): ChainStep {
  if (fork.evidence.length >= limits.forkEvidence) return [state, [{ kind: 'known' }]];
  const evidence = [...fork.evidence, linkOf(next)];
  return [{ ...state, kind: 'forked', fork: { ...fork, evidence } }, [{ kind: 'evidence', ...linkOf(next) }]];
}

/** The highest number on any side of a fork. */
export const highestSeen = (state: Forked): number =>
  Math.max(state.current.number, ...state.fork.evidence.map((each) => each.number));

/** All rosters under the number where the fork began: what a resolving roster must name. */
export const rivalsOf = ({ fork, links }: Forked): AcceptedRoster[] => [
  links[fork.at]!,
  ...fork.evidence.filter((each) => each.number === fork.at),
];

/** A roster above all that we have seen and that names every one under the number where the fork began. */
function resolves(state: Forked, next: ParsedRoster): boolean {
  const named = next.roster.resolves ?? [];
  return next.roster.number > highestSeen(state) && rivalsOf(state).every((each) => named.includes(each.hash));
}

/** Goes over to the branch that the resolving roster stands on; what it leaves behind stays as settled evidence. */
function settle(state: Forked, next: ParsedRoster, { verify }: { verify: Verify }): ChainStep {
  const { fork } = state;
  const byHash = new Map([...fork.evidence, ...state.links].map((each) => [each.hash, each]));
  const path: ParsedRoster[] = [next];
  while (path[0]!.roster.number > fork.at) {
    const before = byHash.get(path[0]!.roster.previous ?? '');
    if (before === undefined) return [state, [{ kind: 'fetch', from: fork.at }]];
    path.unshift(parseRoster(before.bytes));
  }
  const base = parseRoster(state.links[fork.at - 1]!.bytes);
  for (let i = 0; i < path.length; i++) checkLink(i === 0 ? base : path[i - 1]!, path[i]!, verify);
  const links = [...state.links.slice(0, fork.at), ...path.map(linkOf)];
  const kept = new Set(links.map((each) => each.hash));
  const left = [...state.settled, ...fork.evidence, ...state.links.slice(fork.at)].filter((l) => !kept.has(l.hash));
  const settled = left.slice(0, limits.forkEvidence);
  const { federation } = state;
  return [{ kind: 'following', federation, links, current: next.roster, hash: next.hash, settled }, [accepted(next)]];
}
