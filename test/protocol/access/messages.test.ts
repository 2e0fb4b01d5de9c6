import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDecision, decision } from '../../../protocol/access/decision.ts';
import { checkGrant, checkReceivedGrant, grant } from '../../../protocol/access/grant.ts';
import { verifyAccessMessage, verifyGrant } from '../../../protocol/access/messages.ts';
import { matchPatient, openPatient } from '../../../protocol/access/patient.ts';
import { checkReceipt, objectsDigest, objectsOf, receipt } from '../../../protocol/access/receipt.ts';
import { replayOf } from '../../../protocol/access/replay.ts';
import { checkRequest, request } from '../../../protocol/access/request.ts';
import { isReservedKind, reservedKinds } from '../../../protocol/access/reserved-kinds.ts';
import { unwrapGrant, wrapGrant } from '../../../protocol/access/wrap.ts';
import { boxKeyPair } from '../../../protocol/box.ts';
import { hex } from '../../../protocol/bytes.ts';
import { decodeCbor, encodeCbor } from '../../../protocol/cbor.ts';
import { signEnvelope } from '../../../protocol/envelope.ts';
import { verify } from '../../../protocol/identity.ts';
import { limits } from '../../../protocol/limits.ts';
import { purposes } from '../../../protocol/practitioner.ts';
import type { Payload } from '../../../protocol/schema.ts';
import * as f from '../../../protocol/vectors/access-fixture.ts';
import { boxSecret, day, peer, peerOf, t0 } from '../../../protocol/vectors/federation-fixture.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';

const minute = 60_000;

test.each<[string, Parameters<typeof f.verifiedRequest>, { now?: number; me?: string; without?: string }, string?]>([
  ['is let in', [], {}],
  ['is let in up to its last moment', [], { now: t0 + 7 * day - 1 }],
  ['may come from a clock that is ten minutes ahead', [], { now: t0 - 10 * minute }],
  ['from further in the future', [], { now: t0 - 10 * minute - 1 }, 'access/clock'],
  ['past its notAfter, whatever the skew', [], { now: t0 + 7 * day }, 'access/expired'],
  ['for more than 30 days', [{ notAfter: t0 + 30 * day + 1 }], {}, 'access/lifetime'],
  ['that ends before it begins', [{ notAfter: t0 }], {}, 'access/lifetime'],
  ['to another member', [], { me: f.stranger }, 'access/misaddressed'],
  ['signed by another member', [{}, peer(3)], {}, 'envelope/signer'],
  ['signed by a replaced key of the member', [{}, peer(2, 1)], {}, 'member/unknown'],
  ['from an expelled member', [], { without: f.holder }, 'member/unknown'],
])('a request %s', (_, [changes, by], { now = t0, me = f.owner, without }, expected) => {
  const opened = f.verifiedRequest(changes, by);
  expect(f.code(() => checkRequest({ opened, me, members: f.members(without), now }))).toBe(expected);
});

test('a request needs a purpose that exists, a reason that says something, at least one ref', () => {
  const refused: [Parameters<typeof f.verifiedRequest>[0], string][] = [
    [{ purpose: 'CURIOUS' as 'TREAT' }, 'field/invalid'],
    [{ reason: '  ' }, 'field/invalid'],
    [{ refs: [] }, 'field/invalid'],
    [{ refs: Array(1001).fill('22'.repeat(16)) as string[] }, 'field/invalid'],
    [{ refs: ['2222'] }, 'field/invalid'],
    [{ reason: undefined as unknown as string }, 'field/missing'],
    [{ crit: ['mood'] } as object, 'crit/unknown'],
  ];
  for (const [changes, expected] of refused) expect(f.code(() => f.verifiedRequest(changes))).toBe(expected);
  expect(f.verifiedRequest({ refs: 'all' }).value.refs).toBe('all');
});

test('the patient opens for the owner and this request only', () => {
  const { patient } = f.requestValue;
  expect(openPatient(patient, boxSecret(1), f.context)).toEqual(f.patient);
  expect(f.code(() => openPatient(patient, boxSecret(3), f.context))).toBe('access/patient');
  for (const name of ['federation', 'id', 'from', 'to'] as const) {
    const other = { ...f.context, [name]: `${f.context[name].slice(2)}00` };
    expect(
      f.code(() => openPatient(patient, boxSecret(1), other)),
      name,
    ).toBe('access/patient');
  }
  expect(hex(f.signRequest()).includes(hex(new TextEncoder().encode(f.patient.value)))).toBe(false);
});

