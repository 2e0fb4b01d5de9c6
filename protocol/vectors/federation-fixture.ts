// A small federation from fixed seeds, for the vectors and the tests.
import { type BoxSecret, boxKeyPair } from '../box.ts';
import { hex } from '../bytes.ts';
import { admit, createRoster, propose, sign } from '../federation/authority.ts';
import { cardValidity, signCard } from '../federation/card.ts';
import { signJoin, verifyJoin } from '../federation/join.ts';
import { dealKeepers } from '../federation/keepers.ts';
import type { Roster } from '../federation/roster.ts';
import { peerIdOf, type Signer, signer } from '../identity.ts';
import { seeded } from './seeded.ts';

export const day = 24 * 3_600_000;
/** 2026-01-01T00:00:00Z */
export const t0 = 1_767_225_600_000;
export const validity = { issuedAt: t0, expires: t0 + 365 * day };

const seed = (label: string): Uint8Array => seeded(label)(32);

export const authority = (n: number): Signer => signer(seed(`authority ${n}`));
export const authorityId = (n: number): string => hex(authority(n).publicKey);
/** The key of hospital n's peer; `era` counts its replacements. */
export const peer = (n: number, era = 0): Signer => signer(seed(`peer ${n} ${era}`));
export const peerOf = (n: number, era = 0): string => peerIdOf(peer(n, era).publicKey);
export const memberOf = (n: number): string => hex(seed(`member ${n}`).subarray(0, 16));

const boxes = new Map<number, ReturnType<typeof boxKeyPair>>();
export function box(n: number): ReturnType<typeof boxKeyPair> {
  const made = boxes.get(n) ?? boxKeyPair(seeded(`box ${n}`));
  boxes.set(n, made);
  return made;
}
export const boxSecret = (n: number): BoxSecret => box(n).secret;

const about = (n: number) => ({ name: `Spitalul ${n}`, country: 'MD' });

export const card = (n: number, federation = '', now = t0): Uint8Array =>
  signCard(
    {
      ...about(n),
      addresses: [`/ip4/192.0.2.${n}/tcp/4001`],
      boxKeys: box(n).public,
      services: ['/dicomnet/access/1'],
      version: '0.1.0',
      ...cardValidity(now),
    },
    federation,
    peer(n),
  );

export const joinRequest = (n: number): Uint8Array =>
  signJoin({ ...about(n), region: 'Cahul', kind: 'hospital', card: card(n), issuedAt: t0 }, peer(n));

/** A draft with one more hospital. */
export const withMember = (draft: Roster, n: number): Roster =>
  admit(draft, verifyJoin(joinRequest(n)), { id: memberOf(n), from: t0 });

/** Signs a draft with these authorities. */
export const signed = (draft: Roster, ...authorities: number[]): Uint8Array =>
  authorities.reduce((envelope, n) => sign(envelope, authority(n)), propose(draft));

/** The draft of roster 0: `authorities` keys of which `k` sign, hospitals 1 to `members`, `keepers` of them 2 of n. */
export function firstDraft(
  options: { authorities?: number; k?: number; members?: number; keepers?: number } = {},
): Roster {
  const { authorities = 3, k = 2, members = 3, keepers = 0 } = options;
  const keys = Array.from({ length: authorities }, (_, i) => authorityId(i + 1));
  const empty = createRoster({
    name: 'Federația de probă',
    authorities: { keys, k },
    defaultSystem: 'urn:oid:1.3.6.1.4.1.99999.1',
    ...validity,
  });
  const full = Array.from({ length: members }, (_, i) => i + 1).reduce(withMember, empty);
  if (keepers === 0) return full;
  return dealt(full, keepers, 'keepers');
}

/** A draft with a new index key for hospitals 1 to `keepers`, 2 of whom can evaluate, made from what `label` seeds. */
export function dealt(draft: Roster, keepers: number, label: string): Roster {
  const list = Array.from({ length: keepers }, (_, i) => ({ member: memberOf(i + 1), box: box(i + 1).public }));
  return dealKeepers(draft, { keepers: list, t: 2, dealer: authorityId(1) }, seeded(label));
}
