// Objects in packs, and the database's rows about them, which follow without an fsync of their own: `pending` gives what
// a crash may have cost the database.
import { concat, uintBytes, unhex, utf8 } from '../../../protocol/bytes.ts';
import type { Kv, Write } from '../kv.ts';
import { decodeRecord, encodeRecord } from '../records.ts';
import type { PackPlace } from './pack-frame.ts';
import { lengthRows } from './pack-numbers.ts';
import type { FoundObject, Mark, Packed, Packs } from './packs.ts';

/**
 * After so much a mark is set, to where the one before was: what lies before a mark is surely in the database's tables.
 * (An fsync of its log speaks for that file alone, and it begins a new one every 4 MiB; the one but last is in tables.)
 */
const markBytes = 16 * 1024 * 1024;

const markKey = utf8('packs');

/** The row that says where an object lies; an empty one that it was removed. */
export const placeRow = (objectId: string, place?: PackPlace): Write => ({
  bucket: 'object',
  key: unhex(objectId),
  value: place === undefined ? new Uint8Array(0) : encodePlace(place),
});

const encodePlace = ({ pack, at, length }: PackPlace): Uint8Array =>
  concat(uintBytes(pack, 4), uintBytes(at, 6), uintBytes(length, 6));

/** Undefined for an object that was removed. */
export function decodePlace(row: Uint8Array): PackPlace | undefined {
  if (row.length === 0) return undefined;
  const bytes = Buffer.from(row.buffer, row.byteOffset, row.length);
  return { pack: bytes.readUIntBE(0, 4), at: bytes.readUIntBE(4, 6), length: bytes.readUIntBE(10, 6) };
}

export class PackedRows {
  readonly #packs: Packs;
  readonly #kv: Kv;
  #sinceMark = 0;
  #mark: Mark;
  /** The last object of each pack that `pending` went through. */
  readonly #gone = new Map<number, PackPlace>();

  constructor(parts: { packs: Packs; kv: Kv }) {
    this.#packs = parts.packs;
    this.#kv = parts.kv;
    this.#mark = parts.packs.end;
  }

  /** Keeps objects with their notes, durable when it resolves; the rows follow. One call at a time. @throws PeerError store/full */
  async write(packed: readonly Packed[], rows: () => readonly Write[]): Promise<void> {
    const places = await this.#packs.append(packed);
    this.#kv.noteLater(() => [
      ...rows(),
      ...packed.map(({ objectId }, i) => placeRow(objectId, places[i])),
      ...lengthRows(places),
    ]);
    // at least so much goes into the database's log: the rows say what the note says
    for (const { note } of packed) this.#sinceMark += note.length;
    if (this.#sinceMark > markBytes) await this.#setMark();
  }

  /** What lies in packs and has no row, oldest first. */
  async *pending(): AsyncIterable<FoundObject> {
    const stored = await this.#kv.bucket('meta').get(markKey);
    const mark: Mark = stored === undefined ? { pack: 0, at: 0 } : decodeRecord(stored);
    const places = this.#kv.bucket('object');
    for await (const found of this.#packs.since(mark)) {
      this.#gone.set(found.place.pack, found.place);
      if ((await places.get(unhex(found.objectId))) === undefined) yield found;
    }
  }

  /** All that is pending was written; the database has it in tables since it was opened. Durable when it resolves. */
  async settled(): Promise<void> {
    this.#mark = this.#packs.end;
    await this.#kv.commit(lengthRows([...this.#gone.values()]));
    this.#gone.clear();
    await this.#setMark();
  }

  /** Says where an object lies that has no other row; durable when it resolves. */
  found(objectId: string, place: PackPlace): Promise<void> {
    return this.#kv.commit([placeRow(objectId, place)]);
  }

  async #setMark(): Promise<void> {
    await this.#kv.commit([{ bucket: 'meta', key: markKey, value: encodeRecord(this.#mark) }]);
    this.#mark = this.#packs.end;
    this.#sinceMark = 0;
  }
}
