// Seals one instance into a partial file while it arrives. Memory: one chunk; pieces are gathered into few writes.
import type { Bulk } from '../../protocol/bulk.ts';
import type { Random } from '../../protocol/ports.ts';
import { newSalt } from '../../protocol/seal/keys.ts';
import { Sealer } from '../../protocol/seal/sealer.ts';
import type { PartialObject } from '../store/objects.ts';

/** What the index says of a sealed object; lengths in bytes. */
export interface Sealed {
  readonly objectId: string;
  readonly sealedLength: number;
  readonly plainLength: number;
}

/** Sealed chunks wait until they are worth a write. */
const writeBytes = 1024 * 1024;

export class Sealing {
  readonly #file: PartialObject;
  readonly #sealer: Sealer;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #state: 'open' | 'done' = 'open';

  /** @param what hedges the salt: the SOP Instance UID, or what else tells this object from others */
  constructor(
    options: { seriesKey: Uint8Array; what: string },
    parts: { file: PartialObject; bulk: Bulk; random: Random },
  ) {
    const salt = newSalt(options.seriesKey, options.what, parts.random);
    this.#sealer = new Sealer({ parentKey: options.seriesKey, salt }, { bulk: parts.bulk });
    this.#file = parts.file;
    this.#waiting.push(this.#sealer.header);
  }

  async write(plain: Uint8Array): Promise<void> {
    for (const chunk of this.#sealer.push(plain)) {
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
      if (this.#waitingBytes >= writeBytes) await this.#flush();
    }
  }

  /** All bytes are in the file, which has neither its name nor its place yet. */
  async finish(): Promise<Sealed> {
    const { last, header, objectId, sealedLength, plainLength } = this.#sealer.finish();
    this.#waiting.push(last);
    if (this.#file.length === 0) {
      this.#waiting[0] = header; // nothing has been written yet: the placeholder need never be
      await this.#flush();
    } else {
      await this.#flush();
      await this.#file.writeAt(0, header);
    }
    return { objectId, sealedLength, plainLength };
  }

  /** Its bytes are on disk and in their place when it resolves; the name is after the store's `sync`. */
  async place(objectId: string): Promise<void> {
    if (this.#state === 'done') return;
    this.#state = 'done';
    await this.#file.place(objectId);
  }

  /** Removes what hasn't been committed. */
  async discard(): Promise<void> {
    if (this.#state === 'done') return;
    this.#state = 'done';
    await this.#file.discard();
  }

  async #flush(): Promise<void> {
    const pieces = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#file.append(pieces);
  }
}
