// Each door of the guard by itself: it is closed unless everything holds, what is refused is written down, and nothing goes
// out before its entry is on disk.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyGrant } from '../../../protocol/access/messages.ts';
import type { AskedPatient } from '../../../protocol/access/patient.ts';
import type { Request } from '../../../protocol/access/request.ts';
import { type SummaryRequest, summaryReply } from '../../../protocol/adverts/ask.ts';
import { hex } from '../../../protocol/bytes.ts';
import { catalogue } from '../../../protocol/errors.ts';
import type { Signer } from '../../../protocol/identity.ts';
import { verify } from '../../../protocol/identity.ts';
import { day, peer, peerOf } from '../../../protocol/vectors/federation-fixture.ts';
import { codeOf } from '../../contract/kit.ts';
import { asker, custodian, known, type Owner, openOwner, other, relay, someone, tag, us } from './owner.ts';

let owner: Owner;
const open = async (...policy: Parameters<typeof openOwner>) => {
  owner = await openOwner(...policy);
};
afterEach(() => owner.close());

const kinds = () => owner.written.entries.map(({ kind, outcome }) => `${kind} ${outcome}`);
/** Whether a promise is still open after everything that is ready has run, disk included. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const done = () => {
    settled = true;
  };
  promise.then(done, done);
  await owner.stores.kv.commit([]); // behind whatever it had to write
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  return !settled;
}

/** The one entry that a refusal leaves. */
function refusedInWriting(kind: string, code: string, by: string): void {
  expect(owner.written.entries).toEqual([expect.objectContaining({ kind, outcome: 'denied', code, peer: by })]);
}

