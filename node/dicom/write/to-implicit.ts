// Explicit VR little endian to implicit VR little endian (PS3.5 A.1, A.2) while it flows: what every DICOM node has to
// take. Values pass as they are; sequences and items get undefined lengths, because their own change with their headers.
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { tags } from '../model/tags.ts';
import { hasLongForm, vrOf } from '../model/vr.ts';

const undefinedLength = 0xffffffff;

interface Container {
  readonly kind: 'dataset' | 'sequence' | 'item';
  /** Where it ends, if its length says so. */
  readonly end: number | undefined;
  /** Its content is implicit already: a UN sequence (PS3.5 6.2.2). */
  readonly implicit: boolean;
}

function header(tag: number, length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  view.setUint32(4, length, true);
  return bytes;
}

/** Memory: one element's header, and a stack of at most `limits.dicomDepth` sequences. */
class ToImplicit {
  readonly #stack: Container[] = [{ kind: 'dataset', end: undefined, implicit: false }];
  #waiting: Uint8Array = new Uint8Array();
  #at = 0;
  /** Bytes of a value that are still to pass, or to be left out. */
  #passing = 0;
  #leftOut = false;

  /** What the next bytes become. @throws PeerError dicom/malformed, dicom/too-deep, route/transfer-syntax */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    const out: Uint8Array[] = [];
    while (this.#step(out));
    // what is kept outlives the chunk
    this.#waiting = new Uint8Array(this.#waiting);
    return out;
  }

  /** @throws PeerError dicom/truncated */
  end(): Uint8Array[] {
    const out: Uint8Array[] = [];
    this.#closeEnded(out);
    const padding = this.#waiting.every((byte) => byte === 0);
    if (this.#passing > 0 || this.#stack.length > 1 || !padding) throw new PeerError('dicom/truncated');
    return out;
  }

  #step(out: Uint8Array[]): boolean {
    if (this.#passing > 0) return this.#pass(out);
    this.#closeEnded(out);
    if (this.#waiting.length < 8) return false;
    const view = new DataView(this.#waiting.buffer, this.#waiting.byteOffset, this.#waiting.length);
    const tag = view.getUint16(0, true) * 0x10000 + view.getUint16(2, true);
    if (tag >>> 16 === 0xfffe) return this.#delimiter(tag, view.getUint32(4, true), out);
    if (this.#top.kind === 'sequence') throw new PeerError('dicom/malformed', { at: 'item' });
    if (this.#top.implicit) return this.#element(tag, 'UN', view.getUint32(4, true), 8, out);
    const vr = vrOf(this.#waiting[4]!, this.#waiting[5]!);
    if (vr === undefined) throw new PeerError('dicom/malformed', { at: 'VR' });
    if (!hasLongForm(vr)) return this.#element(tag, vr, view.getUint16(6, true), 8, out);
    if (this.#waiting.length < 12) return false;
    return this.#element(tag, vr, view.getUint32(8, true), 12, out);
  }

  get #top(): Container {
    return this.#stack.at(-1)!;
  }

  #pass(out: Uint8Array[]): boolean {
    const piece = this.#take(Math.min(this.#passing, this.#waiting.length));
    this.#passing -= piece.length;
    if (!this.#leftOut && piece.length > 0) out.push(piece);
    return this.#passing === 0;
  }

  #take(length: number): Uint8Array {
    const piece = this.#waiting.subarray(0, length);
    this.#waiting = this.#waiting.subarray(length);
    this.#at += length;
    return piece;
  }

  #element(tag: number, vr: string, length: number, size: number, out: Uint8Array[]): boolean {
    this.#take(size);
    if (vr === 'SQ' || (vr === 'UN' && length === undefinedLength)) {
      out.push(header(tag, undefinedLength));
      return this.#enter('sequence', length, this.#top.implicit || vr === 'UN');
    }
    if (length === undefinedLength) throw new PeerError('route/transfer-syntax', { at: 'fragments' });
    this.#passing = length;
    // group lengths (retired) would be wrong now
    this.#leftOut = (tag & 0xffff) === 0;
    if (!this.#leftOut) out.push(header(tag, length));
    return true;
  }

  #delimiter(tag: number, length: number, out: Uint8Array[]): boolean {
    const { kind, end, implicit } = this.#top;
    this.#take(8);
    if (tag === tags.item && kind === 'sequence') {
      out.push(header(tag, undefinedLength));
      return this.#enter('item', length, implicit);
    }
    const closes = tag === (kind === 'item' ? tags.itemEnd : tags.sequenceEnd) && kind !== 'dataset';
    if (!closes || end !== undefined) throw new PeerError('dicom/malformed', { at: 'delimiter' });
    this.#close(out);
    return true;
  }

  #enter(kind: 'sequence' | 'item', length: number, implicit: boolean): boolean {
    if (this.#stack.length > 2 * limits.dicomDepth) throw new PeerError('dicom/too-deep');
    this.#stack.push({ kind, end: length === undefinedLength ? undefined : this.#at + length, implicit });
    return true;
  }

  #closeEnded(out: Uint8Array[]): void {
    while (this.#top.end !== undefined && this.#at >= this.#top.end) {
      if (this.#at > this.#top.end) throw new PeerError('dicom/length');
      this.#close(out);
    }
  }

  #close(out: Uint8Array[]): void {
    const { kind } = this.#stack.pop()!;
    out.push(header(kind === 'item' ? tags.itemEnd : tags.sequenceEnd, 0));
  }
}

/** The same data set in implicit VR. @throws PeerError dicom/*, route/transfer-syntax when it is not native */
export async function* toImplicit(explicit: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const converter = new ToImplicit();
  for await (const chunk of explicit) yield* converter.push(chunk);
  yield* converter.end();
}
