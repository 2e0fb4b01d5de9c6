// The one way in. Whatever comes (C-STORE, a file, later STOW-RS) flows through here: read while it arrives, sealed,
// and acknowledged only when the sealed object, its index entry and its key are on disk. The same instance again
// changes nothing; another content under the same SOP Instance UID, another patient's study and what can't be read are
// kept aside, sealed, for a person to decide. Copies that a grant brought come in by `adopt`.

import { hex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { type ArrivedCopy, adopt, type Copies } from './adopt.ts';
import { type Announced, ArrivingInstance, type ImportOptions, type ImportParts } from './arriving-instance.ts';
import { SealMemory } from './sealing.ts';

/** How long a look at the disk's free space counts. */
const freeMs = 1_000;

export class Importer {
  readonly #options: ImportOptions;
  readonly #parts: ImportParts;
  readonly #memory = new SealMemory();
  #space: { readonly at: number; readonly bytes: number } | undefined;
  /** Names of studies whose first instance is under way, so that all its instances get one key. */
  readonly #coming = new Map<string, { id: string; ref: string; users: number }>();

  constructor(options: ImportOptions, parts: ImportParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Begins one instance; its data set follows by `write`. @throws PeerError store/full */
  async open(announced: Announced): Promise<ArrivingInstance> {
    if ((await this.#free()) < this.#options.minFreeBytes) throw new PeerError('store/full');
    return new ArrivingInstance(announced, this.#options, this.#parts, {
      enter: (uid) => this.#enter(uid),
      leave: (uid) => this.#leave(uid),
      memory: this.#memory,
    });
  }

  /** Takes in copies that arrived under a grant; durable when it resolves. @throws PeerError store/* */
  async adopt(copies: Copies, arrived: readonly ArrivedCopy[]): Promise<void> {
    const study = this.#enter(copies.studyUid);
    try {
      await adopt(this.#parts, study, copies, arrived);
    } finally {
      this.#leave(copies.studyUid);
    }
  }

  async #free(): Promise<number> {
    const { objects, clock } = this.#parts;
    const now = clock.now();
    if (this.#space === undefined || Math.abs(now - this.#space.at) > freeMs) {
      this.#space = { at: now, bytes: await objects.free() };
    }
    return this.#space.bytes;
  }

  #enter(uid: string): { id: string; ref: string } {
    const study = this.#parts.index.study(uid);
    const fresh = () => ({ id: hex(this.#parts.random(16)), ref: hex(this.#parts.random(16)), users: 0 });
    const coming =
      this.#coming.get(uid) ?? (study === undefined ? fresh() : { id: study.id, ref: study.ref, users: 0 });
    coming.users++;
    this.#coming.set(uid, coming);
    return coming;
  }

  #leave(uid: string): void {
    const coming = this.#coming.get(uid);
    if (coming !== undefined && --coming.users === 0) this.#coming.delete(uid);
  }
}