describe('a summary', () => {
  beforeEach(async () => {
    await open();
    await owner.import(1);
  });
  const ask = async (changed: Partial<SummaryRequest> = {}, by = 2) =>
    summaryReply.decode(await owner.guard.summary(peerOf(by), owner.summaryAsked(changed, peer(by))));

  it('is told to a hospital that says who asks, what for and why, after that was written down', async () => {
    const told = await ask();
    expect(told).toMatchObject({ state: 'answered', incarnation: 4, seq: 2 });
    expect(told).not.toHaveProperty('record');
    expect(hex((await ask()).key!)).toBe('4b'.repeat(32));
    expect(hex((await ask({ seq: 1 })).record!)).toBe('5c'.repeat(64)); // who has an older one gets what is now
    expect(owner.written.entries[0]).toMatchObject({
      ...{ kind: 'summary', outcome: 'success', peer: asker, patient: 'p', purpose: 'TREAT', reason: 'Dureri' },
      person: { name: 'Dr. Ana Ciobanu' },
    });
  });

  it.each<[string, Partial<SummaryRequest>, number, string]>([
    ['another member', { from: other }, 2, 'envelope/signer'],
    ['nobody that the roster knows', {}, 9, 'envelope/signer'],
    ['a member that asks another one', { to: other }, 2, 'advert/not-addressed'],
    ['who gives no reason', { reason: ' ' }, 2, 'advert/no-purpose'],
    ['who gives a purpose that is none', { purpose: 'FUN' }, 2, 'advert/no-purpose'],
  ])('is not told to %s', async (_, changed, by, code) => {
    expect(await codeOf(ask(changed, by))).toBe(code);
    refusedInWriting('summary', code, peerOf(by));
  });

  it.each([-60 * 60_000, -31 * 60_000, 31 * 60_000])('is not told to who asked %i ms from now', async (ms) => {
    const issuedAt = owner.clock.time + ms;
    expect(await codeOf(ask({ issuedAt, notAfter: issuedAt + 60_000 }))).toBe('advert/request-time');
    expect(await codeOf(ask({ notAfter: owner.clock.time }))).toBe('advert/request-time');
  });

  it('is not told over another’s connection, to another federation, or of what was changed on its way', async () => {
    const mine = owner.summaryAsked();
    expect(await codeOf(owner.guard.summary(peerOf(3), mine))).toBe('envelope/signer');
    const theirs = owner.summaryAsked({}, peer(2), 'ab'.repeat(32));
    expect(await codeOf(owner.guard.summary(peerOf(2), theirs))).toBe('envelope/signature');
    const changed = mine.map((byte, i) => (i === mine.length - 70 ? byte ^ 1 : byte));
    expect(await codeOf(owner.guard.summary(peerOf(2), changed))).not.toBe('none');
    expect(kinds()).toEqual(Array(3).fill('summary denied'));
  });

  it('is not told twice by the same message, though the program was started anew', async () => {
    const message = owner.summaryAsked();
    await owner.guard.summary(peerOf(2), message);
    expect(await codeOf(owner.guard.summary(peerOf(2), message))).toBe('advert/replayed');
    await owner.restart();
    expect(await codeOf(owner.guard.summary(peerOf(2), message))).toBe('advert/replayed');
    expect(kinds()).toEqual(['summary success', 'summary denied', 'summary denied']);
  });

  it('is not told to an expelled member', async () => {
    owner.expel(asker);
    expect(await codeOf(ask())).toBe('envelope/signer');
    refusedInWriting('summary', 'envelope/signer', peerOf(2));
  });

  it('says neither key nor record to a relay, of another tag or epoch, of what is withdrawn', async () => {
    const nothing = (code: 'access/no-rights' | 'access/refs') => ({ state: 'denied', code: catalogue[code].wire });
    expect(await ask({ from: relay }, 4)).toEqual(nothing('access/no-rights'));
    expect(await ask({ tag: '44'.repeat(32) })).toEqual(nothing('access/refs'));
    expect(await ask({ epoch: 8 })).toEqual(nothing('access/refs'));
    owner.publish({ state: 'withdrawn' });
    expect(await ask()).toEqual(nothing('access/refs'));
    owner.publish(undefined);
    expect(await ask({ tag })).toEqual(nothing('access/refs'));
    expect(kinds()).toEqual(Array(5).fill('summary denied'));
  });

  it('is told to nobody while the audit log fails or hangs', async () => {
    owner.written.fails();
    expect(await codeOf(ask())).toBe('audit/unwritable');
    const goOn = owner.written.hangs();
    const answer = ask();
    expect(await waits(answer)).toBe(true);
    goOn();
    expect(await answer).toMatchObject({ state: 'answered' });
    expect(kinds()).toEqual(['summary success']);
  });
});

const rule = { autoGrant: [{ purpose: 'TREAT' as const }] };

