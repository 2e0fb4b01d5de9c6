// What is on disk of a fetch: partial files and the hashes of their chunks; how both are taken up after a restart.
import { type Bulk, hashBytes } from '../../../protocol/bulk.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { headerBytes } from '../../../protocol/seal/header.ts';
import type { ObjectStore, PartialObject } from '../../store/objects.ts';
import { ArrivingObject, ChunkBuffers, type ExpectedObject } from './arriving-object.ts';
import type { SavedProgress } from './fetch-progress.ts';

/** The name of a partial file. */
export const partialName = (transfer: string, index: number): string => `${transfer}-${index.toString(16)}`;

export interface FilesParts {
  readonly transfer: string;
  readonly progress: SavedProgress;
  readonly objects: Pick<ObjectStore, 'has' | 'partial'>;
  readonly bulk: Bulk;
  readonly expected: (index: number) => ExpectedObject | undefined;
}

export class FetchFiles {
  readonly #parts: FilesParts;
  readonly #begun = new Map<number, ArrivingObject>();
  readonly #complete = new Map<number, PartialObject>();

  constructor(parts: FilesParts) {
    this.#parts = parts;
  }

  /**
   * Takes up what an earlier run left.
   * @param clean false after a power cut: chunks are then held against their hashes, else nothing is hashed again
   * @returns objects that are complete (with their file, or held by the store already) and verified bytes of others
   */
  async resume(clean: boolean) {
    const { progress, objects } = this.#parts;
    const complete = new Map<number, PartialObject | undefined>();
    const partials = new Map<number, number>();
    for (const [index, hashes] of progress.parts()) {
      const expected = this.#parts.expected(index);
      const file = await this.#file(index);
      const held = expected !== undefined && (await objects.has(expected.objectId));
      const object = expected === undefined || held ? undefined : await this.#restore(expected, file, hashes, clean);
      if (object?.complete) {
        complete.set(index, file);
      } else if (object !== undefined) {
        await file.close();
        this.#begun.set(index, object);
        partials.set(index, object.verified);
      } else {
        await file.discard();
        if (held) complete.set(index, undefined);
        else await progress.drop(index);
      }
    }
    return { complete, partials };
  }

  /** The object as far as its file bears out what is remembered of it; undefined if nothing is left of it. */
  async #restore(expected: ExpectedObject, file: PartialObject, hashes: Uint8Array, clean: boolean) {
    if (file.length < headerBytes) return undefined;
    const header = await file.read(0, headerBytes);
    const make = (known: Uint8Array) => this.#make(expected, { header, hashes: known });
    try {
      const all = make(hashes);
      const chunks = await soundChunks(all, file, hashes.length / hashBytes, clean);
      const sound = hashes.subarray(0, chunks * hashBytes);
      if (sound.length < hashes.length) await this.#parts.progress.cut(expected.index, sound);
      const object = chunks === 0 ? undefined : make(sound);
      if (object?.complete) object.checkId();
      return object;
    } catch (error) {
      // a header or a list of hashes that was damaged with the file: the object comes anew
      if (error instanceof PeerError && error.code.startsWith('seal/')) return undefined;
      throw error;
    }
  }

  /** The object, ready to take its byte at `from`. */
  begin(index: number, from: number, buffers: ChunkBuffers): ArrivingObject {
    const begun = from === 0 ? undefined : this.#begun.get(index)?.upTo(from);
    const object = this.#make(this.#parts.expected(index)!, begun, buffers);
    if (object.verified !== from) throw new Error(`object ${index} goes on at ${from}, not at ${object.verified}`);
    this.#begun.set(index, object);
    return object;
  }

  /** Its file, cut to where it began in this run. @throws PeerError store/corrupt when the file lost what it had */
  async openFile({ expected, startedAt }: ArrivingObject): Promise<PartialObject> {
    const file = await this.#file(expected.index);
    if (file.length < startedAt) throw new PeerError('store/corrupt', { at: 'partial' });
    if (file.length > startedAt) await file.truncate(startedAt);
    return file;
  }

  /** Remembers the hashes of the object's verified chunks. */
  remember(object: ArrivingObject): Promise<void> {
    return this.#parts.progress.chunk(object.expected.index, object.hashes);
  }

  async discard(object: ArrivingObject, file: PartialObject | undefined): Promise<void> {
    this.#begun.delete(object.expected.index);
    await file?.close();
    await this.#parts.progress.drop(object.expected.index);
  }

  complete(index: number, file: PartialObject): void {
    this.#begun.delete(index);
    this.#complete.set(index, file);
  }

  /** Hands over the file of a complete object. */
  take(index: number): PartialObject | undefined {
    const file = this.#complete.get(index);
    this.#complete.delete(index);
    return file;
  }

  /** Closes what nobody took. */
  async close(): Promise<void> {
    for (const file of this.#complete.values()) await file.close();
  }

  #make(expected: ExpectedObject, begun?: { header: Uint8Array; hashes: Uint8Array }, buffers = new ChunkBuffers()) {
    return new ArrivingObject(expected, { bulk: this.#parts.bulk, buffers }, begun);
  }

  #file(index: number): Promise<PartialObject> {
    return this.#parts.objects.partial(partialName(this.#parts.transfer, index));
  }
}

/** How many of the first `count` chunks are on disk, and after a power cut what was verified. */
async function soundChunks(object: ArrivingObject, file: PartialObject, count: number, clean: boolean) {
  for (let chunk = 0; chunk < count; chunk++) {
    const { from, to } = object.placeOf(chunk);
    if (to > file.length) return chunk;
    if (!clean && !object.holds(chunk, await file.read(from, to))) return chunk;
  }
  return count;
}
