// From identifiers to tags: by the keepers' blind evaluation, or from the vault for patients who were evaluated before.
import { unhex } from '../../../protocol/bytes.ts';
import { epochsToLookUp, epochsToPublish, patientTag } from '../../../protocol/tags/epoch.ts';
import { normalize, oprfInput } from '../../../protocol/tags/identifier.ts';
import type { Bucket } from '../../store/kv.ts';
import type { Vault } from '../../store/vault.ts';

/** What the keepers made of an identifier: y (64 bytes) in one generation of the index key. */
export interface TagSecret {
  readonly y: Uint8Array;
  readonly generation: number;
}

export interface PatientTag {
  readonly tag: string;
  readonly epoch: number;
}

export interface PatientTagsParts {
  readonly bucket: Bucket;
  readonly vault: Vault;
  /** The keepers' evaluation of up to 256 inputs in one generation. @throws PeerError tags/* */
  readonly evaluate: (inputs: Uint8Array[], signal?: AbortSignal) => Promise<{ y: Uint8Array[]; generation: number }>;
  /** The generation of the index key in force. @throws PeerError tags/no-key */
  readonly generation: () => number;
}

/** Identifiers evaluated in one exchange with the keepers. */
const batch = 256;

export class PatientTags {
  readonly #parts: PatientTagsParts;

  constructor(parts: PatientTagsParts) {
    this.#parts = parts;
  }

  /** One identifier somebody asks about: evaluated anew unless it is one of our own patients'. Nothing is kept. */
  async secret(system: string, value: string, signal?: AbortSignal): Promise<TagSecret> {
    const normalized = normalize(system, value).value;
    const known = await this.#known(system, normalized);
    if (known !== undefined) return known;
    const { y, generation } = await this.#parts.evaluate([oprfInput(system, normalized)], signal);
    return { y: y[0]!, generation };
  }

  /** Our own patients' identifiers (normalized values), evaluated once in each generation and kept in the vault. */
  async ownSecrets(identifiers: readonly { system: string; value: string }[]): Promise<TagSecret[]> {
    const known = await Promise.all(identifiers.map(({ system, value }) => this.#known(system, value)));
    const missing = identifiers.filter((_, i) => known[i] === undefined);
    const fresh: TagSecret[] = [];
    for (let at = 0; at < missing.length; at += batch) {
      const part = missing.slice(at, at + batch);
      const { y, generation } = await this.#parts.evaluate(part.map((each) => oprfInput(each.system, each.value)));
      for (const [i, each] of part.entries())
        fresh.push(await this.#keep(each.system, each.value, { y: y[i]!, generation }));
    }
    return known.map((each) => each ?? fresh.shift()!);
  }

  async #known(system: string, value: string): Promise<TagSecret | undefined> {
    const row = await this.#parts.bucket.get(this.#key(system, value));
    if (row === undefined) return undefined;
    const generation = new DataView(row.buffer, row.byteOffset).getUint32(0);
    return generation === this.#parts.generation() ? { y: row.subarray(4), generation } : undefined;
  }

  async #keep(system: string, value: string, secret: TagSecret): Promise<TagSecret> {
    const row = new Uint8Array(4 + secret.y.length);
    new DataView(row.buffer).setUint32(0, secret.generation);
    row.set(secret.y, 4);
    await this.#parts.bucket.put(this.#key(system, value), row);
    return secret;
  }

  #key(system: string, value: string): Uint8Array {
    return this.#parts.vault.name('identifier', `${system}|${value}`);
  }
}

/** Where to publish now: this epoch's tag and, a day ahead, the next one's. */
export const tagsToPublish = ({ y, generation }: TagSecret, now: number): PatientTag[] =>
  epochsToPublish(now).map((epoch) => ({ tag: patientTag(y, generation, epoch), epoch }));

/** Where to look now: this epoch's tag and, for a day, the last one's. */
export const tagsToLookUp = ({ y, generation }: TagSecret, now: number): PatientTag[] =>
  epochsToLookUp(now).map((epoch) => ({ tag: patientTag(y, generation, epoch), epoch }));

/** A tag as a database key. */
export const tagKey = (tag: string): Uint8Array => unhex(tag);