describe('a request', () => {
  beforeEach(async () => {
    await open(rule);
    await owner.import(1);
  });
  const ask = async (changed?: Partial<Request>, patient?: AskedPatient, by?: Signer) =>
    owner.decided(await owner.guard.request(owner.asked(changed, patient, by)));

  it('that a rule covers is granted to its member, after both entries were written', async () => {
    const { state, grants, to } = await ask();
    expect([state, to, grants?.length]).toEqual(['granted', asker, 1]);
    const { value } = verifyGrant(grants![0]!, owner.federation, verify);
    expect(value).toMatchObject({ owner: us, holder: asker, from: owner.clock.time });
    expect(kinds()).toEqual(['request success', 'decision success']);
  });

  it.each<[string, string, Partial<Request>, Partial<AskedPatient>, string]>([
    ['a purpose that no rule names', 'pending', { purpose: 'HRESCH' }, {}, 'access/person'],
    ['another name', 'pending', {}, { name: 'Altul^Ion' }, 'access/demographics'],
    ['another birth date', 'pending', {}, { birthDate: '19700102' }, 'access/demographics'],
    ['no name', 'pending', {}, { name: undefined }, 'access/demographics'],
    ['another name, in an emergency', 'pending', { purpose: 'ETREAT' }, { name: 'Altul^Ion' }, 'access/demographics'],
    ['a patient who is not known', 'denied', {}, { value: '2000000010016' }, 'access/refs'],
    ['a number in another system', 'denied', {}, { system: 'urn:other' }, 'access/refs'],
    ['a study that is not here', 'denied', { refs: ['22'.repeat(16)] }, {}, 'access/refs'],
  ])('with %s is %s', async (_, state, changed, patient, code) => {
    const told = await ask(changed, { ...known, ...patient });
    expect(told).toMatchObject({ state, code });
    expect(told).not.toHaveProperty('grants');
    expect(kinds()).toEqual(['request success', `decision ${state}`]);
    expect(await owner.grants()).toBe(0);
  });

  it('for one patient’s study does not get another’s by its ref', async () => {
    const studies = await owner.import(2, { ...someone, id: '2000000010016', name: 'Alta^Ana' } as never);
    const theirs = studies.find(({ patient }) => owner.stores.index.patient(patient)?.name === 'Alta^Ana')!;
    expect(await ask({ refs: [theirs.ref] })).toMatchObject({ state: 'denied', code: 'access/refs' });
    const ours = studies.find((each) => each !== theirs)!;
    expect(await ask({ refs: [ours.ref, theirs.ref] })).toMatchObject({ state: 'denied', code: 'access/refs' });
    expect(await ask({ refs: [ours.ref] })).toMatchObject({ state: 'granted' });
  });

  describe('where several people have one number', () => {
    const twin = { ...someone, name: 'Altul^Ion', birthDate: '19840506' } as never;
    const named = (name: string) => {
      const all = [...owner.stores.index.studies()];
      return all.find((each) => each.patientName === name)!;
    };
    const manifestOf = (grant: Uint8Array) => verifyGrant(grant, owner.federation, verify).value.manifest;
    /** As a record may be that was made before people were told apart. */
    const under = (name: string, other: string) =>
      owner.stores.index.moveStudy(named(name), owner.stores.index.patient(named(other).patient)!);

    it.each(['TREAT', 'ETREAT'] as const)(
      'for %s gets the studies of the one alone who had it first',
      async (purpose) => {
        await owner.import(2, twin);
        const only = await ask({ purpose });
        expect([only.state, only.grants?.length]).toEqual(['granted', 1]);
        const { ref } = named('Altul^Ion');
        expect(await ask({ refs: [ref], purpose })).toMatchObject({ state: 'denied', code: 'access/refs' });
        const asHim = { ...known, name: 'Altul^Ion', birthDate: '19840506' };
        expect(await ask({ purpose }, asHim)).toMatchObject({ state: 'pending', code: 'access/demographics' });
      },
    );

    it.each([
      ['with name and birth date', {}],
      ['with a number alone', { name: undefined, birthDate: undefined }],
    ])('%s never gets, of all, a study whose headers contradict its record', async (_, less) => {
      await owner.import(2, twin);
      await under('Altul^Ion', someone.name);
      const emergency = await ask({ purpose: 'ETREAT' }, { ...known, ...less });
      expect([emergency.state, emergency.grants?.length]).toEqual(['granted', 1]);
      const own = await owner.grants();
      const { ref } = named('Altul^Ion');
      const told = await ask({ refs: [ref, named(someone.name).ref], purpose: 'ETREAT' }, { ...known, ...less });
      expect(told).toMatchObject({ state: 'pending', code: 'access/demographics' });
      expect(await owner.grants()).toBe(own);
    });

    it('is about nothing where all is somebody else’s by its headers', async () => {
      await owner.import(2, twin);
      const [mine, theirs] = [named(someone.name), named('Altul^Ion')];
      const [a, b] = [mine, theirs].map(({ patient }) => owner.stores.index.patient(patient)!);
      await owner.stores.index.moveStudy(mine, b!);
      await owner.stores.index.moveStudy(theirs, a!);
      expect(await ask({ purpose: 'ETREAT' })).toMatchObject({ state: 'denied', code: 'access/refs' });
      expect(await owner.grants()).toBe(0);
    });

    it('that waited is not granted when the study is another person’s by then', async () => {
      const waiting = owner.asked({ purpose: 'HRESCH' });
      await owner.guard.request(waiting);
      await owner.import(2, twin);
      await under(someone.name, 'Altul^Ion');
      await expect(owner.guard.approve(waiting.value.id, custodian)).rejects.toThrow('access/refs');
      expect(await owner.grants()).toBe(0);
    });

    it('is compared with each study’s own spelling of the name', async () => {
      await owner.import(3, { ...someone, name: 'Маркер^Зебулон' } as never);
      const told = await ask({}, { ...known, name: 'Маркер^Зебулон' });
      expect([told.state, new Set(told.grants?.map(manifestOf)).size]).toEqual(['granted', 2]);
    });

    it.each(['2000000000005', '0000000000000', '1234567890123'])('by the number %s finds nothing', async (value) => {
      await owner.import(4, { ...someone, id: value } as never);
      expect(await ask({ purpose: 'ETREAT' }, { ...known, value })).toMatchObject({
        state: 'denied',
        code: 'access/refs',
      });
    });
  });

  it('of a relay is denied; one that was kept back waits for a person', async () => {
    expect(await ask({ from: relay }, known, peer(4))).toMatchObject({ state: 'denied', code: 'access/no-rights' });
    const issuedAt = owner.clock.time - 2 * day;
    const kept = { issuedAt, notAfter: issuedAt + 5 * day, purpose: 'ETREAT' as const };
    expect(await ask(kept)).toMatchObject({ state: 'pending', code: 'access/stale' });
    expect(await owner.grants()).toBe(0);
  });

  it.each<[string, (now: number) => Partial<Request>, number, string]>([
    ['of a stranger', () => ({}), 9, 'member/unknown'],
    ['in another’s name', () => ({ from: other }), 2, 'envelope/signer'],
    ['to another', () => ({ to: other }), 2, 'access/misaddressed'],
    ['that has expired', (now) => ({ issuedAt: now - 5000, notAfter: now }), 2, 'access/expired'],
    ['from the future', (now) => ({ issuedAt: now + day, notAfter: now + 2 * day }), 2, 'access/clock'],
    ['for ever', (now) => ({ notAfter: now + 1000 * day }), 2, 'access/lifetime'],
    ['with a patient sealed for another', () => ({ patient: owner.asked().value.patient }), 2, 'access/patient'],
  ])('%s is not looked at', async (_, changed, by, code) => {
    expect(await codeOf(ask(changed(owner.clock.time), known, peer(by)))).toBe(code);
    refusedInWriting('request', code, peerOf(by));
    expect(await owner.requests.total()).toBe(0);
  });

  it('of an expelled member is not looked at', async () => {
    owner.expel(asker);
    expect(await codeOf(ask())).not.toBe('none');
    expect(kinds()).toEqual(['request denied']);
  });

  it('that comes again gets the same answer; another one of its name none', async () => {
    const asked = owner.asked();
    const [answer, same] = await Promise.all([owner.guard.request(asked), owner.guard.request(asked)]);
    await owner.restart();
    for (const each of [same, await owner.guard.request(asked)]) expect(hex(each)).toBe(hex(answer));
    expect([await owner.grants(), kinds()]).toEqual([1, ['request success', 'decision success']]);
    const { id } = asked.value;
    expect(await codeOf(ask({ id, reason: 'Altele' }))).toBe('access/replayed');
    expect(await codeOf(ask({ id, from: other }, known, peer(3)))).toBe('access/replayed');
    expect(await owner.grants()).toBe(1);
  });

  it.each([0, 1])('is answered by nothing when the audit log fails or hangs after %i entries', async (after) => {
    owner.written.fails(after);
    expect(await codeOf(ask())).toBe('audit/unwritable');
    expect([await owner.grants(), await owner.requests.total()]).toEqual([0, 0]);
    const goOn = owner.written.hangs(after);
    const answer = ask();
    expect(await waits(answer)).toBe(true);
    expect([await owner.grants(), await owner.requests.total()]).toEqual([0, 0]);
    goOn();
    expect(await answer).toMatchObject({ state: 'granted' });
  });
});

