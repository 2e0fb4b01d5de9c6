// The authority of a simulated federation: one key, its rosters in order, dealt from the seed.
import { nativeSigner, nativeVerify } from '../node/system/machine.ts';
import type { BoxPublic } from '../protocol/box.ts';
import { hex } from '../protocol/bytes.ts';
import { admit, createRoster, expel, nextRoster, propose, sign } from '../protocol/federation/authority.ts';
import { encodeBundle } from '../protocol/federation/bundle.ts';
import { verifyJoin } from '../protocol/federation/join.ts';
import { dealKeepers } from '../protocol/federation/keepers.ts';
import type { Roster } from '../protocol/federation/roster.ts';
import { parseRoster } from '../protocol/federation/signed.ts';
import type { Signer } from '../protocol/identity.ts';
import type { Clock } from '../protocol/ports.ts';
import { idnpSystem } from '../protocol/tags/identifier.ts';
import type { Seeded } from './seeded.ts';

export class SimAuthority {
  readonly #seeded: Seeded;
  readonly #clock: Clock;
  readonly #signer: Signer;
  readonly #rosters: Uint8Array[] = [];
  readonly #cards: Uint8Array[] = [];
  readonly #boxes = new Map<string, BoxPublic>();

  constructor(seeded: Seeded, clock: Clock) {
    this.#seeded = seeded;
    this.#clock = clock;
    this.#signer = nativeSigner(seeded.bytes(32));
    const authorities = { keys: [hex(this.#signer.publicKey)], k: 1 };
    this.#next(createRoster({ ...this.#validity(), name: 'Simulated', authorities, defaultSystem: idnpSystem }));
  }

  /** The federation's id, hex. */
  get federation(): string {
    return parseRoster(this.#rosters[0]!).federation;
  }

  /** Admits everybody in one roster; gives their member ids, in order. */
  admit(joinRequests: readonly Uint8Array[]): string[] {
    let draft = this.#draft();
    const ids = joinRequests.map((bytes) => {
      const join = verifyJoin(bytes, nativeVerify);
      const id = hex(this.#seeded.bytes(16));
      draft = admit(draft, join, { id, from: this.#clock.now() - 60_000 });
      this.#boxes.set(id, join.card.value.boxKeys);
      this.#cards.push(join.request.card);
      return id;
    });
    this.#next(draft);
    return ids;
  }

  keepers(members: readonly string[], t: number): void {
    const keepers = members.map((member) => ({ member, box: this.#boxes.get(member)! }));
    const dealer = hex(this.#signer.publicKey);
    this.#next(dealKeepers(this.#draft(), { keepers, t, dealer }, this.#seeded.bytes));
  }

  expel(member: string): void {
    this.#next(expel(this.#draft(), member, this.#clock.now()));
  }

  /** The roster file as it is now. */
  get file(): Uint8Array {
    return encodeBundle({ rosters: this.#rosters, cards: this.#cards });
  }

  #draft(): Roster {
    return nextRoster(parseRoster(this.#rosters.at(-1)!), this.#validity());
  }

  #validity() {
    const now = this.#clock.now();
    return { issuedAt: now, expires: now + 365 * 24 * 3_600_000 };
  }

  #next(roster: Roster): void {
    this.#rosters.push(sign(propose(roster), this.#signer));
  }
}
