import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failureOf } from '../../../../node/cli/failure.ts';
import { readBook } from '../../../../node/federation/authority/book.ts';
import { admitting, dealing, expelling } from '../../../../node/federation/authority/changes.ts';
import { differences } from '../../../../node/federation/authority/differences.ts';
import {
  assembleProposals,
  change,
  createFederation,
  makeKey,
  show,
  signProposal,
} from '../../../../node/federation/authority/federation.ts';
import { nativeVerify } from '../../../../node/system/machine.ts';
import { chainOfBundle, decodeBundle } from '../../../../protocol/federation/bundle.ts';
import { verifyJoin } from '../../../../protocol/federation/join.ts';
import { openShare } from '../../../../protocol/federation/keepers.ts';
import type { Roster } from '../../../../protocol/federation/roster.ts';
import { boxSecret, day, joinRequest, peerOf, t0 } from '../../../../protocol/vectors/federation-fixture.ts';
import { seeded } from '../../../../protocol/vectors/seeded.ts';
import { freshDir, removeDir } from '../../stores.ts';

const coded = (code: string) => expect.objectContaining({ code });
const once = { replace: false };
const create = { name: 'Federația de probă', defaultSystem: 'urn:dicomnet:id:md:idnp', keys: [], replace: false };

/** A fresh folder, gone when the test is over. */
async function folder(): Promise<string> {
  const dir = await freshDir();
  onTestFinished(() => removeDir(dir));
  return dir;
}

const partsAt = (now = t0) => ({ clock: { now: () => now }, random: seeded(`authority ${now}`), verify: nativeVerify });
const parts = partsAt();
const hospitals = (...numbers: number[]) => admitting(numbers.map((n) => verifyJoin(joinRequest(n))));

/** The roster file as a peer follows it. */
async function followed(path: string) {
  const bundle = decodeBundle(new Uint8Array(await readFile(path)));
  return chainOfBundle(bundle, { now: t0 }, { verify: nativeVerify }).state;
}

/** What a change published. */
async function published(result: Promise<Awaited<ReturnType<typeof change>>>) {
  const made = await result;
  if (made.kind !== 'published') throw new Error(`not published: ${JSON.stringify(made)}`);
  return made;
}

async function proposed(result: Promise<Awaited<ReturnType<typeof change>>>) {
  const made = await result;
  if (made.kind !== 'proposed') throw new Error(`published: ${JSON.stringify(made)}`);
  return made;
}