describe('a person’s decision', () => {
  let id: string;
  beforeEach(async () => {
    await open();
    await owner.import(1);
    const asked = owner.asked();
    id = asked.value.id;
    expect(owner.decided(await owner.guard.request(asked))).toMatchObject({ state: 'pending', code: 'access/person' });
    owner.written.entries.length = 0;
  });
  const stateNow = async () => (await owner.requests.get(id))!.owning.state;

  it('is sent to who asked, and is made once', async () => {
    expect(await owner.guard.approve(id, custodian)).toEqual({ id, state: 'granted' });
    expect(owner.sent).toMatchObject([{ to: asker, request: id }]);
    expect(owner.decided(owner.sent[0]!.envelope)).toMatchObject({ state: 'granted', request: id });
    expect(owner.written.entries).toMatchObject([
      { kind: 'decision', outcome: 'success', person: custodian, peer: asker },
    ]);
    expect(await codeOf(owner.guard.approve(id, custodian))).toBe('access/state');
    expect(await codeOf(owner.guard.deny(id, 'nu', custodian))).toBe('access/state');
    expect([owner.sent.length, await owner.grants()]).toEqual([1, 1]);
  });

  it('against it reaches who asked with its words, and nothing goes out', async () => {
    expect(await owner.guard.deny(id, 'Lipsește acordul', custodian)).toEqual({ id, state: 'denied' });
    const told = owner.decided(owner.sent[0]!.envelope);
    expect(told).toMatchObject({ state: 'denied', code: 'access/denied', text: 'Lipsește acordul' });
    expect(told).not.toHaveProperty('grants');
    expect(await codeOf(owner.guard.approve(id, custodian))).toBe('access/state');
    expect([await owner.grants(), kinds()]).toEqual([0, ['decision denied']]);
  });

  it('about what nobody asked, or too late, lets nothing out', async () => {
    for (const unknown of ['f'.repeat(32), '', '../x']) {
      expect(await codeOf(owner.guard.approve(unknown, custodian))).toBe('access/request-unknown');
    }
    owner.clock.time += day;
    expect(await owner.guard.approve(id, custodian)).toEqual({ id, state: 'expired' });
    expect([await owner.grants(), owner.sent.length, kinds()]).toEqual([0, 0, ['decision denied']]);
  });

  it('is none while the audit log fails or hangs', async () => {
    owner.written.fails();
    expect(await codeOf(owner.guard.approve(id, custodian))).toBe('audit/unwritable');
    expect([await owner.grants(), owner.sent.length, await stateNow()]).toEqual([0, 0, 'pending']);
    const goOn = owner.written.hangs();
    const approving = owner.guard.approve(id, custodian);
    expect(await waits(approving)).toBe(true);
    expect([await owner.grants(), owner.sent.length, await stateNow()]).toEqual([0, 0, 'pending']);
    goOn();
    expect(await approving).toEqual({ id, state: 'granted' });
  });
});

