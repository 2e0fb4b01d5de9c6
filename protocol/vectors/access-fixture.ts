// Two hospitals, a request between them and its grant, from fixed seeds.
import type { Decision } from '../access/decision.ts';
import { decision, decisionKind } from '../access/decision.ts';
import { type Grant, grant, grantKind } from '../access/grant.ts';
import { verifyGrant } from '../access/messages.ts';
import type { Members } from '../access/parties.ts';
import { sealPatient } from '../access/patient.ts';
import { objectsOf, type Receipt, receipt, receiptKind } from '../access/receipt.ts';
import { digestOf, type Request, request, requestKind } from '../access/request.ts';
import { type GrantKeys, wrapGrant } from '../access/wrap.ts';
import { boxKeyPair } from '../box.ts';
import { hex } from '../bytes.ts';
import { signEnvelope, verifyEnvelope } from '../envelope.ts';
import { PeerError } from '../errors.ts';
import type { Member } from '../federation/roster.ts';
import { type Signer, verify } from '../identity.ts';
import { box, day, memberOf, peer, peerOf, t0 } from './federation-fixture.ts';
import { seeded } from './seeded.ts';

export const federation = '5f'.repeat(32);
export const [owner, holder, stranger] = [memberOf(1), memberOf(2), memberOf(3)];

/** Hospitals 1 to 3 are members; whoever `without` names is not. */
export const members = (without?: string): Members => ({
  memberOf(peerId) {
    const n = [1, 2, 3].find((each) => peerOf(each) === peerId);
    const id = n === undefined ? undefined : memberOf(n);
    return id === undefined || id === without ? undefined : ({ id, kind: 'hospital' } as Member);
  },
});

export const requestKeys = boxKeyPair(seeded('request keys'));
export const context = { federation, id: '11'.repeat(16), from: holder, to: owner };
export const patient = { system: 'urn:x', value: '2000000000000', name: 'MUNTEANU^ION', birthDate: '19700131' };
const sealedPatient = sealPatient(patient, box(1).public, context, seeded('patient'));

export const requestValue: Request = {
  id: context.id,
  from: holder,
  to: owner,
  practitioner: { reference: 'MD-1', name: 'Dr. Rusu', role: 'radiologist' },
  purpose: 'TREAT',
  reason: 'Chest pain',
  patient: sealedPatient,
  refs: ['22'.repeat(16)],
  tag: '33'.repeat(32),
  epoch: 2921,
  keys: requestKeys.public,
  issuedAt: t0,
  notAfter: t0 + 7 * day,
};

export const signRequest = (changes: Partial<Request> = {}, by: Signer = peer(2), of = federation) =>
  signEnvelope(requestKind, request, { ...requestValue, ...changes }, of, by);
export const verifiedRequest = (changes: Partial<Request> = {}, by?: Signer) =>
  verifyEnvelope(signRequest(changes, by), requestKind, request, federation, verify);
export const requestDigest = digestOf(verifiedRequest());

export const keys: GrantKeys = {
  manifestKey: seeded('manifest key')(32),
  series: [
    { uid: '1.2.3', generation: 0, key: seeded('series 1')(32) },
    { uid: '1.2.4', generation: 2, key: seeded('series 2')(32) },
  ],
};

export const wrapContext = {
  id: '44'.repeat(16),
  requestDigest,
  holder,
  manifest: '55'.repeat(32),
  scope: ['1.2.3', '1.2.4'] as string[] | 'all',
  to: t0 + 30 * day,
};

export const grantValue: Grant = {
  ...wrapContext,
  owner,
  manifestLength: 4321,
  actions: ['view', 'store'],
  audience: 'hospital',
  from: t0,
  issuedAt: t0,
  wrapped: wrapGrant(keys, requestKeys.public, federation, wrapContext, seeded('wrap')),
};

export const signGrant = (changes: Partial<Grant> = {}, by: Signer = peer(1)) =>
  signEnvelope(grantKind, grant, { ...grantValue, ...changes }, federation, by);
export const verifiedGrant = (changes: Partial<Grant> = {}, by?: Signer) =>
  verifyGrant(signGrant(changes, by), federation, verify);

export const decisionValue: Decision = {
  request: requestValue.id,
  requestDigest,
  to: holder,
  state: 'granted',
  grants: [signGrant()],
  audit: { head: seeded('head')(200), from: 3, proof: [seeded('proof')(32)] },
  issuedAt: t0 + 5,
};
export const signDecision = (changes: Partial<Decision> = {}, by: Signer = peer(1)) =>
  signEnvelope(decisionKind, decision, { ...decisionValue, ...changes }, federation, by);
export const verifiedDecision = (changes: Partial<Decision> = {}, by?: Signer) =>
  verifyEnvelope(signDecision(changes, by), decisionKind, decision, federation, verify);

export const receiptValue: Receipt = {
  grant: grantValue.id,
  manifest: grantValue.manifest,
  owner,
  objects: objectsOf([hex(seeded('object 1')(32)), hex(seeded('object 2')(32))]),
  complete: true,
  at: t0 + 60_000,
};
export const signReceipt = (changes: Partial<Receipt> = {}, by: Signer = peer(2)) =>
  signEnvelope(receiptKind, receipt, { ...receiptValue, ...changes }, federation, by);
export const verifiedReceipt = (changes: Partial<Receipt> = {}, by?: Signer) =>
  verifyEnvelope(signReceipt(changes, by), receiptKind, receipt, federation, verify);

/** The code that `run` is refused with, or undefined. */
export function code(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
  return undefined;
}
