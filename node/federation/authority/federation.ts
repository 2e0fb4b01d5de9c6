// The authority's commands on its folder. Every change is one new roster: published at once where one authority signs
// alone, else left as a proposal that the others `sign` in their own folders and somebody `assemble`s.
import { mkdir } from 'node:fs/promises';
import { hex } from '../../../protocol/bytes.ts';
import { must } from '../../../protocol/errors.ts';
import { assemble, createRoster, nextRoster, propose, review, sign } from '../../../protocol/federation/authority.ts';
import type { Roster } from '../../../protocol/federation/roster.ts';
import { type ParsedRoster, parseRoster } from '../../../protocol/federation/signed.ts';
import type { Signer, Verify } from '../../../protocol/identity.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import { locked } from '../../system/files.ts';
import { isoTime } from '../../system/machine.ts';
import {
  authoritiesOf,
  type Book,
  cardsOf,
  chainOf,
  countSignatures,
  proposalPath,
  publish,
  readBook,
  readProposal,
  readRosters,
  rosterPath,
  type Signed,
  writeProposal,
} from './book.ts';
import type { Draft, Edit } from './changes.ts';
import { openKey, ownKey, publicKeyPath, readPublicKey } from './keys.ts';
import { checkProposal, mustSignOnce } from './proposal.ts';

export interface AuthorityParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly verify: Verify;
}

/** What came of a change. `roster` and `proposal` are paths of roster files. */
export type Changed =
  | { readonly kind: 'published'; readonly federation: string; readonly number: number; readonly roster: string }
  | ({
      readonly kind: 'proposed';
      readonly federation: string;
      readonly number: number;
      readonly proposal: string;
    } & Signed);

const bookParts = ({ verify, clock }: AuthorityParts) => ({ verify, now: clock.now() });

/** A roster is good for a year and issued anew by each change. */
const validityMs = 365 * 24 * 3_600_000;
const validityFrom = (now: number) => ({ issuedAt: now, expires: now + validityMs });

/** Makes this authority's key, if there is none, and its public key file. */
export async function makeKey(dir: string, { random }: AuthorityParts) {
  const signer = await ownKey(dir, random);
  return { key: publicKeyPath(dir), publicKey: hex(signer.publicKey) };
}

/**
 * Roster 0 of a new federation. `keys` are the public key files of the other authorities; `threshold` is how many of
 * all sign a roster, more than half if absent.
 * @throws PeerError authority/exists, authority/threshold, authority/file, authority/pending
 */
export async function createFederation(
  dir: string,
  options: {
    name: string;
    defaultSystem: string;
    keys: readonly string[];
    threshold?: number | undefined;
    replace: boolean;
  },
  parts: AuthorityParts,
): Promise<Changed> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return locked(dir, async () => {
    must((await readRosters(dir)) === undefined, 'authority/exists', { path: dir });
    const others = await Promise.all(options.keys.map(readPublicKey));
    const signer = await ownKey(dir, parts.random);
    const own = hex(signer.publicKey);
    const keys = [own, ...others.filter((each) => each !== own)];
    const k = options.threshold ?? Math.floor(keys.length / 2) + 1;
    const distinct = new Set(keys).size === keys.length;
    must(distinct && k <= keys.length && 2 * k > keys.length, 'authority/threshold', { k, n: keys.length });
    const { name, defaultSystem } = options;
    const validity = validityFrom(parts.clock.now());
    const roster = createRoster({ name, defaultSystem, authorities: { keys, k }, ...validity });
    const last = signedDraft(roster, signer);
    return settle(dir, { before: [], last, cards: [] }, options, parts);
  });
}

/** The next roster, changed by the edits; without any it only lasts for a year from now. @throws PeerError authority/* */
export function change(
  dir: string,
  edits: readonly Edit[],
  options: { replace: boolean },
  parts: AuthorityParts,
): Promise<Changed> {
  return inFederation(dir, async (book) => {
    const signer = await openKey(dir);
    const now = parts.clock.now();
    chainOf(book, bookParts(parts));
    mustBeAuthority(book.last.roster, signer);
    mustNotBeBehind(book.last.roster, now);
    const cards = cardsOf(book.last.roster, book.cards, book.last.federation, parts.verify);
    const draft = { roster: nextRoster(book.last, validityFrom(now)), cards };
    const by = hex(signer.publicKey);
    const edited = edits.reduce<Draft>((before, edit) => edit(before, { now, random: parts.random, by }), draft);
    review(book.last, propose(edited.roster), parts.verify);
    const last = signedDraft(edited.roster, signer);
    return settle(
      dir,
      nextBook(
        book,
        last,
        [...edited.cards.values()].map((each) => each.bytes),
        parts,
      ),
      options,
      parts,
    );
  });
}

/**
 * Adds this authority's signature to another's proposal, after it has been checked against all that is known here.
 * @throws PeerError roster/*, authority/pending when another roster of this number was signed here
 */