describe('a transfer', () => {
  let grant: string;
  beforeEach(async () => {
    await open(rule);
    await owner.import(1);
    const { grants } = owner.decided(await owner.guard.request(owner.asked()));
    grant = verifyGrant(grants![0]!, owner.federation, verify).value.id;
    owner.written.entries.length = 0;
  });
  const admit = (by = 2, id = grant) => owner.guard.admitTransfer(id, peerOf(by));

  it('begins for the holder, once in writing, and has the objects of its manifest and no other', async () => {
    const served = await admit();
    expect([served.object(0), served.object(1), served.object(2)].map(Boolean)).toEqual([true, true, false]);
    await admit();
    expect(owner.written.entries).toMatchObject([{ kind: 'transfer', outcome: 'success', peer: asker, grant }]);
  });

  it.each<[string, () => unknown, number, string]>([
    ['another member', () => undefined, 3, 'access/holder'],
    ['a stranger', () => undefined, 9, 'member/unknown'],
    ['who was expelled', () => owner.expel(asker), 2, 'member/unknown'],
    ['who comes when it is over', () => (owner.clock.time += 31 * day), 2, 'access/expired'],
    ['who comes before its time', () => (owner.clock.time -= 60_000), 2, 'access/not-yet'],
    ['whose grant the authority revoked', () => owner.revokeGrant(grant), 2, 'access/revoked'],
  ])('does not begin for %s, nor goes on', async (_, change, by, code) => {
    await admit();
    owner.written.entries.length = 0;
    change();
    expect(await codeOf(admit(by))).toBe(code);
    expect(await codeOf(owner.guard.check(grant, peerOf(by)))).toBe(code);
    refusedInWriting('transfer', code, peerOf(by));
    await owner.restart();
    expect(await codeOf(owner.guard.check(grant, peerOf(by)))).toBe(code);
  });

  it.each(['f'.repeat(32), '', 'zz', '../x'])('does not begin under %j, which is no grant', async (id) => {
    expect(await codeOf(admit(2, id))).toBe('access/grant-unknown');
    refusedInWriting('transfer', 'access/grant-unknown', peerOf(2));
  });

  it('ends when its grant is revoked here, in writing, also for who starts the program anew', async () => {
    await admit();
    expect(await codeOf(owner.guard.revoke('f'.repeat(32), custodian))).toBe('access/grant-unknown');
    await owner.guard.revoke(grant, custodian);
    expect(owner.written.entries.at(-1)).toMatchObject({ kind: 'revocation', person: custodian, peer: asker, grant });
    expect(await codeOf(owner.guard.check(grant, peerOf(2)))).toBe('access/revoked');
    expect(await codeOf(admit())).toBe('access/revoked');
    await owner.restart();
    expect(await codeOf(admit())).toBe('access/revoked');
  });

  it('does not begin while the audit log fails or hangs, for none of its streams', async () => {
    owner.written.fails();
    expect(await codeOf(admit())).toBe('audit/unwritable');
    const goOn = owner.written.hangs();
    const streams = [admit(), admit()];
    for (const each of streams) expect(await waits(each)).toBe(true);
    goOn();
    await Promise.all(streams);
    expect(kinds()).toEqual(['transfer success']);
  });
});

