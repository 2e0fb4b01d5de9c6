// Which packs there must be: a row for each that was ever begun, with how much of it other rows speak of. So no number is
// given twice, whatever has become of the folder, and a folder that lacks a pack is not taken for one that never had it.
import { uintBytes } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import type { Kv, Write } from '../kv.ts';
import type { PackFiles } from './pack-files.ts';
import type { PackPlace } from './pack-frame.ts';

const packRow = (pack: number, length: number): Write => ({
  bucket: 'pack',
  key: uintBytes(pack, 4),
  value: uintBytes(length, 6),
});

/** The rows that go with objects' own, in the same write: each pack is at least as long as its last object needs. */
export function lengthRows(places: readonly PackPlace[]): Write[] {
  const ends = new Map<number, number>();
  for (const { pack, at, length } of places) ends.set(pack, Math.max(ends.get(pack) ?? 0, at + length));
  return [...ends].map(([pack, end]) => packRow(pack, end));
}

/** Packs by number with the least length in bytes that each must have: 0 for one that may not have been made. */
export async function packLengths(kv: Pick<Kv, 'bucket'>): Promise<Map<number, number>> {
  const lengths = new Map<number, number>();
  for await (const [key, value] of kv.bucket('pack').range()) lengths.set(uintOf(key), uintOf(value));
  return lengths;
}

const uintOf = (bytes: Uint8Array): number =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUIntBE(0, bytes.length);

/** Those of `lengths` that are not there, or shorter. */
export async function lackingPacks(files: PackFiles, lengths: ReadonlyMap<number, number>): Promise<number[]> {
  const lacking: number[] = [];
  for (const [pack, length] of lengths) if (length > 0 && (await lengthOf(files, pack)) < length) lacking.push(pack);
  return lacking;
}

/** Whether a pack holds these bytes. */
export const holds = async (files: PackFiles, { pack, at, length }: PackPlace): Promise<boolean> =>
  (await lengthOf(files, pack)) >= at + length;

/** -1 when there is none. */
const lengthOf = (files: PackFiles, pack: number): Promise<number> =>
  files.size(pack).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return -1;
    throw error;
  });

/** Gives packs their numbers. */
export class PackNumbers {
  readonly #kv: Pick<Kv, 'commit'>;
  #last: number;

  private constructor(kv: Pick<Kv, 'commit'>, last: number) {
    this.#kv = kv;
    this.#last = last;
  }

  /** @throws PeerError store/absent when a pack that rows speak of is not there, or shorter than they say */
  static async open(kv: Kv, files: PackFiles): Promise<PackNumbers> {
    const lengths = await packLengths(kv);
    const lacking = await lackingPacks(files, lengths);
    if (lacking.length > 0) throw new PeerError('store/absent', { path: 'packs', number: lacking[0] });
    const inFolder = await files.list();
    return new PackNumbers(kv, Math.max(0, ...[...lengths.keys()].slice(-1), ...inFolder.slice(-1)));
  }

  /** The highest number given to a pack. */
  get last(): number {
    return this.#last;
  }

  /** The next number; the database knows of it, durably, when it resolves. */
  async next(): Promise<number> {
    this.#last += 1; // also when the pack can't be made then: half of it may be there
    const pack = this.#last;
    await this.#kv.commit([packRow(pack, 0)]);
    return pack;
  }
}