test.each<[string, string | undefined, string | undefined, string]>([
  ['the same', 'MUNTEANU^ION', '19700131', 'matches'],
  ['another order, case, accents and punctuation', 'Ion, Munteánu', '19700131', 'matches'],
  ['the other spelling of ș', 'Ștefan Țîrlea', '19700131', 'matches'],
  ['one of several component groups', 'MUNTEANU^ION=Мунтяну^Ион', '19700131', 'matches'],
  ['another name', 'MUNTEANU^IOANA', '19700131', 'differs'],
  ['another birth date', 'MUNTEANU^ION', '19700113', 'differs'],
  ['only part of the name', 'MUNTEANU', '19700131', 'differs'],
  ['no name', undefined, '19700131', 'missing'],
  ['a name of nothing', '^^', '19700131', 'missing'],
  ['no birth date', 'MUNTEANU^ION', undefined, 'missing'],
  ['no birth date and another name', 'RUSU^ANA', undefined, 'differs'],
])('a patient given with %s', (_, name, birthDate, expected) => {
  const known = { names: ['Munteanu^Ion', 'Şţefan Ţîrlea'.replace('Şţ', 'Şt')], birthDates: ['19700131'] };
  expect(matchPatient({ name, birthDate }, known)).toBe(expected);
  expect(matchPatient({ name, birthDate }, { names: [], birthDates: [] })).toBe('missing');
});

test('a replay is told from a first time, and forgotten when the message has expired', () => {
  const remembered = { digest: f.requestDigest, notAfter: t0 + day };
  expect(replayOf(undefined, f.requestDigest, t0)).toBe('first');
  expect(replayOf(remembered, f.requestDigest, t0)).toBe('again');
  expect(replayOf(remembered, 'aa'.repeat(32), t0)).toBe('conflict');
  expect(replayOf(remembered, f.requestDigest, t0 + day)).toBe('first');
});

test.each<[string, Parameters<typeof f.verifiedDecision>, string | undefined, string?]>([
  ['is accepted', [], undefined],
  ['of another member', [{}, peer(3)], undefined, 'envelope/signer'],
  ['of an expelled owner', [], f.owner, 'member/unknown'],
  ['to somebody else', [{ to: f.stranger }], undefined, 'access/misaddressed'],
  ['on another request', [{ request: '99'.repeat(16) }], undefined, 'access/mismatch'],
  ['on another content of the request', [{ requestDigest: '99'.repeat(32) }], undefined, 'access/mismatch'],
  ['from the future', [{ issuedAt: t0 + 11 * minute }], undefined, 'access/clock'],
])('a decision %s', (_, args, without, expected) => {
  const { requestValue, requestDigest } = f;
  const opened = f.verifiedDecision(...args);
  const check = () =>
    checkDecision({ opened, request: requestValue, requestDigest, members: f.members(without), now: t0 });
  expect(f.code(check)).toBe(expected);
});

test('a decision has grants if granted and only then, and a code if denied', () => {
  expect(f.code(() => f.verifiedDecision({ grants: undefined }))).toBe('field/invalid');
  expect(f.code(() => f.verifiedDecision({ state: 'pending' }))).toBe('field/invalid');
  expect(f.code(() => f.verifiedDecision({ state: 'denied', grants: undefined }))).toBe('field/missing');
  expect(f.verifiedDecision({ state: 'denied', grants: undefined, code: 'access/denied' }).value.code).toBe(
    'access/denied',
  );
});

test.each<[string, Partial<Parameters<typeof checkGrant>[0]>, string?]>([
  ['holds', {}],
  ['holds for a series in its scope', { series: '1.2.4' }],
  ['for a series outside its scope', { series: '1.2.5' }, 'access/scope'],
  ['for an action that it does not name', { action: 'forward' }, 'access/scope'],
  ['used by another member', { connection: peerOf(3) }, 'access/holder'],
  ['used by its own owner', { connection: peerOf(1) }, 'access/holder'],
  ['used by a stranger', { connection: peerOf(9) }, 'member/unknown'],
  ['of an expelled holder', { members: f.members(f.holder) }, 'member/unknown'],
  ['before its time', { now: t0 - 1 }, 'access/not-yet'],
  ['at its end', { now: t0 + 30 * day }, 'access/expired'],
  ['that was revoked', { revoked: true }, 'access/revoked'],
])('a grant %s', (_, changes, expected) => {
  const usual = { grant: f.grantValue, connection: peerOf(2), members: f.members(), now: t0, revoked: false };
  expect(f.code(() => checkGrant({ ...usual, ...changes }))).toBe(expected);
});

