import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkSummaryRequest,
  openSummaryReply,
  type SummaryReply,
  type SummaryRequest,
  signSummaryRequest,
  summaryReply,
  verifySummaryRequest,
} from '../../../protocol/adverts/ask.ts';
import { encodeAdvert } from '../../../protocol/adverts/record.ts';
import { sealSummary } from '../../../protocol/adverts/summary.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { verify } from '../../../protocol/identity.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';
import {
  advertOf,
  epoch,
  federation,
  fieldsOf,
  keyA,
  keyB,
  memberA,
  memberB,
  memberOf,
  now,
  studyOf,
  tag,
} from './fixture.ts';

const base: SummaryRequest = {
  id: '11'.repeat(16),
  from: memberB,
  to: memberA,
  practitioner: { name: 'Dr. Example', role: 'radiologist' },
  purpose: 'TREAT',
  reason: 'Follow-up before surgery',
  tag,
  epoch,
  issuedAt: now,
  notAfter: now + 600_000,
};
const check = (change: Partial<SummaryRequest> = {}, by = keyB, seen: (key: string) => boolean = () => false) =>
  checkSummaryRequest({
    request: verifySummaryRequest(signSummaryRequest({ ...base, ...change }, federation, by), federation, verify),
    me: memberA,
    memberOf,
    now,
    seen,
  });
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('a summary request', () => {
  it('is accepted once, and remembered until it is too old anyway', () => {
    const { replayKey, until } = check();
    expect(codeOf(() => check({}, keyB, (key) => key === replayKey))).toBe('advert/replayed');
    expect(codeOf(() => check({ issuedAt: now - (until - now) }))).toBe('advert/request-time');
    expect(codeOf(() => check({ id: '22'.repeat(16) }, keyB, (key) => key === replayKey))).toBe('accepted');
  });

  it.each<[string, Partial<SummaryRequest>]>([
    ['advert/no-purpose', { purpose: '' }],
    ['advert/no-purpose', { purpose: 'CURIOUS' }],
    ['advert/no-purpose', { reason: ' \n' }],
    ['advert/no-purpose', { practitioner: { name: ' ', role: 'radiologist' } }],
    ['advert/not-addressed', { to: memberB }],
    ['envelope/signer', { from: memberA }],
    ['advert/request-time', { issuedAt: now - 600_001 }],
    ['advert/request-time', { issuedAt: now + 600_001, notAfter: now + 700_000 }],
    ['advert/request-time', { notAfter: now }],
    ['advert/request-time', { notAfter: now + 3_600_001 }],
  ])('is refused with %s for %j', (code, change) => {
    expect(codeOf(() => check(change))).toBe(code);
  });

  it('is refused from a stranger and for another federation', () => {
    expect(codeOf(() => check({}, { ...keyB, publicKey: keyA.publicKey }))).toBe('envelope/signature');
    const envelope = signSummaryRequest(base, 'fd'.repeat(32), keyB);
    expect(codeOf(() => verifySummaryRequest(envelope, federation, verify))).toBe('envelope/signature');
  });

  it('and its reply are a value or a coded error, whatever the bytes', () => {
    const valid = signSummaryRequest(base, federation, keyB);
    const reply = summaryReply.encode({ state: 'pending' });
    const mutated = (from: Uint8Array) =>
      fc.tuple(fc.nat(from.length - 1), fc.nat(255)).map(([at, byte]) => from.with(at, byte));
    const any = fc.oneof(fc.uint8Array({ maxLength: 100 }), mutated(valid), mutated(reply));
    const property = fc.property(any, (bytes) => {
      codeOf(() => verifySummaryRequest(bytes, federation, verify));
      codeOf(() => summaryReply.decode(bytes));
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });
});

describe('a reply', () => {
  const of = { federation, tag, member: memberA, incarnation: 0, seq: now, epoch };
  const study = studyOf();
  const seal = (version = of) =>
    sealSummary({ studies: [study], of: version, secret: new Uint8Array(32), random: seeded('reply') });
  const { key, sealed } = seal();
  const advert = advertOf({ sealed });
  const answered: SummaryReply = { state: 'answered', incarnation: 0, seq: now, key };
  const openReply = (reply: SummaryReply) =>
    openSummaryReply({ reply: summaryReply.decode(summaryReply.encode(reply)), advert, federation, memberOf, verify });

  it('opens the record that was found', () => {
    expect(openReply(answered)?.studies).toEqual([study]);
  });

  it('opens a record made for this asker, of the same member and tag only', () => {
    const version = { ...of, seq: now + 1 };
    const made = seal(version);
    const recordOf = (change: Parameters<typeof fieldsOf>[0], by = keyA) =>
      encodeAdvert(fieldsOf({ seq: now + 1, sealed: made.sealed, ...change }), made.size, federation, by);
    const reply = { ...answered, seq: now + 1, key: made.key };
    expect(openReply({ ...reply, record: recordOf({}) })?.studies).toEqual([study]);
    expect(codeOf(() => openReply({ ...reply, record: recordOf({ tag: 'ff'.repeat(32) }) }))).toBe('advert/summary');
    expect(codeOf(() => openReply({ ...reply, record: recordOf({}, keyB) }))).toBe('advert/summary');
    expect(codeOf(() => openReply({ ...reply, record: recordOf({ sealed: undefined }) }))).toBe('advert/summary');
  });

  it('says nothing where it is pending, denied or about existence alone', () => {
    expect(openReply({ state: 'pending' })).toBeUndefined();
    expect(openReply({ state: 'denied', code: 417, text: 'no' })).toBeUndefined();
    expect(openReply({ state: 'answered' })).toBeUndefined();
  });

  it('for another version than was found is told apart from a wrong key', () => {
    expect(codeOf(() => openReply({ ...answered, seq: now + 1 }))).toBe('advert/superseded');
    expect(codeOf(() => openReply({ ...answered, key: new Uint8Array(32) }))).toBe('advert/summary');
  });
});
