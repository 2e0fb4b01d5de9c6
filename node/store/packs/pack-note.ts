// What stands before an object in its pack: all that the index needs to know the instance again.
import { concat, hex, uintBytes, unhex } from '../../../protocol/bytes.ts';
import type { BucketName } from '../buckets.ts';
import { type NewInstance, withColumns } from '../new-instance.ts';
import { decodeRecord, encodeRecord } from '../records.ts';

type Noted = Omit<NewInstance, 'header' | 'also'> & {
  readonly also: readonly { readonly bucket: BucketName; readonly key: string; readonly value: string }[];
};

/** Length of the record in 4 bytes, the record as JSON, the header. */
export function encodeNote({ header, also, ...added }: NewInstance): Uint8Array {
  const rows = also.map(({ bucket, key, value = new Uint8Array(0) }) => ({ bucket, key: hex(key), value: hex(value) }));
  const record = encodeRecord({ ...added, also: rows } satisfies Noted);
  return concat(uintBytes(record.length, 4), record, header);
}

/** What a note says; its columns as its header gives them now, since it may have been written before some were kept. */
export function decodeNote(note: Uint8Array): NewInstance {
  const length = Buffer.from(note.buffer, note.byteOffset, 4).readUInt32BE(0);
  const { also, ...noted } = decodeRecord<Noted>(note.subarray(4, 4 + length));
  const rows = also.map(({ bucket, key, value }) => ({ bucket, key: unhex(key), value: unhex(value) }));
  return withColumns({ ...noted, header: note.slice(4 + length), also: rows });
}
