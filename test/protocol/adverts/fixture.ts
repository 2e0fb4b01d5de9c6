import {
  type Advert,
  type AdvertFields,
  encodeAdvert,
  lifetimes,
  type SizeClass,
  verifyAdvert,
} from '../../../protocol/adverts/record.ts';
import type { SummaryStudy } from '../../../protocol/adverts/summary.ts';
import { hex } from '../../../protocol/bytes.ts';
import { peerIdOf, type Signer, signer, verify } from '../../../protocol/identity.ts';
import { epochAt } from '../../../protocol/tags/epoch.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';

export const federation = 'fe'.repeat(32);
export const now = Date.UTC(2026, 10, 22, 12); // a Sunday: one epoch only is published
export const epoch = epochAt(now);
export const memberA = 'aa'.repeat(16);
export const memberB = 'bb'.repeat(16);
export const keyA: Signer = signer(seeded('member a')(32));
export const keyB: Signer = signer(seeded('member b')(32));
const members = new Map([
  [peerIdOf(keyA.publicKey), memberA],
  [peerIdOf(keyB.publicKey), memberB],
]);
export const memberOf = (peerId: string): string | undefined => members.get(peerId);
export const tag = hex(seeded('tag')(32));

export const fieldsOf = (change: Partial<AdvertFields> = {}): AdvertFields => ({
  tag,
  epoch,
  generation: 1,
  member: memberA,
  incarnation: 0,
  seq: now,
  ...lifetimes(now, epoch),
  state: 'holds',
  ...change,
});

export const advertOf = (change: Partial<AdvertFields> = {}, by: Signer = keyA, size: SizeClass = 1024): Advert =>
  verifyAdvert(encodeAdvert(fieldsOf(change), size, federation, by), federation, verify);

export function studyOf(random = seeded('study'), change: Partial<SummaryStudy> = {}): SummaryStudy {
  return {
    ref: hex(random(16)),
    date: '20261121',
    modalities: ['CT', 'SR'],
    bodyPart: 'CHEST',
    description: 'CT Thorax nativ',
    instances: 120,
    bytes: 63_000_000,
    report: 'final',
    origin: 'origin',
    same: hex(random(32)),
    ...change,
  };
}
