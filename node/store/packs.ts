// Packs: where small sealed objects lie one after the other, each behind a note of what the index is to say of it. An
// object and its note become durable by a single fsync, so that the database may follow without one; what it lost of
// that in a crash is read again from the notes. A file for each object would cost its creation and three fsyncs.
import type { Bulk } from '../../protocol/bulk.ts';
import { concat, equal, hex, uintBytes, unhex, utf8 } from '../../protocol/bytes.ts';
import { must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { LogFile } from '../audit/files.ts';
import type { ValueSealer } from './kv.ts';
import { full, type ObjectReader } from './objects.ts';

/** One pack's file: appended to, never changed. */
export interface PackFile extends Pick<LogFile, 'read' | 'stat' | 'datasync' | 'close'> {
  writev(pieces: Uint8Array[], position: number): Promise<{ bytesWritten: number }>;
}

/** The packs' folder; a pack's name is its number. */
export interface PackFiles {
  /** In ascending order. */
  list(): Promise<number[]>;
  /** Opens one that is there. */
  open(pack: number): Promise<PackFile>;
  /** Makes one; its name is durable when it resolves. */
  create(pack: number): Promise<PackFile>;
}

/** Where an object lies; `at` and `length` in bytes. */
export interface Place {
  readonly pack: number;
  readonly at: number;
  readonly length: number;
}

/** From here on something may not be in the database yet. */
export interface Mark {
  readonly pack: number;
  readonly at: number;
}

export interface Packed {
  readonly objectId: string;
  /** What the index is to say of it, in clear: sealed before it is written. */
  readonly note: Uint8Array;
  readonly object: readonly Uint8Array[];
}

/** An object as `since` finds it. */
export interface Found {
  readonly objectId: string;
  readonly place: Place;
  /** @throws PeerError store/corrupt */
  note(): Promise<Uint8Array>;
}

// magic, note length (4), object length (6), object id (32), hash of all that and the note (16)
const magic = utf8('DNPACK1\n');
const fieldsBytes = magic.length + 4 + 6 + 32;
const frameBytes = fieldsBytes + 16;
const notePlace = (objectId: string): Uint8Array => utf8(`pack ${objectId}`);

export class Packs {
  readonly #files: PackFiles;
  readonly #sealer: ValueSealer;
  readonly #bulk: Pick<Bulk, 'blake3'>;
  #writer: PackFile | undefined;
  #pack = 0;
  #end = 0;

  private constructor(parts: { files: PackFiles; sealer: ValueSealer; bulk: Pick<Bulk, 'blake3'> }) {
    this.#files = parts.files;
    this.#sealer = parts.sealer;
    this.#bulk = parts.bulk;
  }

  /** What is appended goes into a pack of its own: whatever a crash left at the end of the last one stays there. */
  static async open(parts: { files: PackFiles; sealer: ValueSealer; bulk: Pick<Bulk, 'blake3'> }): Promise<Packs> {
    const packs = new Packs(parts);
    packs.#pack = (await parts.files.list()).at(-1) ?? 0;
    return packs;
  }

  /** Where the next object would come. */
  get end(): Mark {
    return this.#writer === undefined ? { pack: this.#pack + 1, at: 0 } : { pack: this.#pack, at: this.#end };
  }

  /** Durable when it resolves; one call at a time. @throws PeerError store/full */
  async append(entries: readonly Packed[]): Promise<Place[]> {
    const file = await this.#ready();
    const pieces: Uint8Array[] = [];
    const places: Place[] = [];
    let at = this.#end;
    for (const { objectId, note, object } of entries) {
      const sealed = this.#sealer.seal(notePlace(objectId), note);
      if (sealed.length > limits.packNoteBytes) throw new RangeError('no reader takes so long a note');
      const length = object.reduce((sum, each) => sum + each.length, 0);
      const frame = this.#frame(objectId, sealed, length);
      pieces.push(frame, sealed, ...object);
      places.push({ pack: this.#pack, at: at + frame.length + sealed.length, length });
      at += frame.length + sealed.length + length;
    }
    await writeAll(file, pieces, this.#end, at - this.#end);
    await file.datasync().catch(full);
    this.#end = at;
    return places;
  }

  /** An object's bytes by position; `close` it. */
  async reader({ pack, at, length }: Place): Promise<ObjectReader> {
    const file = await this.#files.open(pack);
    return {
      read: (from, to) => readAt(file, at + from, Math.max(0, Math.min(to, length) - from)),
      close: () => file.close(),
    };
  }

  /** Everything that was appended from a mark on, pack by pack, up to what is no entry any more. */
  async *since(mark: Mark): AsyncIterable<Found> {
    for (const pack of await this.#files.list()) {
      if (pack < mark.pack) continue;
      const file = await this.#files.open(pack);
      try {
        yield* this.#entries(pack, file, pack === mark.pack ? mark.at : 0);
      } finally {
        await file.close();
      }
    }
  }

  async close(): Promise<void> {
    await this.#writer?.close();
    this.#writer = undefined;
  }

  async *#entries(pack: number, file: PackFile, from: number): AsyncIterable<Found> {
    const { size } = await file.stat();
    for (let at = from; ; ) {
      const found = await this.#entry(pack, file, at, size);
      if (found === undefined) return;
      yield found;
      at = found.place.at + found.place.length;
    }
  }

  #frame(objectId: string, note: Uint8Array, length: number): Uint8Array {
    const fields = concat(magic, uintBytes(note.length, 4), uintBytes(length, 6), unhex(objectId));
    return concat(fields, this.#check(fields, note));
  }

  #check(fields: Uint8Array, note: Uint8Array): Uint8Array {
    return this.#bulk.blake3(concat(fields, note)).subarray(0, 16);
  }

  async #entry(pack: number, file: PackFile, start: number, size: number): Promise<Found | undefined> {
    if (start + frameBytes > size) return undefined;
    const frame = await readAt(file, start, frameBytes);
    if (!equal(frame.subarray(0, magic.length), magic)) return undefined;
    const noteLength = frame.readUIntBE(magic.length, 4);
    const length = frame.readUIntBE(magic.length + 4, 6);
    const at = start + frameBytes + noteLength;
    if (noteLength > limits.packNoteBytes || at + length > size) return undefined;
    const note = await readAt(file, start + frameBytes, noteLength);
    if (!equal(this.#check(frame.subarray(0, fieldsBytes), note), frame.subarray(fieldsBytes))) return undefined;
    const objectId = hex(frame.subarray(magic.length + 10, fieldsBytes));
    return { objectId, place: { pack, at, length }, note: async () => this.#sealer.open(notePlace(objectId), note) };
  }

  /** The pack to append to; a new one where the last is full, and first of all. */
  async #ready(): Promise<PackFile> {
    if (this.#writer !== undefined && this.#end < limits.packBytes) return this.#writer;
    await this.close();
    this.#pack += 1; // also when it can't be made: half of it may be there
    this.#end = 0;
    this.#writer = await this.#files.create(this.#pack).catch(full);
    return this.#writer;
  }
}

async function writeAll(file: PackFile, pieces: Uint8Array[], position: number, length: number): Promise<void> {
  const { bytesWritten } = await file.writev(pieces, position).catch(full);
  if (bytesWritten !== length) throw new PeerError('store/full');
}

async function readAt(file: PackFile, position: number, length: number): Promise<Buffer> {
  const out = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await file.read(out, 0, length, position);
  must(bytesRead === length, 'store/corrupt', { at: 'pack' });
  return out;
}
