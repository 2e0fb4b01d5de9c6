// Writes vectors/access/*.json. Run with `node protocol/vectors/make-access.ts`; running it again changes nothing.
import { writeFileSync } from 'node:fs';
import { reservedKinds } from '../access/reserved-kinds.ts';
import { hex } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { signEnvelope } from '../envelope.ts';
import type { Payload } from '../schema.ts';
import * as f from './access-fixture.ts';
import { boxSecret, day, peer, t0 } from './federation-fixture.ts';

const write = (name: string, vector: { comment: string; what: string; input: object; expect: unknown }) =>
  writeFileSync(new URL(`access/${name}.json`, import.meta.url), `${JSON.stringify(vector, null, 2)}\n`);

/** An envelope that hospital 2 or, for what owners say, hospital 1 sent; read by the other at `now`. */
const message = (name: string, comment: string, envelope: Uint8Array, expect: unknown, now = t0) =>
  write(name, { comment, what: 'message', input: { federation: f.federation, now, envelope: hex(envelope) }, expect });

const { requestValue, requestDigest } = f;
message('request', 'A request.', f.signRequest(), { kind: 'request', id: requestValue.id, digest: requestDigest });
message(
  'request-signer',
  'Signed by another member than the one it is from.',
  f.signRequest({}, peer(3)),
  'envelope/signer',
);
message(
  'request-misaddressed',
  'Addressed to another member.',
  f.signRequest({ to: f.stranger }),
  'access/misaddressed',
);
message('request-future', 'Issued more than ten minutes ahead.', f.signRequest(), 'access/clock', t0 - 600_001);
message('request-expired', 'Received at its notAfter.', f.signRequest(), 'access/expired', requestValue.notAfter);
message(
  'request-lifetime',
  'For more than 30 days.',
  f.signRequest({ notAfter: t0 + 30 * day + 1 }),
  'access/lifetime',
);
message('request-reason', 'A reason of spaces.', f.signRequest({ reason: ' ' }), 'field/invalid');
message(
  'request-purpose',
  'A purpose of use that does not exist.',
  f.signRequest({ purpose: 'X' as 'TREAT' }),
  'field/invalid',
);
message(
  'request-crit',
  'A critical field that is not known.',
  f.signRequest({ crit: ['mood'] } as object),
  'crit/unknown',
);
message(
  'request-federation',
  'Of another federation.',
  f.signRequest({}, peer(2), '60'.repeat(32)),
  'envelope/signature',
);
message('decision', 'A decision with one grant.', f.signDecision(), { kind: 'decision', state: 'granted', grants: 1 });
message('decision-no-grant', 'Granted without a grant.', f.signDecision({ grants: undefined }), 'field/invalid');
message(
  'decision-no-code',
  'Denied without a code.',
  f.signDecision({ state: 'denied', grants: undefined }),
  'field/missing',
);
message(
  'decision-digest',
  'On another request with the same id.',
  f.signDecision({ requestDigest: '00'.repeat(32) }),
  'access/mismatch',
);
message('receipt', 'A receipt.', f.signReceipt(), { kind: 'receipt', complete: true }, t0 + day);
message(
  'receipt-manifest',
  'For another manifest than the grant.',
  f.signReceipt({ manifest: '00'.repeat(32) }),
  'access/mismatch',
  t0 + day,
);
const few = { ...f.receiptValue.objects, count: 1 };
message(
  'receipt-count',
  'A list that is longer than its count.',
  f.signReceipt({ objects: few }),
  'field/invalid',
  t0 + day,
);
message('grant-alone', 'A grant outside a decision.', f.signGrant(), 'kind/unexpected');
const notice = {
  id: '77'.repeat(16),
  from: f.owner,
  to: f.holder,
  manifest: '55'.repeat(32),
  change: 'amended',
  issuedAt: t0,
};
message(
  'notice',
  'A kind that is kept and not served yet.',
  signEnvelope('notice', reservedKinds.notice as unknown as Payload<object>, notice, f.federation, peer(1)),
  'kind/unsupported',
);
message(
  'kind',
  'A kind that does not exist here.',
  encodeCbor(['toString', new Uint8Array(), new Uint8Array(32), new Uint8Array(64)]),
  'kind/unexpected',
);

const secret = (of: { x25519: Uint8Array; mlkemSeed: Uint8Array }) => ({
  x25519: hex(of.x25519),
  mlkemSeed: hex(of.mlkemSeed),
});
const patient = { ...f.context, secret: secret(boxSecret(1)), sealed: hex(requestValue.patient) };
write('patient', { comment: 'The sealed patient of the request.', what: 'patient', input: patient, expect: f.patient });
write('patient-moved', {
  comment: 'The same moved into another request.',
  what: 'patient',
  input: { ...patient, id: '12'.repeat(16) },
  expect: 'access/patient',
});

const keys = {
  manifestKey: hex(f.keys.manifestKey),
  series: f.keys.series.map((each) => ({ ...each, key: hex(each.key) })),
};
const wrap = { federation: f.federation, secret: secret(f.requestKeys.secret), grant: hex(f.signGrant()) };
write('wrap', { comment: "A grant's keys, opened with the request's.", what: 'wrap', input: wrap, expect: keys });
const altered = (name: string, comment: string, changes: Parameters<typeof f.signGrant>[0]) =>
  write(`wrap-${name}`, {
    comment,
    what: 'wrap',
    input: { ...wrap, grant: hex(f.signGrant(changes)) },
    expect: 'access/wrap',
  });
altered('holder', 'Wrapped for another holder.', { holder: f.stranger });
altered('expiry', 'Wrapped for another expiry.', { to: f.grantValue.to + 1 });
altered('scope', 'Wrapped for a narrower scope.', { scope: 'all' });
altered('bit', 'One bit of the wrap is changed.', {
  wrapped: f.grantValue.wrapped.with(40, f.grantValue.wrapped[40]! ^ 1),
});
