// Another SOP Instance UID for a data set that streams past, everything else to the byte but one addition: what it was
// called before (Original Attributes Sequence, PS3.3 C.12.1.1.9).
import { must } from '../../../protocol/errors.ts';
import { attribute, sequence } from '../model/attributes.ts';
import type { DatasetHandler, ElementEvent, OpenEvent } from '../model/dataset-events.ts';
import { transferSyntax as layoutOf } from '../model/transfer-syntax.ts';
import { hasLongForm } from '../model/vr.ts';
import { DatasetReader } from '../read/dataset-reader.ts';
import { writeDataset } from './write-dataset.ts';

const sopInstanceUid = 0x00080018;
const groupLength = 0x00080000;
const originalAttributes = 0x04000561;

export interface Renaming {
  readonly transferSyntax: string;
  readonly before: string;
  readonly after: string;
  /** DICOM date time of now. */
  readonly dateTime: string;
}

/** Bytes of the data set that are replaced; `to` may be `from`. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/**
 * The data set with its new name. `read` gives its bytes, and is called twice. Throws aside/action for a deflated,
 * big-endian or misdeclared one, dicom/... for one that can't be read.
 */
export async function* renamedInstance(
  read: () => AsyncIterable<Uint8Array>,
  renaming: Renaming,
): AsyncGenerator<Uint8Array> {
  const layout = layoutOf(renaming.transferSyntax);
  must(!layout.deflated && layout.littleEndian, 'aside/action');
  const places = new Places(layout.explicit);
  const reader = new DatasetReader({ encoding: layout }, places);
  for await (const piece of read()) reader.push(piece);
  reader.end();
  must(!reader.misdeclared && places.uid !== undefined, 'aside/action');
  yield* spliced(read(), splicesOf(places, renaming, layout.explicit, reader.offset));
}

function splicesOf(places: Places, renaming: Renaming, explicit: boolean, length: number): Splice[] {
  const uid = Buffer.from(renaming.after.length % 2 === 0 ? renaming.after : `${renaming.after}\0`, 'latin1');
  const { offset, length: old } = places.uid!;
  const head = Buffer.alloc(explicit ? 2 : 4);
  if (explicit) head.writeUInt16LE(uid.length);
  else head.writeUInt32LE(uid.length);
  const splices: Splice[] = [{ from: offset - head.length, to: offset + old, bytes: Buffer.concat([head, uid]) }];
  if (places.groupLength !== undefined) {
    const value = Buffer.alloc(4);
    value.writeUInt32LE(places.groupLength.value + uid.length - old);
    splices.unshift({ from: places.groupLength.offset, to: places.groupLength.offset + 4, bytes: value });
  }
  if (places.hasOriginal) return splices; // its own history stays as it is
  const at = places.after ?? length;
  return [...splices, { from: at, to: at, bytes: original(renaming, explicit) }];
}

const original = ({ before, dateTime }: Renaming, explicit: boolean): Uint8Array =>
  writeDataset(
    {
      '04000561': sequence({
        '04000550': sequence({ '00080018': attribute('UI', before) }),
        '04000562': attribute('DT', dateTime),
        '04000563': attribute('LO', 'DICOM Network'),
        '04000564': attribute('LO'),
        '04000565': attribute('CS', 'COERCE'),
      }),
    },
    { encoding: explicit ? 'explicit-le' : 'implicit-le' },
  );

async function* spliced(bytes: AsyncIterable<Uint8Array>, splices: readonly Splice[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  let next = 0;
  for await (const piece of bytes) {
    const end = at + piece.length;
    let from = at;
    for (let splice = splices[next]; splice !== undefined && splice.from < end; splice = splices[next]) {
      if (splice.from >= at) {
        if (splice.from > from) yield piece.subarray(from - at, splice.from - at);
        yield splice.bytes;
      }
      from = Math.max(from, Math.min(splice.to, end));
      if (splice.to > end) break;
      next += 1;
    }
    if (from < end) yield piece.subarray(from - at);
    at = end;
  }
  for (const splice of splices.slice(next)) if (splice.from >= at) yield splice.bytes;
}

/** Where in the top level what is changed stands. */
class Places implements DatasetHandler {
  readonly #explicit: boolean;
  #depth = 0;
  uid: { readonly offset: number; readonly length: number } | undefined;
  groupLength: { readonly offset: number; readonly value: number } | undefined;
  hasOriginal = false;
  /** The first element that stands behind the Original Attributes Sequence. */
  after: number | undefined;

  constructor(explicit: boolean) {
    this.#explicit = explicit;
  }

  element({ tag, vr, offset, length, value }: ElementEvent): void {
    if (this.#depth > 0) return;
    if (tag === sopInstanceUid) this.uid = { offset, length };
    if (tag === groupLength && value?.length === 4) {
      const view = new DataView(value.buffer, value.byteOffset, 4);
      this.groupLength = { offset, value: view.getUint32(0, true) };
    }
    this.#passed(tag, offset - (this.#explicit && hasLongForm(vr) ? 12 : 8));
  }

  sequenceStart({ tag, offset }: OpenEvent): void {
    if (this.#depth === 0) this.#passed(tag, offset - (this.#explicit ? 12 : 8));
    this.#depth += 1;
  }

  sequenceEnd(): void {
    this.#depth -= 1;
  }

  fragmentsStart({ tag, offset }: OpenEvent): void {
    if (this.#depth === 0) this.#passed(tag, offset - (this.#explicit ? 12 : 8));
  }

  readonly itemStart = (): void => undefined;
  readonly itemEnd = (): void => undefined;
  readonly fragment = (): void => undefined;
  readonly fragmentsEnd = (): void => undefined;

  #passed(tag: number, start: number): void {
    if (tag === originalAttributes) this.hasOriginal = true;
    if (tag > originalAttributes) this.after ??= start;
  }
}