export async function signProposal(
  dir: string,
  file: string,
  options: { replace: boolean },
  parts: AuthorityParts,
): Promise<Changed & { readonly kind: 'proposed' }> {
  const proposal = await readBook(file);
  const signer = await openKey(dir);
  return locked(dir, async () => {
    const published = await checkProposal(dir, proposal, bookParts(parts));
    must(
      authoritiesOf(proposal).some(({ keys }) => keys.includes(hex(signer.publicKey))),
      'roster/signer-unknown',
      {
        signer: hex(signer.publicKey),
      },
    );
    await mustSignOnce(dir, proposal.last, options.replace);
    const last = parseRoster(sign(proposal.last.bytes, signer));
    const book = { ...proposal, last };
    // what the others have published meanwhile is published here too
    if (published !== undefined) await publish(dir, published, bookParts(parts));
    return proposed(dir, book, parts);
  });
}

/**
 * Puts the signatures of all copies of one proposal together (the one that waits here among them) and publishes the
 * roster. @throws PeerError roster/too-few-signatures, authority/payload, roster/*
 */
export async function assembleProposals(
  dir: string,
  files: readonly string[],
  parts: AuthorityParts,
): Promise<Changed> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return locked(dir, async () => {
    const given = await Promise.all(files.map(readBook));
    const own = await readProposal(dir);
    const all = own !== undefined && (given[0]?.last.hash ?? own.last.hash) === own.last.hash ? [own, ...given] : given;
    must(all.length > 0, 'authority/missing', { path: dir });
    const last = parseRoster(assemble(all.map((each) => each.last.bytes)));
    const book = nextBook(
      all[0]!,
      last,
      all.flatMap((each) => each.cards),
      parts,
      all[0]!.before,
    );
    await checkProposal(dir, book, bookParts(parts));
    return settle(dir, book, { replace: true, publishOnly: true }, parts);
  });
}

/** What this folder knows: the published chain's last roster and what waits for signatures. */
export async function show(dir: string, parts: AuthorityParts) {
  const book = await readRosters(dir);
  const proposal = await readProposal(dir);
  must(book !== undefined || proposal !== undefined, 'authority/missing', { path: dir });
  if (book !== undefined) chainOf(book, bookParts(parts));
  const waiting = proposal && proposedView(dir, proposal, parts);
  return { path: rosterPath(dir), published: book?.last, waiting };
}

async function inFederation<T>(dir: string, work: (book: Book) => Promise<T>): Promise<T> {
  const known = await readRosters(dir);
  must(known !== undefined, 'authority/missing', { path: dir });
  return locked(dir, async () => work((await readRosters(dir)) ?? known));
}

const signedDraft = (draft: Roster, signer: Signer): ParsedRoster => parseRoster(sign(propose(draft), signer));

/** The book with one more roster and the cards of those who are members in it. */
function nextBook(
  book: Book,
  last: ParsedRoster,
  cards: readonly Uint8Array[],
  { verify }: AuthorityParts,
  before: readonly Uint8Array[] = [...book.before, book.last.bytes],
): Book {
  const kept = cardsOf(last.roster, [...book.cards, ...cards], last.federation, verify);
  return { before, last, cards: [...kept.values()].map((each) => each.bytes) };
}

const mustBeAuthority = (roster: Roster, signer: Signer): void =>
  must(roster.authorities.keys.includes(hex(signer.publicKey)), 'roster/signer-unknown', {
    signer: hex(signer.publicKey),
  });

/** A roster dated before the one that it follows is refused everywhere, and may have lapsed already. */
const mustNotBeBehind = ({ issuedAt }: Roster, now: number): void =>
  must(now >= issuedAt, 'authority/clock', { clock: isoTime(now), roster: isoTime(issuedAt) });

/** Publishes a roster that has all its signatures; leaves one that hasn't as a proposal. */
async function settle(
  dir: string,
  book: Book,
  options: { replace: boolean; publishOnly?: boolean },
  parts: AuthorityParts,
): Promise<Changed> {
  const { signatures, needed } = countSignatures(book, parts.verify);
  const { number } = book.last.roster;
  if (signatures < needed) {
    must(options.publishOnly !== true, 'roster/too-few-signatures', { number, count: signatures, k: needed });
    await mustSignOnce(dir, book.last, options.replace);
    return proposed(dir, book, parts);
  }
  await publish(dir, book, bookParts(parts));
  return { kind: 'published', federation: book.last.federation, number, roster: rosterPath(dir) };
}

async function proposed(dir: string, book: Book, parts: AuthorityParts) {
  await writeProposal(dir, book);
  return proposedView(dir, book, parts);
}

function proposedView(dir: string, book: Book, { verify }: AuthorityParts) {
  const { federation, roster } = book.last;
  const counted = countSignatures(book, verify);
  return { kind: 'proposed', federation, number: roster.number, proposal: proposalPath(dir), ...counted } as const;
}