describe('one authority', () => {
  it('makes a federation, admits, deals keepers, expels', async () => {
    const dir = await folder();
    const made = await published(createFederation(dir, create, parts));
    expect(made.number).toBe(0);
    await change(dir, [hospitals(1, 2, 3)], once, parts);
    await change(dir, [dealing([])], once, parts);
    const { roster, federation, number } = await published(change(dir, [expelling(['spitalul 2'])], once, parts));
    expect(number).toBe(3);
    const { current, federation: id } = await followed(roster);
    expect(id).toBe(federation);
    expect(id).toBe(made.federation);
    expect(current.members.map((each) => each.peerId)).toEqual([peerOf(1), peerOf(3)]);
    expect(current.indexKey).toMatchObject({ t: 2, trial: true });
    expect(current.revoked.map((each) => each.kind)).toEqual(['member', 'peer']);
    const first = current.members[0]!;
    expect(openShare(current.indexKey!, first.id, boxSecret(1))?.secret).toHaveLength(32);
    // the cards of those who are members go with the roster file
    expect((await readBook(roster)).cards).toHaveLength(2);
    expect(current.expires).toBe(t0 + 365 * day);
  });

  it('keeps its key to itself and refuses one that others can read', async () => {
    const dir = await folder();
    await createFederation(dir, create, parts);
    expect((await stat(join(dir, 'authority.key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dir)).toEqual(['authority.key', 'authority.pub', 'roster.cbor']);
    const key = await readFile(join(dir, 'authority.key'), 'utf8');
    const { publicKey } = await makeKey(dir, parts);
    expect(await readFile(join(dir, 'roster.cbor'), 'latin1')).not.toContain(
      Buffer.from(key, 'hex').toString('latin1'),
    );
    expect(publicKey).not.toBe(key.trim());
    await writeFile(join(dir, 'authority.key'), key);
    const { chmod } = await import('node:fs/promises');
    await chmod(join(dir, 'authority.key'), 0o640);
    await expect(change(dir, [], once, parts)).rejects.toEqual(coded('authority/key'));
  });

  it('refuses what makes no sense and leaves the folder as it was', async () => {
    const dir = await folder();
    await createFederation(dir, create, parts);
    const { roster } = await published(change(dir, [hospitals(1)], once, parts));
    const before = await readFile(roster);
    const refuses = (edit: Parameters<typeof change>[1][0], code: string, at = parts) =>
      expect(change(dir, [edit], once, at)).rejects.toEqual(coded(code));
    await refuses(hospitals(1), 'member/exists');
    await refuses(expelling(['nobody']), 'member/unknown');
    await refuses(dealing([], 2), 'authority/keepers');
    await refuses(hospitals(2), 'card/validity', partsAt(t0 + 100 * day));
    await expect(createFederation(dir, create, parts)).rejects.toEqual(coded('authority/exists'));
    await expect(change(await folder(), [], once, parts)).rejects.toEqual(coded('authority/missing'));
    expect(await readFile(roster)).toEqual(before);
    expect(await readdir(dir)).not.toContain('lock');
  });

  it('makes nothing while its clock is behind the last roster, and says both dates', async () => {
    const dir = await folder();
    await createFederation(dir, create, parts);
    const { roster } = await published(change(dir, [hospitals(1)], once, parts));
    const before = await readFile(roster);
    const behind = await change(dir, [], once, partsAt(t0 - 1)).catch(failureOf);
    expect(behind).toEqual({
      code: 'authority/clock',
      message:
        "This machine's clock is behind the last roster's date; set the clock, then do this again (this clock says 2025-12-31T23:59:59.999Z, the last roster is of 2026-01-01T00:00:00.000Z).",
    });
    expect(await readFile(roster)).toEqual(before);
    expect((await published(change(dir, [], once, parts))).number).toBe(2);
  });

  it('signs no roster that would change the index key as it may not', async () => {
    const dir = await folder();
    await createFederation(dir, create, parts);
    await change(dir, [hospitals(1, 2, 3)], once, parts);
    const { roster } = await published(change(dir, [dealing([])], once, parts));
    const before = await readFile(roster);
    const indexKey = (await followed(roster)).current.indexKey!;
    const bad: [Partial<Roster>, string][] = [
      [{ indexKey: undefined }, 'roster/key-change'],
      [{ indexKey: { ...indexKey, trial: false } }, 'roster/index-key'],
    ];
    for (const [edit, code] of bad) {
      const edited = change(dir, [(draft) => ({ ...draft, roster: { ...draft.roster, ...edit } })], once, parts);
      await expect(edited).rejects.toEqual(coded(code));
    }
    expect(await readFile(roster)).toEqual(before);
  });

  it('does not guess between two members of one name', async () => {
    const dir = await folder();
    await createFederation(dir, create, parts);
    const twin = verifyJoin(joinRequest(2));
    await change(
      dir,
      [hospitals(1), admitting([{ ...twin, request: { ...twin.request, name: 'Spitalul 1' } }])],
      once,
      parts,
    );
    await expect(change(dir, [expelling(['Spitalul 1'])], once, parts)).rejects.toEqual(coded('member/ambiguous'));
    await published(change(dir, [expelling([peerOf(2)])], once, parts));
  });

  it('is alone in its folder, and takes over from a command that was killed', async () => {
    const dir = await folder();
    await createFederation(dir, create, parts);
    await writeFile(join(dir, 'lock'), String(process.pid));
    await expect(change(dir, [], once, parts)).rejects.toEqual(coded('authority/busy'));
    await writeFile(join(dir, 'lock'), '999999999');
    expect((await change(dir, [], once, parts)).number).toBe(1);
  });
});

describe('two of three authorities', () => {
  /** Three folders with keys, and roster 0 signed by the first two. */
  async function three() {
    const [a, b, c] = [await folder(), await folder(), await folder()];
    const keys = [(await makeKey(b, partsAt(1))).key, (await makeKey(c, partsAt(2))).key];
    const zero = await proposed(createFederation(a, { ...create, keys, threshold: 2 }, parts));
    expect(zero).toMatchObject({ number: 0, signatures: 1, needed: 2 });
    await expect(assembleProposals(a, [], parts)).rejects.toEqual(coded('roster/too-few-signatures'));
    const signed = await signProposal(b, zero.proposal, once, parts);
    expect(signed).toMatchObject({ number: 0, signatures: 2 });
    const made = await published(assembleProposals(a, [signed.proposal], parts));
    expect(made.federation).toBe(zero.federation);
    return { a, b, c, ...made };
  }

  it('sign apart and assemble', async () => {
    const { a, b, c, roster } = await three();
    const first = await proposed(change(a, [hospitals(1, 2)], once, parts));
    expect((await followed(roster)).current.number).toBe(0);
    // the third, who has signed nothing yet, signs; the second puts it together without the first
    const signed = await signProposal(c, first.proposal, once, parts);
    const one = await published(assembleProposals(b, [signed.proposal, first.proposal], parts));
    expect((await followed(one.roster)).current.members).toHaveLength(2);
    // the first, behind by one number, takes it over, and proposes the next
    await published(assembleProposals(a, [one.roster], parts));
    const next = await proposed(change(a, [dealing([])], once, parts));
    expect(next.number).toBe(2);
    const both = await signProposal(b, next.proposal, once, parts);
    const two = await published(assembleProposals(a, [both.proposal], parts));
    expect((await followed(two.roster)).current.indexKey?.shares).toHaveLength(2);
    expect((await show(a, parts)).waiting).toBeUndefined();
    const { before, last } = await readBook(two.roster);
    expect(before).toHaveLength(2);
    expect(last.signatures).toHaveLength(2);
  });

  it('one signature is not enough, twice the same is one, a stranger has none', async () => {
    const { a, b, roster } = await three();
    const before = await readFile(roster);
    const { proposal } = await proposed(change(a, [hospitals(1)], once, parts));
    const again = await signProposal(a, proposal, once, parts);
    expect(again.signatures).toBe(1);
    await expect(assembleProposals(a, [proposal, again.proposal], parts)).rejects.toEqual(
      coded('roster/too-few-signatures'),
    );
    await expect(assembleProposals(b, [proposal], parts)).rejects.toEqual(coded('roster/too-few-signatures'));
    const stranger = await folder();
    await makeKey(stranger, partsAt(3));
    await expect(signProposal(stranger, proposal, once, parts)).rejects.toEqual(coded('roster/signer-unknown'));
    expect(await readFile(roster)).toEqual(before);
  });

  it('sign one roster under one number, unless told that the other will never be published', async () => {
    const { a, b } = await three();
    const first = await proposed(change(a, [hospitals(1)], once, parts));
    await signProposal(b, first.proposal, once, parts);
    await expect(change(a, [hospitals(2)], once, parts)).rejects.toEqual(coded('authority/pending'));
    const other = await proposed(change(a, [hospitals(2)], { replace: true }, parts));
    await expect(signProposal(b, other.proposal, once, parts)).rejects.toEqual(coded('authority/pending'));
    expect((await signProposal(b, other.proposal, { replace: true }, parts)).signatures).toBe(2);
  });

  it('do not sign what does not follow the roster they know', async () => {
    const { a, b, c } = await three();
    const old = await proposed(change(a, [hospitals(1)], once, parts));
    const copy = join(await folder(), 'old.cbor');
    await writeFile(copy, await readFile(old.proposal));
    const signed = await signProposal(b, old.proposal, once, parts);
    await published(assembleProposals(b, [signed.proposal], parts));
    await expect(signProposal(b, copy, once, parts)).rejects.toEqual(coded('roster/lower-number'));
    const elsewhere = await folder();
    const foreign = await published(createFederation(elsewhere, create, parts));
    await expect(signProposal(b, foreign.roster, once, parts)).rejects.toEqual(coded('roster/other-federation'));
    await expect(assembleProposals(c, [copy, foreign.roster], parts)).rejects.toEqual(coded('authority/payload'));
  });

  it('need a threshold above half of distinct keys', async () => {
    const [b, c] = [await folder(), await folder()];
    const keys = [(await makeKey(b, partsAt(1))).key, (await makeKey(c, partsAt(2))).key];
    const refuses = async (options: object) =>
      expect(createFederation(await folder(), { ...create, ...options }, parts)).rejects.toEqual(
        coded('authority/threshold'),
      );
    await refuses({ keys, threshold: 1 });
    await refuses({ keys, threshold: 4 });
    await refuses({ keys: [...keys, keys[0]!] });
    await expect(createFederation(await folder(), { ...create, keys: [join(b, 'nothing')] }, parts)).rejects.toEqual(
      coded('file/missing'),
    );
    const wrong = join(await folder(), 'x.pub');
    await writeFile(wrong, 'hello');
    await expect(createFederation(await folder(), { ...create, keys: [wrong] }, parts)).rejects.toEqual(
      coded('authority/file'),
    );
  });

  it('see what a proposal changes', async () => {
    const dir = await folder();
    await createFederation(dir, create, parts);
    await change(dir, [hospitals(1, 2)], once, parts);
    const before = (await show(dir, parts)).published!.roster;
    await change(dir, [expelling(['Spitalul 1']), hospitals(3), dealing([])], once, parts);
    const after = (await show(dir, parts)).published!.roster;
    expect(differences(before, after)).toEqual([
      expect.objectContaining({ change: 'admitted', name: 'Spitalul 3' }),
      expect.objectContaining({ change: 'expelled', name: 'Spitalul 1' }),
      expect.objectContaining({ change: 'keepers', t: 2 }),
    ]);
    expect(differences(undefined, before).at(-1)).toMatchObject({ change: 'authorities', k: 1 });
  });
});
