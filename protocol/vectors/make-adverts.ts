// Writes vectors/adverts/*.json. Run with `node protocol/vectors/make-adverts.ts`; running it again changes nothing.
import { writeFileSync } from 'node:fs';
import { signSummaryRequest } from '../adverts/ask.ts';
import { type AdvertFields, encodeAdvert, lifetimes, verifyAdvert, withdrawal } from '../adverts/record.ts';
import { encodeTagsRequest } from '../adverts/store-messages.ts';
import { sealSummary } from '../adverts/summary.ts';
import { hex } from '../bytes.ts';
import { signer, verify } from '../identity.ts';
import { epochAt } from '../tags/epoch.ts';
import { seeded } from './seeded.ts';

const write = (name: string, vector: { comment: string; what: string; input: unknown; expect: unknown }) =>
  writeFileSync(new URL(`adverts/${name}.json`, import.meta.url), `${JSON.stringify(vector, null, 2)}\n`);

const random = seeded('adverts');
const federation = hex(random(32));
const key = signer(random(32));
const now = Date.UTC(2026, 10, 22, 12);
const epoch = epochAt(now);
const at = { tag: hex(random(32)), epoch, member: hex(random(16)), incarnation: 1, seq: now };
const study = {
  ref: hex(random(16)),
  date: '20261121',
  modalities: ['CT'],
  description: 'CT Thorax',
  instances: 120,
  bytes: 63_000_000,
  report: 'final',
  origin: 'origin',
  same: hex(random(32)),
} as const;
const summary = sealSummary({
  studies: [{ ...study, modalities: [...study.modalities] }],
  of: { federation, ...at },
  secret: random(32),
  random,
});
const fields: AdvertFields = { ...at, generation: 1, ...lifetimes(now, epoch), state: 'holds', sealed: summary.sealed };
const holds = encodeAdvert(fields, summary.size, federation, key);
const { sealed: _, ...bare } = fields;
const existence = encodeAdvert(bare, summary.size, federation, key);
const opened = verifyAdvert(holds, federation, verify);
const tombstone = withdrawal(opened, now + 1, now + 1);
const withdrawn = encodeAdvert(tombstone.value, tombstone.size, federation, key);

const advert = (name: string, comment: string, envelope: Uint8Array, expect: unknown, of = federation) =>
  write(name, { comment, what: 'advert', input: { federation: of, envelope: hex(envelope) }, expect });
const shown = (value: AdvertFields) => ({
  ...value,
  signer: opened.signer,
  ...(value.sealed && { sealed: hex(value.sealed) }),
});
const altered = holds.slice();
altered[holds.length - 1]! ^= 1;
advert('holds', 'A record with a sealed summary, 1 KiB.', holds, shown(fields));
advert('existence', 'A record that tells existence only, of the same size.', existence, shown(bare));
advert('withdrawn', 'The tombstone, of the same size.', withdrawn, shown(tombstone.value));
advert('size', 'One byte less than a size class.', holds.subarray(1), 'advert/size');
advert('signature', 'The last bit of the signature is changed.', altered, 'envelope/signature');
advert('other-federation', 'Signed for another federation.', holds, 'envelope/signature', '00'.repeat(32));

const summaryVector = (name: string, comment: string, change: object, expect: unknown) =>
  write(name, {
    comment,
    what: 'summary',
    input: { key: hex(summary.key), sealed: hex(summary.sealed), of: { federation, ...at }, ...change },
    expect,
  });
summaryVector('summary', 'One study.', {}, { studies: [study], more: 0 });
summaryVector('summary-other-key', 'Another key.', { key: '00'.repeat(32) }, 'advert/summary');
summaryVector(
  'summary-other-version',
  'The ciphertext of one version in the record of another.',
  { of: { federation, ...at, seq: now + 1 } },
  'advert/summary',
);

const request = {
  id: hex(random(16)),
  from: hex(random(16)),
  to: at.member,
  practitioner: { reference: 'MD-12345', name: 'Dr. Example', role: 'radiologist' },
  purpose: 'TREAT',
  reason: 'Follow-up before surgery',
  tag: at.tag,
  epoch,
  issuedAt: now,
  notAfter: now + 600_000,
};
const requestVector = (name: string, comment: string, value: typeof request, expect: unknown) =>
  write(name, {
    comment,
    what: 'summary-request',
    input: { federation, me: at.member, now, envelope: hex(signSummaryRequest(value, federation, key)) },
    expect,
  });
requestVector('request', 'A request that may go to the guard.', request, request);
requestVector('request-no-purpose', 'No purpose of use.', { ...request, purpose: '' }, 'advert/no-purpose');
requestVector('request-no-reason', 'A blank reason.', { ...request, reason: ' ' }, 'advert/no-purpose');
requestVector('request-misaddressed', 'To another member.', { ...request, to: request.from }, 'advert/not-addressed');
requestVector(
  'request-old',
  'Issued more than ten minutes ago.',
  { ...request, issuedAt: now - 600_001 },
  'advert/request-time',
);

const tagsVector = (name: string, comment: string, bytes: Uint8Array, expect: unknown) =>
  write(name, { comment, what: 'tags-request', input: hex(bytes), expect });
tagsVector('put', 'Two records to be stored.', encodeTagsRequest({ type: 'put', records: [holds, withdrawn] }), {
  type: 'put',
  records: [hex(holds), hex(withdrawn)],
});
const get = { type: 'get' as const, tags: [at.tag], from: { tag: at.tag, member: at.member } };
tagsVector('get', 'One tag, going on at a member.', encodeTagsRequest(get), get);
tagsVector('get-nothing', 'No tag.', encodeTagsRequest({ type: 'get', tags: [] }), 'field/invalid');
