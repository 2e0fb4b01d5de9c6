// Packs: where small sealed objects lie one after the other, each with a note of what the index is to say of it. An
// object and its note become durable by a single fsync, so that the database may follow without one; what it lost of
// that in a crash is read again from the notes. A file for each object would cost its creation and three fsyncs. Two are
// open: one takes whole objects, many at a time; the other one object, while it arrives (early-pack.ts).
import type { Bulk } from '../../../protocol/bulk.ts';
import { utf8 } from '../../../protocol/bytes.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ValueSealer } from '../kv.ts';
import { full, type ObjectReader } from '../objects.ts';
import { blockBytes, type EarlyObject, EarlyPack } from './early-pack.ts';
import type { PackFile, PackFiles } from './pack-files.ts';
import { type PackPlace, packFrame, packFrameBytes, readPackFrame } from './pack-frame.ts';
import { holds, type PackNumbers } from './pack-numbers.ts';

/** A position in a pack. */
interface Position {
  readonly pack: number;
  readonly at: number;
}

/** From here on something may not be in the database yet: from a position, and from one in each pack before that is open. */
export interface Mark extends Position {
  readonly open?: readonly Position[];
}

/** A sealed object that is whole in memory. */
export interface Whole {
  readonly pieces: readonly Uint8Array[];
  /** Where it was written while it arrived, perhaps. */
  readonly early?: EarlyObject | undefined;
}

export interface Packed {
  readonly objectId: string;
  /** What the index is to say of it, in clear: sealed before it is written. */
  readonly note: Uint8Array;
  readonly object: Whole;
}

/** The same with its note sealed. */
interface PackEntry extends Packed {
  readonly length: number;
}

/** An object as `since` finds it. */
export interface FoundObject {
  readonly objectId: string;
  readonly place: PackPlace;
  /** @throws PeerError store/corrupt */
  note(): Promise<Uint8Array>;
}

const notePlace = (objectId: string): Uint8Array => utf8(`pack ${objectId}`);

export interface PackParts {
  readonly files: PackFiles;
  readonly numbers: Pick<PackNumbers, 'last' | 'next'>;
  readonly sealer: ValueSealer;
  readonly bulk: Pick<Bulk, 'blake3'>;
}

/** What is appended goes into packs of their own: whatever a crash left at the end of the last one stays there. */
export class Packs {
  readonly #files: PackFiles;
  readonly #numbers: Pick<PackNumbers, 'last' | 'next'>;
  readonly #sealer: ValueSealer;
  readonly #bulk: Pick<Bulk, 'blake3'>;
  #writer: PackFile | undefined;
  #pack = 0;
  #end = 0;
  #early: EarlyPack | 'opening' | 'impossible' | undefined;
  #opening: Promise<void> | undefined;

  constructor(parts: PackParts) {
    this.#files = parts.files;
    this.#numbers = parts.numbers;
    this.#sealer = parts.sealer;
    this.#bulk = parts.bulk;
  }

