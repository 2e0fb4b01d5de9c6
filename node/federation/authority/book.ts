// What an authority's folder knows: the chain of published rosters with the members' cards (roster.cbor, the very file
// that is handed out), and the one roster that waits for other authorities' signatures (proposal.cbor, the same form
// with too few signatures on its last roster).
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifiedEnvelope } from '../../../protocol/envelope.ts';
import { must } from '../../../protocol/errors.ts';
import { type Bundle, chainOfBundle, decodeBundle, encodeBundle } from '../../../protocol/federation/bundle.ts';
import { type Card, newerCard, verifyCard } from '../../../protocol/federation/card.ts';
import type { Pinned } from '../../../protocol/federation/chain.ts';
import type { Authorities, Roster } from '../../../protocol/federation/roster.ts';
import { checkSignatures, type ParsedRoster, parseRoster } from '../../../protocol/federation/signed.ts';
import type { Verify } from '../../../protocol/identity.ts';
import { limits } from '../../../protocol/limits.ts';
import { readIfThere, readLimited, writeDurable } from '../../system/files.ts';

/** A roster file taken apart: its last roster, and all those before it. */
export interface Book {
  readonly before: readonly Uint8Array[];
  readonly last: ParsedRoster;
  readonly cards: readonly Uint8Array[];
}

export interface BookParts {
  readonly verify: Verify;
  readonly now: number;
}

export const rosterPath = (dir: string): string => join(dir, 'roster.cbor');
export const proposalPath = (dir: string): string => join(dir, 'proposal.cbor');

const encode = ({ before, last, cards }: Book): Uint8Array =>
  encodeBundle({ rosters: [...before, last.bytes], cards: [...cards] } satisfies Bundle);

function decode(bytes: Uint8Array): Book {
  const { rosters, cards } = decodeBundle(bytes);
  return { before: rosters.slice(0, -1), last: parseRoster(rosters.at(-1)!), cards };
}

/** @throws PeerError file/*, cbor/*, field/*, roster/form */
export const readBook = async (path: string): Promise<Book> => decode(await readLimited(path, limits.bundleBytes));

const readBookIfThere = async (path: string): Promise<Book | undefined> => {
  const bytes = await readIfThere(path, limits.bundleBytes);
  return bytes === undefined ? undefined : decode(bytes);
};

/** The published chain of this folder, if any. */
export const readRosters = (dir: string): Promise<Book | undefined> => readBookIfThere(rosterPath(dir));

/** The proposal that waits here, unless its number has been published meanwhile. */
export async function readProposal(dir: string): Promise<Book | undefined> {
  const [published, proposal] = [await readRosters(dir), await readBookIfThere(proposalPath(dir))];
  const over = (published?.last.roster.number ?? -1) >= (proposal?.last.roster.number ?? 0);
  return over ? undefined : proposal;
}

/** Writes the file that is handed out, after every link of it has been checked. @throws PeerError roster/*, envelope/* */
export async function publish(dir: string, book: Book, parts: BookParts): Promise<void> {
  chainOf(book, parts);
  await writeDurable(rosterPath(dir), encode(book), 0o644);
  await rm(proposalPath(dir), { force: true });
}

export const writeProposal = (dir: string, book: Book): Promise<void> =>
  writeDurable(proposalPath(dir), encode(book), 0o644);

/** The checked chain of a published book. A forked one is nothing to build on. @throws PeerError roster/* */
export function chainOf({ before, last, cards }: Book, { verify, now }: BookParts): Pinned {
  const { state } = chainOfBundle({ rosters: [...before, last.bytes], cards: [...cards] }, { now }, { verify });
  must(state.kind === 'following', 'roster/fork', { number: state.current.number });
  return state;
}

/** How many signatures of its authorities a roster has and needs. */
export interface Signed {
  readonly signatures: number;
  readonly needed: number;
}

/** The authorities that must sign a roster: its own and, where they changed, those before. */
export const authoritiesOf = ({ before, last }: Book): Authorities[] => [
  ...before.slice(-1).map((each) => parseRoster(each).roster.authorities),
  last.roster.authorities,
];

/** Counts where most are missing. @throws PeerError roster/signer-unknown, envelope/signature for one that is not good */
export function countSignatures(book: Book, verify: Verify): Signed {
  const sets = authoritiesOf(book);
  checkSignatures(
    book.last,
    sets.map((each) => ({ ...each, k: 0 })),
    verify,
  );
  const counts = sets.map(({ keys, k }) => ({
    signatures: book.last.signatures.filter((each) => keys.includes(each.signer)).length,
    needed: k,
  }));
  return counts.reduce((a, b) => (b.needed - b.signatures > a.needed - a.signatures ? b : a));
}

/** Of each member's peer (by peer id) its newest card; those of others are left out. */
export function cardsOf(roster: Roster, cards: readonly Uint8Array[], federation: string, verify: Verify) {
  const members = new Set(roster.members.map((each) => each.peerId));
  const newest = new Map<string, VerifiedEnvelope<Card>>();
  for (const bytes of cards) {
    const card = verifyCard(bytes, federation, verify);
    if (members.has(card.signer)) newest.set(card.signer, newerCard(newest.get(card.signer), card));
  }
  return newest;
}
