// Bytes that must be read from any place (a zip, a video) or later (bulk data) but came as a stream. Little stays in
// memory; more goes to the disk sealed under a key that only this process has, so that nothing readable is ever on it.
// What a crash leaves is cleared away at the next start, as every unfinished object is.
import type { Bulk } from '../../../protocol/bulk.ts';
import { hex } from '../../../protocol/bytes.ts';
import { must } from '../../../protocol/errors.ts';
import type { Random } from '../../../protocol/ports.ts';
import { headerBytes } from '../../../protocol/seal/header.ts';
import { newSalt } from '../../../protocol/seal/keys.ts';
import { openHeader, readRange } from '../../../protocol/seal/opener.ts';
import { Sealer } from '../../../protocol/seal/sealer.ts';
import type { ObjectStore, PartialObject } from '../../store/objects.ts';

export interface SpoolParts {
  readonly objects: Pick<ObjectStore, 'partial' | 'free'> & { freshName(): string };
  readonly bulk: Bulk;
  readonly random: Random;
}

export interface SpoolOptions {
  /** Longer is refused with import/too-large. */
  readonly maxBytes: number;
  /** What stays free on the disk. */
  readonly minFreeBytes?: number;
}

const memoryBytes = 64 * 1024;
/** How often the disk's free space is looked at. */
const lookBytes = 256 * 1024 * 1024;

export class Spool {
  readonly #options: SpoolOptions;
  readonly #parts: SpoolParts;
  readonly #digest;
  readonly #key: Uint8Array;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #length = 0;
  #lookAt = 0;
  #sealer: Sealer | undefined;
  #file: PartialObject | undefined;
  #plain: Uint8Array | undefined;

  constructor(options: SpoolOptions, parts: SpoolParts) {
    this.#options = options;
    this.#parts = parts;
    this.#digest = parts.bulk.blake3Stream();
    this.#key = parts.random(32);
  }

  /** Takes a whole stream. What was taken is discarded if it fails. @throws PeerError import/too-large, store/full */
  static async of(bytes: AsyncIterable<Uint8Array>, options: SpoolOptions, parts: SpoolParts): Promise<Spool> {
    const spool = new Spool(options, parts);
    try {
      for await (const piece of bytes) await spool.write(piece);
      await spool.finish();
    } catch (error) {
      await spool.discard();
      throw error;
    }
    return spool;
  }

  /** Bytes that have come. */
  get length(): number {
    return this.#length;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#length += bytes.length;
    must(this.#length <= this.#options.maxBytes, 'import/too-large');
    this.#digest.update(bytes);
    if (this.#sealer === undefined) {
      this.#held.push(new Uint8Array(bytes));
      this.#heldBytes += bytes.length;
      if (this.#heldBytes <= memoryBytes) return;
      await this.#toDisk();
      return;
    }
    await this.#room();
    await this.#seal(bytes);
  }

  /** All has come: it can be read. */
  async finish(): Promise<void> {
    if (this.#sealer === undefined) {
      this.#plain = Buffer.concat(this.#held);
      this.#held = [];
      return;
    }
    const { last, header } = this.#sealer.finish();
    await this.#file!.append([last]);
    await this.#file!.writeAt(0, header);
  }

  /** BLAKE3 of the bytes, hex; after `finish`. */
  digest(): string {
    return hex(this.#digest.digest());
  }

  /** Bytes [from, to) in pieces. */
  async *read(from = 0, to = this.#length): AsyncGenerator<Uint8Array> {
    if (this.#plain !== undefined) {
      if (to > from) yield this.#plain.subarray(from, to);
      return;
    }
    const read = (start: number, end: number) => this.#file!.read(start, end);
    const opener = openHeader(await read(0, headerBytes), this.#key, this.#parts.bulk);
    yield* readRange(opener, from, to, read);
  }

  /** The same in memory; for what was spooled with a limit, or a little of it. */
  async bytes(from = 0, to = this.#length): Promise<Uint8Array> {
    const whole = new Uint8Array(to - from);
    let at = 0;
    for await (const piece of this.read(from, to)) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  /** Leaves nothing of it; may be called at any time. */
  async discard(): Promise<void> {
    this.#held = [];
    this.#plain = undefined;
    const file = this.#file;
    this.#file = undefined;
    await file?.discard();
  }

  async #toDisk(): Promise<void> {
    const { objects, bulk, random } = this.#parts;
    await this.#room();
    this.#sealer = new Sealer({ parentKey: this.#key, salt: newSalt(this.#key, 'spool', random) }, { bulk });
    this.#file = await objects.partial(objects.freshName());
    await this.#file.append([this.#sealer.header]);
    for (const piece of this.#held) await this.#seal(piece);
    this.#held = [];
  }

  async #seal(bytes: Uint8Array): Promise<void> {
    for (const chunk of this.#sealer!.push(bytes)) await this.#file!.append([chunk]);
  }

  async #room(): Promise<void> {
    const { minFreeBytes = 0 } = this.#options;
    if (this.#length < this.#lookAt) return;
    this.#lookAt = this.#length + lookBytes;
    must((await this.#parts.objects.free()) >= minFreeBytes, 'store/full');
  }
}
