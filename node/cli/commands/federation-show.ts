// What a federation's folder or a roster file holds, for people and for programs.
import type { Roster } from '../../../protocol/federation/roster.ts';
import type { RosterDifference } from '../../federation/authority/differences.ts';
import type { AuthorityParts } from '../../federation/authority/federation.ts';
import type { Outcome } from '../command.ts';
import { plain, table, yesNo } from '../terminal.ts';
import { t, word } from '../text.ts';

/** The folder's published roster and the proposal that waits. */
export async function showFolder(dir: string, parts: AuthorityParts): Promise<Outcome> {
  const { show } = await import('../../federation/authority/federation.ts');
  const { path, published, waiting } = await show(dir, parts);
  const proposal = waiting && { ...waiting, kind: undefined };
  const proposed = waiting === undefined ? [] : [t('federation.proposed', waiting)];
  if (published === undefined) return { json: { proposal }, human: () => proposed.join('\n') };
  const json = {
    roster: path,
    number: published.roster.number,
    ...facts(published.roster, published.federation),
    proposal,
  };
  const lines = [t('federation.published', json), members(published.roster), ...proposed];
  return { json, human: () => lines.join('\n') };
}

/** A roster file: what its last roster says, and what it changes. */
export async function showFile(path: string, parts: AuthorityParts): Promise<Outcome> {
  const { countSignatures, readBook } = await import('../../federation/authority/book.ts');
  const book = await readBook(path);
  const { roster, federation } = book.last;
  const counted = countSignatures(book, parts.verify);
  const changes = await changesIn(path);
  const json = { roster: path, number: roster.number, ...facts(roster, federation), ...counted, changes };
  return { json, human: () => `${members(roster)}\n${changes.map(line).join('\n')}` };
}

/** What the last roster of a file changes, a line each. */
export const changesShown = async (path: string): Promise<string> => (await changesIn(path)).map(line).join('\n');

async function changesIn(path: string): Promise<RosterDifference[]> {
  const { readBook } = await import('../../federation/authority/book.ts');
  const { differences } = await import('../../federation/authority/differences.ts');
  const { parseRoster } = await import('../../../protocol/federation/signed.ts');
  const { before, last } = await readBook(path);
  const below = before.at(-1);
  return differences(below && parseRoster(below).roster, last.roster);
}

const line = (each: RosterDifference): string => plain(lineOf(each));

function lineOf(each: RosterDifference): string {
  if (each.change === 'keepers') return t('federation.change.keepers', each);
  if (each.change === 'authorities') return t('federation.change.authorities', each);
  return t(`federation.change.${each.change}`, each);
}

const facts = ({ name, expires, authorities, members, indexKey }: Roster, federation: string) => ({
  federation,
  name,
  expires,
  authorities,
  threshold: indexKey?.t,
  members: members.map(({ id, peerId, name, country, kind }) => ({
    ...{ id, peerId, name, country, kind },
    keeper: indexKey?.shares.some((each) => each.member === id) ?? false,
  })),
});

const members = (roster: Roster): string =>
  table(
    t('federation.head'),
    facts(roster, '').members.map((each) => [
      ...[each.id, each.name, each.country, word(each.kind)],
      ...[yesNo(each.keeper), each.peerId],
    ]),
  );
