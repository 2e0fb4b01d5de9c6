// Whether a roster may be signed here: it continues what this folder knows, and no other was signed under its number.
import { must } from '../../../protocol/errors.ts';
import { review } from '../../../protocol/federation/authority.ts';
import { checkIndexKey } from '../../../protocol/federation/index-key.ts';
import { type ParsedRoster, parseRoster } from '../../../protocol/federation/signed.ts';
import { type Book, type BookParts, cardsOf, chainOf, countSignatures, readProposal, readRosters } from './book.ts';

/** An authority that signs two rosters under one number makes a fork. @throws PeerError authority/pending */
export async function mustSignOnce(dir: string, next: ParsedRoster, replace: boolean): Promise<void> {
  const waiting = await readProposal(dir);
  const other = waiting?.last.roster.number === next.roster.number && waiting.last.hash !== next.hash;
  must(!other || replace, 'authority/pending', { number: next.roster.number });
}

/**
 * That a proposal continues what this folder knows and would be accepted once it is signed. Gives the chain below it
 * when that is longer than the one here.
 * @throws PeerError roster/*, envelope/signature
 */
export async function checkProposal(dir: string, proposal: Book, parts: BookParts): Promise<Book | undefined> {
  const { before, last } = proposal;
  const { verify, now } = parts;
  must(now < last.roster.expires, 'roster/expired', { number: last.roster.number });
  countSignatures(proposal, verify);
  const known = await readRosters(dir);
  const signedFirst = last.roster.number > 0 ? await readProposal(dir) : undefined;
  const federation = (known ?? signedFirst)?.last.federation ?? last.federation;
  must(last.federation === federation, 'roster/other-federation', { federation: last.federation });
  const below = before.at(-1);
  if (below === undefined) {
    must(last.roster.number === 0, 'roster/broken-chain', { number: last.roster.number });
    must(known === undefined, 'roster/lower-number', { number: 0, current: known?.last.roster.number });
    checkIndexKey(last.roster);
    return undefined;
  }
  const parsed = parseRoster(below);
  const cards = [...cardsOf(parsed.roster, proposal.cards, federation, verify).values()].map((each) => each.bytes);
  const base = { before: before.slice(0, -1), last: parsed, cards };
  chainOf(base, parts);
  review(parsed, last.bytes, verify);
  if (known === undefined) return base;
  const number = known.last.roster.number;
  must(number < last.roster.number, 'roster/lower-number', { number: last.roster.number, current: number });
  must(parseRoster(before[number]!).hash === known.last.hash, 'roster/fork', { number });
  return number < parsed.roster.number ? base : undefined;
}