test.each<[string, Parameters<typeof f.verifiedGrant>, string?]>([
  ['is accepted', []],
  ['signed by another member', [{}, peer(3)], 'envelope/signer'],
  ['for another holder', [{ holder: f.stranger }], 'access/holder'],
  ['of another owner', [{ owner: f.stranger }, peer(3)], 'access/mismatch'],
  ['for another request', [{ requestDigest: '99'.repeat(32) }], 'access/mismatch'],
  ['from the future', [{ issuedAt: t0 + 11 * minute }], 'access/clock'],
])('a received grant %s', (_, args, expected) => {
  const { requestValue, requestDigest } = f;
  const opened = f.verifiedGrant(...args);
  const check = () =>
    checkReceivedGrant({ opened, request: requestValue, requestDigest, members: f.members(), now: t0 });
  expect(f.code(check)).toBe(expected);
});

test('a grant that contradicts itself is refused', () => {
  expect(f.code(() => f.verifiedGrant({ to: t0 }))).toBe('field/invalid');
  expect(f.code(() => f.verifiedGrant({ actions: ['view', 'view'] }))).toBe('field/invalid');
  expect(f.code(() => f.verifiedGrant({ actions: [] }))).toBe('field/invalid');
  expect(f.code(() => f.verifiedGrant({ scope: ['1.2.3', '1.2.3'] }))).toBe('field/invalid');
});

test('wrapped keys open for the request, and for nothing else that the grant could have said', () => {
  const { federation, grantValue, requestKeys } = f;
  expect(unwrapGrant(grantValue, requestKeys.secret, federation)).toEqual(f.keys);
  const others = [
    { id: '45'.repeat(16) },
    { requestDigest: '56'.repeat(32) },
    { holder: f.stranger },
    { manifest: '56'.repeat(32) },
    { scope: 'all' as const },
    { scope: ['1.2.3', '1.2.4', '1.2.5'] },
    { scope: ['1.2.4', '1.2.3'] },
    { to: grantValue.to + 1 },
    { wrapped: grantValue.wrapped.with(-1, grantValue.wrapped.at(-1)! ^ 1) },
    { wrapped: new Uint8Array() },
  ];
  for (const each of others) {
    const altered = { ...grantValue, ...each };
    expect(
      f.code(() => unwrapGrant(altered, requestKeys.secret, federation)),
      JSON.stringify(Object.keys(each)),
    ).toBe('access/wrap');
  }
  expect(f.code(() => unwrapGrant(grantValue, requestKeys.secret, '60'.repeat(32)))).toBe('access/wrap');
  expect(f.code(() => unwrapGrant(grantValue, boxKeyPair(seeded('other')).secret, federation))).toBe('access/wrap');
});

test('keys of series outside the scope are neither wrapped nor taken', () => {
  const narrow = { ...f.wrapContext, scope: ['1.2.3'] };
  const wrap = () => wrapGrant(f.keys, f.requestKeys.public, f.federation, narrow, seeded('narrow'));
  expect(f.code(wrap)).toBe('access/scope');
});

test('the largest scope fits into one grant, and 256 usual grants into one decision', () => {
  const uid = (i: number) => `1.2.${'3'.repeat(56)}.${String(i).padStart(3, '0')}`;
  const series = Array.from({ length: limits.grantSeries }, (_, i) => ({
    uid: uid(i),
    generation: Number.MAX_SAFE_INTEGER,
    key: seeded(`${i}`)(32),
  }));
  expect(uid(1).length).toBe(64);
  const of = { ...f.wrapContext, scope: series.map((each) => each.uid) };
  const wrapped = wrapGrant({ ...f.keys, series }, f.requestKeys.public, f.federation, of, seeded('large'));
  const { value, bytes } = f.verifiedGrant({ ...of, wrapped });
  expect(unwrapGrant(value, f.requestKeys.secret, f.federation).series.length).toBe(limits.grantSeries);
  expect(f.verifiedDecision({ grants: Array(256).fill(f.signGrant()) as Uint8Array[] }).value.grants?.length).toBe(256);
  expect(f.verifiedDecision({ grants: [bytes] }).value.grants).toEqual([bytes]);
});