describe('what our own people see', () => {
  let study: string;
  beforeEach(async () => {
    await open();
    study = (await owner.import(1))[0]!.uid;
  });
  const view = (what: 'view' | 'export' = 'view', by = custodian as { name: string; role: 'custodian' }) =>
    owner.guard.view(study, by, what);

  it('is what is here, and written down: a view once in five minutes for each, an export each time', async () => {
    expect(await codeOf(owner.guard.view('1.2.3', custodian, 'view'))).toBe('http/not-found');
    const reader = await view();
    expect(await Array.fromAsync(reader.instances())).toHaveLength(2);
    await view();
    await view('view', { ...custodian, name: 'Altul' });
    await view('export');
    await view('export');
    owner.clock.time += 6 * 60_000;
    await view();
    expect(kinds()).toEqual(['view', 'view', 'export', 'export', 'view'].map((kind) => `${kind} success`));
    expect(owner.written.entries[0]).toMatchObject({ person: custodian, study });
  });

  it.each(['view', 'export'] as const)('by %s is nothing while the audit log fails or hangs', async (what) => {
    owner.written.fails();
    for (let times = 0; times < 2; times++) expect(await codeOf(view(what))).toBe('audit/unwritable');
    const goOn = owner.written.hangs();
    const [one, two] = [view(what), view(what)];
    expect([await waits(one), await waits(two)]).toEqual([true, true]);
    goOn();
    await Promise.all([one, two]);
    expect(kinds()[0]).toBe(`${what} success`);
  });
});