  /** Where the next objects would come. */
  get end(): Mark {
    const open: Position[] = [];
    if (this.#writer !== undefined) open.push({ pack: this.#pack, at: this.#end });
    if (this.#early instanceof EarlyPack) open.push({ pack: this.#early.pack, at: this.#early.end });
    return { pack: this.#numbers.last + 1, at: 0, ...(open.length > 0 && { open }) };
  }

  /** A place for an object that begins to arrive, if it is free; give it back. */
  early(): EarlyObject | undefined {
    const early = this.#early;
    if (early === 'opening' || early === 'impossible') return undefined;
    if (early !== undefined && early.end < limits.packBytes) return early.take();
    this.#early = 'opening';
    this.#opening = this.#openEarly(early).catch(() => {
      this.#early = 'impossible'; // as where the file system can't: nothing was lost, and objects go the other way
    });
    return undefined;
  }

  /** Durable when it resolves; one call at a time. @throws PeerError store/full */
  async append(entries: readonly Packed[]): Promise<PackPlace[]> {
    const sealed = entries.map((each): PackEntry => {
      const note = this.#sealer.seal(notePlace(each.objectId), each.note);
      if (note.length > limits.packNoteBytes) throw new RangeError('no reader takes so long a note');
      return { ...each, note, length: each.object.pieces.reduce((sum, piece) => sum + piece.length, 0) };
    });
    const places = new Map<PackEntry, PackPlace>();
    const finish = async (each: PackEntry): Promise<void> => {
      const place = await each.object.early!.finish(each);
      if (place !== undefined) places.set(each, place);
    };
    const early = sealed.filter(({ object }) => object.early !== undefined);
    const others = sealed.filter(({ object }) => object.early === undefined);
    await Promise.all([...early.map(finish), this.#append(others, places)]);
    const failed = early.filter((each) => !places.has(each));
    await this.#append(failed, places);
    return sealed.map((each) => places.get(each)!);
  }

  async #append(entries: readonly PackEntry[], places: Map<PackEntry, PackPlace>): Promise<void> {
    if (entries.length === 0) return;
    const file = await this.#ready();
    const pieces: Uint8Array[] = [];
    let at = this.#end;
    for (const entry of entries) {
      const { objectId, note, object, length } = entry;
      const frame = packFrame('note-first', { objectId, note, length }, this.#bulk);
      pieces.push(frame, note, ...object.pieces);
      places.set(entry, { pack: this.#pack, at: at + frame.length + note.length, length });
      at += frame.length + note.length + length;
    }
    await writeAll(file, pieces, this.#end, at - this.#end);
    await file.datasync().catch(full);
    this.#end = at;
  }

  /** Whether the bytes are there. */
  holds(place: PackPlace): Promise<boolean> {
    return holds(this.#files, place);
  }

  /** An object's bytes by position; `close` it. @throws PeerError store/object-missing when its pack is not there */
  async reader({ pack, at, length }: PackPlace): Promise<ObjectReader> {
    const file = await this.#files.open(pack).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') throw new PeerError('store/object-missing', { pack }, { cause });
      throw cause;
    });
    return {
      read: (from, to) => readAt(file, at + from, Math.max(0, Math.min(to, length) - from)),
      close: () => file.close(),
    };
  }

  /** Everything that was appended from a mark on, pack by pack, up to what is no entry any more. */
  async *since(mark: Mark): AsyncIterable<FoundObject> {
    for (const pack of await this.#files.list()) {
      const known = pack === mark.pack ? mark : mark.open?.find((each) => each.pack === pack);
      if (known === undefined && pack < mark.pack) continue;
      const file = await this.#files.open(pack);
      try {
        yield* this.#entries(pack, file, known?.at ?? 0);
      } finally {
        await file.close();
      }
    }
  }

  async close(): Promise<void> {
    await this.#opening;
    if (this.#early instanceof EarlyPack) await this.#early.close();
    this.#early = 'impossible';
    await this.#writer?.close();
    this.#writer = undefined;
  }

  async *#entries(pack: number, file: PackFile, from: number): AsyncIterable<FoundObject> {
    const { size } = await file.stat();
    for (let at = from; ; ) {
      const found = await this.#entry(pack, file, at, size);
      if (found === undefined) return;
      yield found;
      at = found.end;
    }
  }

  async #entry(
    pack: number,
    file: PackFile,
    start: number,
    size: number,
  ): Promise<(FoundObject & { end: number }) | undefined> {
    if (start + packFrameBytes > size) return undefined;
    const frame = readPackFrame(await readAt(file, start, packFrameBytes), this.#bulk);
    if (frame === undefined) return undefined;
    const { objectId, layout, noteLength, length } = frame;
    const first = start + packFrameBytes;
    const end = first + noteLength + length;
    if (noteLength > limits.packNoteBytes || end > size) return undefined;
    const [at, noteAt] = layout === 'note-first' ? [first + noteLength, first] : [first, first + length];
    const note = await readAt(file, noteAt, noteLength);
    if (!frame.fits(note)) return undefined;
    return {
      objectId,
      place: { pack, at, length },
      note: async () => this.#sealer.open(notePlace(objectId), note),
      end: layout === 'note-first' ? end : Math.ceil(end / blockBytes) * blockBytes,
    };
  }

  /** Goes on with another pack for early objects, or for good without. */
  async #openEarly(before: EarlyPack | undefined): Promise<void> {
    const pack = await this.#numbers.next();
    await before?.close();
    const file = await this.#files.createDirect(pack);
    this.#early = file === undefined ? 'impossible' : new EarlyPack(pack, { file, bulk: this.#bulk });
  }

  /** The pack to append to; a new one where the last is full, and first of all. */
  async #ready(): Promise<PackFile> {
    if (this.#writer !== undefined && this.#end < limits.packBytes) return this.#writer;
    await this.#writer?.close();
    this.#writer = undefined;
    this.#pack = await this.#numbers.next();
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
