// The object store in memory: objects with a name are durable, partial files are what the page cache holds, so that
// they outlive a killed process, and come torn out of a power cut.
import type { ObjectStore, PartialObject } from '../../node/store/objects.ts';
import { hex } from '../../protocol/bytes.ts';
import { PeerError } from '../../protocol/errors.ts';
import type { Process } from '../process.ts';
import type { Seeded } from '../seeded.ts';
import { FileBytes } from './bytes.ts';

export class ObjectContent {
  readonly objects = new Map<string, Uint8Array>();
  readonly partials = new Map<string, FileBytes>();

  losePower(seeded: Seeded): void {
    for (const [name, file] of [...this.partials]) {
      if (seeded.chance(0.2)) this.partials.delete(name);
      else if (seeded.chance(0.5)) tear(file, seeded);
    }
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

const pieceBytes = 1024 * 1024;

export function openObjects(
  content: ObjectContent,
  { process, seeded, syncMs }: { process: Process; seeded: Seeded; syncMs: () => number },
): ObjectStore & { freshName(): string } {
  const { objects, partials } = content;
  const kept = (objectId: string): Uint8Array => {
    const bytes = objects.get(objectId);
    if (bytes === undefined) throw new PeerError('store/object-missing', { objectId });
    return bytes;
  };
  return {
    has: (objectId) => process.only(() => objects.has(objectId)),
    size: (objectId) => process.only(() => kept(objectId).length),
    read: async function* (objectId, from, to) {
      for (let at = from; at < to; at += pieceBytes) {
        yield await process.only(() => {
          const piece = kept(objectId).slice(at, Math.min(to, at + pieceBytes));
          if (piece.length === 0) throw new PeerError('store/corrupt', { objectId });
          return piece;
        });
      }
    },
    reader: (objectId) =>
      process.only(() => {
        const bytes = kept(objectId);
        return {
          read: (from, to) => process.only(() => bytes.slice(from, to)),
          close: () => process.only(() => undefined),
        };
      }),
    partial: (name) =>
      process.only(() => {
        const file = partials.get(name) ?? new FileBytes();
        partials.set(name, file);
        return new MemoryPartial(file, name, { content, process, syncMs });
      }),
    partials: () => process.only(() => [...partials.keys()]),
    sync: () => process.only(() => undefined), // a journal keeps order: who reads what came later has the name too
    remove: (objectId) => process.only(() => void objects.delete(objectId)),
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

  place(objectId: string): Promise<void> {
    return this.commit(objectId);
  }

  commit(objectId: string): Promise<void> {
    const { content, process, syncMs } = this.#parts;
    const rename = () => {
      content.objects.set(objectId, this.#file.view.slice());
      content.partials.delete(this.#name);
    };
    return process.write(syncMs(), rename, (seeded) => seeded.chance(0.5) && rename());
  }

  close(): Promise<void> {
    return this.#parts.process.only(() => undefined);
  }

  discard(): Promise<void> {
    return this.#parts.process.only(() => void this.#parts.content.partials.delete(this.#name));
  }
}
