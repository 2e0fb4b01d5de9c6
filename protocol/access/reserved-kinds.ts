// [reserved] Kinds whose form is fixed now and whose behaviour comes later: they are decoded and kept, and answered with
// kind/unsupported.
import { memberId } from '../federation/fields.ts';
import { limits } from '../limits.ts';
import { practitioner } from '../practitioner.ts';
import { bytes, id, oneOf, optional, payload, text, time, uint } from '../schema.ts';

/** A grant nobody asked for: a result for the patient's doctor, a case for a consultant. */
const offer = payload(
  {
    id: id(16),
    from: memberId(),
    to: memberId(),
    practitioner,
    /** Sealed to the addressee's card. */
    patient: bytes({ max: limits.requestPatientBytes }),
    /** The grant's envelope, its keys wrapped to the addressee's card. */
    grant: bytes({ max: limits.grantBytes + 256 }),
    /** The practitioner or team it is for. */
    addressee: optional(text(256)),
    question: optional(text()),
    /** HL7 FHIR request-priority. */
    urgency: oneOf('routine', 'urgent', 'asap', 'stat'),
    issuedAt: time(),
    notAfter: time(),
  },
  limits.decisionBytes,
);

/** Word to earlier recipients that a study changed. */
const notice = payload({
  id: id(16),
  from: memberId(),
  to: memberId(),
  /** The manifest that the recipient holds, and the one that supersedes it. */
  manifest: id(32),
  next: optional(id(32)),
  change: oneOf('amended', 'reported', 'superseded', 'withdrawn', 'erased'),
  issuedAt: time(),
});

/** One opening of a held study. */
const useReceipt = payload({
  id: id(16),
  grant: id(16),
  manifest: id(32),
  practitioner,
  action: oneOf('view', 'forward', 'release'),
  at: time(),
});

/** How far the owner is with sealing a study or fetching it from its PACS. */
const staging = payload({
  request: id(16),
  requestDigest: id(32),
  to: memberId(),
  done: uint(),
  total: uint(),
  /** When it is expected to be ready. */
  readyAt: optional(time()),
  issuedAt: time(),
});

export const reservedKinds = { offer, notice, 'use-receipt': useReceipt, staging };

export type ReservedKind = keyof typeof reservedKinds;

/** True for a kind that is decoded and kept, and not acted on. */
export const isReservedKind = (kind: string): kind is ReservedKind => Object.hasOwn(reservedKinds, kind);