test.each<[string, Parameters<typeof f.verifiedReceipt>, string?]>([
  ['is accepted', []],
  ['of another member', [{}, peer(3)], 'envelope/signer'],
  ['of the owner itself', [{}, peer(1)], 'envelope/signer'],
  ['for another grant', [{ grant: '45'.repeat(16) }], 'access/mismatch'],
  ['for another manifest', [{ manifest: '56'.repeat(32) }], 'access/mismatch'],
  ['from the future', [{ at: t0 + day }], 'access/clock'],
])('a receipt %s', (_, args, expected) => {
  const opened = f.verifiedReceipt(...args);
  const check = () => checkReceipt({ opened, grant: f.grantValue, members: f.members(), now: t0 + minute });
  expect(f.code(check)).toBe(expected);
});

test('the objects of a receipt do not depend on order or repetition, and must agree with their digest', () => {
  const ids = Array.from({ length: 9 }, (_, i) => hex(seeded(`object ${i}`)(32)));
  expect(objectsOf([...ids, ...ids].reverse())).toEqual(objectsOf(ids));
  expect(objectsOf(ids)).toEqual({ count: 9, digest: objectsDigest(ids), ids: [...ids].sort() });
  const many = Array.from({ length: limits.receiptObjects + 1 }, (_, i) => i.toString(16).padStart(64, '0'));
  expect(objectsOf(many)).toEqual({ count: many.length, digest: objectsDigest(many) });
  expect(f.verifiedReceipt({ objects: objectsOf(many.slice(1)) }).value.objects.count).toBe(limits.receiptObjects);
  expect(f.code(() => f.verifiedReceipt({ objects: { ...objectsOf(ids), count: 8 } }))).toBe('field/invalid');
  expect(f.code(() => f.verifiedReceipt({ objects: { ...objectsOf(ids), ids: [...ids].fill(ids[0]!) } }))).toBe(
    'field/invalid',
  );
});

const context = { id: '77'.repeat(16), from: f.owner, to: f.holder, issuedAt: t0 };
const reservedValues = {
  offer: {
    ...context,
    practitioner: f.requestValue.practitioner,
    patient: seeded('p')(64),
    grant: f.signGrant(),
    urgency: 'urgent',
    notAfter: t0 + day,
  },
  notice: { ...context, manifest: '55'.repeat(32), change: 'amended' },
  'use-receipt': {
    id: context.id,
    grant: f.grantValue.id,
    manifest: '55'.repeat(32),
    practitioner: f.requestValue.practitioner,
    action: 'view',
    at: t0,
  },
  staging: { request: context.id, requestDigest: '66'.repeat(32), to: f.holder, done: 1, total: 3, issuedAt: t0 },
};
const reservedEnvelope = (kind: keyof typeof reservedKinds) =>
  signEnvelope(kind, reservedKinds[kind] as unknown as Payload<object>, reservedValues[kind], f.federation, peer(1));

test('every kind is told apart, those for later are decoded and kept', () => {
  const read = (bytes: Uint8Array) => verifyAccessMessage(bytes, f.federation, verify);
  expect(read(f.signRequest())).toMatchObject({ kind: 'request', opened: { value: { reason: 'Chest pain' } } });
  expect(read(f.signDecision())).toMatchObject({ kind: 'decision', opened: { value: { state: 'granted' } } });
  expect(read(f.signReceipt())).toMatchObject({ kind: 'receipt', opened: { value: { complete: true } } });
  for (const kind of Object.keys(reservedKinds) as (keyof typeof reservedKinds)[]) {
    const bytes = reservedEnvelope(kind);
    const message = read(bytes);
    expect(message).toMatchObject({ kind: 'reserved', of: kind, opened: { bytes, value: reservedValues[kind] } });
  }
  expect(isReservedKind('toString')).toBe(false);
  expect(f.code(() => read(f.signGrant()))).toBe('kind/unexpected');
  expect(f.code(() => read(f.signRequest({}, peer(2), '00'.repeat(32))))).toBe('envelope/signature');
  expect(f.code(() => verifyGrant(f.signRequest(), f.federation, verify))).toBe('kind/unexpected');
});

