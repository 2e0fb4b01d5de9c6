// The object store in memory: objects whose name was synced are durable, one that was placed alone may be a partial file
// again after a power cut. Partial files are what the page cache holds, so that they outlive a killed process, and come
// torn out of a power cut.
import {
  checkObjectId,
  checkPartialName,
  type ObjectReader,
  type ObjectStore,
  type PartialObject,
  readPieces,
} from '../../node/store/objects.ts';
import { hex } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import type { Process } from '../process.ts';
import type { Seeded } from '../seeded.ts';
import { FileBytes } from './bytes.ts';

export class ObjectContent {
  readonly objects = new Map<string, Uint8Array>();
  readonly partials = new Map<string, FileBytes>();
  /** Objects whose name is not on disk yet, with the partial file that each was, and whether it was kept already. */
  readonly #unsynced = new Map<string, { readonly name: string; readonly kept: boolean }>();

  /** A partial file becomes an object. */
  place(name: string, objectId: string, bytes: Uint8Array): void {
    const kept = this.objects.has(objectId) && this.#unsynced.get(objectId)?.kept !== false;
    this.#unsynced.set(objectId, { name, kept });
    this.objects.set(objectId, bytes);
    this.partials.delete(name);
  }

  sync(objectId: string): void {
    this.#unsynced.delete(objectId);
  }

  losePower(seeded: Seeded): void {
    for (const [name, file] of [...this.partials]) {
      if (seeded.chance(0.2)) this.partials.delete(name);
      else if (seeded.chance(0.5)) tear(file, seeded);
    }
    for (const [objectId, { name, kept }] of this.#unsynced) {
      const bytes = this.objects.get(objectId);
      if (bytes === undefined || seeded.chance(0.5)) continue;
      const file = new FileBytes();
      file.write(0, bytes);
      this.partials.set(name, file);
      if (!kept) this.objects.delete(objectId);
    }
    this.#unsynced.clear();
  }

  *raw(): Generator<Uint8Array> {
    yield* this.objects.values();
    for (const file of this.partials.values()) yield file.view;
  }
}

/** Cut short, and with a page in it that was never written. */
function tear(file: FileBytes, seeded: Seeded): void {
  file.truncate(seeded.int(file.length + 1));
  if (file.length === 0 || seeded.chance(0.5)) return;
  const from = seeded.int(file.length);
  file.view.fill(0, from, from + 512);
}

export function openObjects(
  content: ObjectContent,
  { process, seeded, syncMs }: { process: Process; seeded: Seeded; syncMs: () => number },
): ObjectStore & { freshName(): string } {
  const { objects, partials } = content;
  const kept = (objectId: string): Uint8Array => {
    checkObjectId(objectId);
    const bytes = objects.get(objectId);
    if (bytes === undefined) throw new PeerError('store/object-missing', { objectId });
    return bytes;
  };
  const reader = (objectId: string): Promise<ObjectReader> =>
    process.only(() => {
      const bytes = kept(objectId);
      return {
        read: (from, to) => process.only(() => bytes.slice(from, to)),
        close: () => process.only(() => undefined),
      };
    });
  return {
    has: (objectId) =>
      process.only(() => {
        checkObjectId(objectId);
        return objects.has(objectId);
      }),
    size: (objectId) => process.only(() => kept(objectId).length),
    read: (objectId, from, to) => readPieces(() => reader(objectId), objectId, from, to),
    reader,
    partial: (name) =>
      process.only(() => {
        checkPartialName(name);
        const file = partials.get(name) ?? new FileBytes();
        partials.set(name, file);
        return new MemoryPartial(file, name, { content, process, syncMs });
      }),
    partials: () => process.only(() => [...partials.keys()]),
    sync: (objectIds) =>
      process.only(() => {
        for (const each of objectIds) checkObjectId(each);
        for (const each of objectIds) content.sync(each);
      }),
    remove: (objectId) =>
      process.only(() => {
        checkObjectId(objectId);
        objects.delete(objectId);
      }),
    free: () => process.only(() => 2 ** 40),
    freshName: () => hex(seeded.bytes(16)),
  };
}

interface SimObjectParts {
  readonly content: ObjectContent;
  readonly process: Process;
  readonly syncMs: () => number;
}

class MemoryPartial implements PartialObject {
  readonly #file: FileBytes;
  readonly #name: string;
  readonly #parts: SimObjectParts;
  length: number;

  constructor(file: FileBytes, name: string, parts: SimObjectParts) {
    this.#file = file;
    this.#name = name;
    this.#parts = parts;
    this.length = file.length;
  }

  append(bytes: readonly Uint8Array[]): Promise<void> {
    const data = Buffer.concat(bytes);
    const at = this.length;
    this.length += data.length;
    return this.#write(at, data);
  }

  writeAt(position: number, bytes: Uint8Array): Promise<void> {
    return this.#write(position, bytes.slice());
  }

  #write(at: number, data: Uint8Array): Promise<void> {
    return this.#parts.process.write(
      0,
      () => this.#file.write(at, data),
      (seeded) => this.#file.write(at, data.subarray(0, seeded.int(data.length + 1))),
    );
  }

  async truncate(length: number): Promise<void> {
    await this.#parts.process.only(() => this.#file.truncate(length));
    this.length = length;
  }

  read(from: number, to: number): Promise<Uint8Array> {
    return this.#parts.process.only(() => this.#file.view.slice(from, to));
  }

  async place(objectId: string): Promise<void> {
    checkObjectId(objectId);
    const { content, process, syncMs } = this.#parts;
    const rename = () => content.place(this.#name, objectId, this.#file.view.slice());
    await process.write(syncMs(), rename, (seeded) => seeded.chance(0.5) && rename());
  }

  async commit(objectId: string): Promise<void> {
    await this.place(objectId);
    await this.#parts.process.only(() => this.#parts.content.sync(objectId));
  }

  close(): Promise<void> {
    return this.#parts.process.only(() => undefined);
  }

  discard(): Promise<void> {
    return this.#parts.process.only(() => void this.#parts.content.partials.delete(this.#name));
  }
}