test('a signed message does not open with any byte changed', () => {
  const messages = [f.signRequest(), f.signDecision(), f.signReceipt(), reservedEnvelope('notice')];
  fc.assert(
    fc.property(fc.constantFrom(...messages), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, xor) => {
      const i = at % bytes.length;
      const altered = bytes.with(i, bytes[i]! ^ xor);
      expect(f.code(() => verifyAccessMessage(altered, f.federation, verify))).toMatch(
        /^(cbor|field|crit|envelope|kind|access)\//,
      );
    }),
    { seed: 1, numRuns: 400 },
  );
});

test('any bytes are a message, or refused by code', () => {
  const payloads: Pick<Payload<unknown>, 'decode'>[] = [
    request,
    decision,
    grant,
    receipt,
    ...Object.values(reservedKinds),
  ];
  const valid = [
    request.encode(f.requestValue),
    decision.encode(f.decisionValue),
    grant.encode(f.grantValue),
    receipt.encode(f.receiptValue),
  ];
  const values = fc.oneof(fc.nat(), fc.string(), fc.boolean(), fc.uint8Array(), fc.constant(null), fc.array(fc.nat()));
  // a right message with one field of another type, or left out
  const twisted = fc.tuple(fc.constantFrom(...valid), fc.nat(), fc.option(values)).map(([bytes, pick, value]) => {
    const map = decodeCbor(bytes) as Map<string, unknown>;
    const name = [...map.keys()][pick % map.size]!;
    if (value === null) map.delete(name);
    else map.set(name, value);
    return encodeCbor(map);
  });
  const spoilt = fc
    .tuple(fc.constantFrom(...valid), fc.nat(), fc.nat(255))
    .map(([bytes, at, byte]) => bytes.with(at % bytes.length, byte));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), twisted, spoilt), (bytes) => {
      for (const { decode } of payloads) {
        expect(f.code(() => decode(bytes)) ?? 'a/value').toMatch(/^(cbor|field|crit|a)\//);
      }
      expect(f.code(() => verifyAccessMessage(bytes, f.federation, verify))).toMatch(/^(cbor|field|kind)\//);
    }),
    { seed: 1, numRuns: 800 },
  );
});

const hexOf = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(hex);
const uids = fc.uniqueArray(
  fc.array(fc.nat(999), { minLength: 1, maxLength: 10 }).map((parts) => parts.join('.')),
  { minLength: 1, maxLength: 5 },
);

test('what is encoded is decoded the same', () => {
  expect(decision.decode(decision.encode(f.decisionValue))).toEqual(f.decisionValue);
  const some = fc.record({
    ids: fc.array(hexOf(16), { minLength: 1, maxLength: 5 }),
    objects: fc.array(hexOf(32), { maxLength: 5 }),
    purpose: fc.constantFrom(...purposes),
    reason: fc.string({ minLength: 1, maxLength: 100 }).filter((each) => /\S/.test(each)),
    scope: fc.option(uids, { nil: 'all' as const }),
    from: fc.nat(2 ** 40),
    lasts: fc.integer({ min: 1, max: 2 ** 40 }),
    deleteBy: fc.option(fc.maxSafeNat(), { nil: undefined }),
    data: fc.uint8Array(),
  });
  fc.assert(
    fc.property(some, ({ ids, objects, purpose, reason, scope, from, lasts, deleteBy, data }) => {
      const asked = { ...f.requestValue, purpose, reason, consent: data, refs: ids, issuedAt: from };
      expect(request.decode(request.encode(asked))).toEqual(asked);
      const given = {
        ...f.grantValue,
        scope,
        from,
        to: from + lasts,
        wrapped: data,
        ...(deleteBy ? { deleteBy } : {}),
      };
      expect(grant.decode(grant.encode(given))).toEqual(given);
      const got = { ...f.receiptValue, objects: objectsOf(objects), at: from };
      expect(receipt.decode(receipt.encode(got))).toEqual(got);
    }),
    { seed: 1, numRuns: 200 },
  );
});
