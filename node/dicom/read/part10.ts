// DICOM files (PS3.10 7): telling one from its head, its meta header, and where its data set starts.
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { isUid } from '../model/uid.ts';
import { hasLongForm, vrOf } from '../model/vr.ts';
import { unpadded } from '../text/trim.ts';
import { sniffDataset } from './sniff.ts';

export interface FileHead {
  /** `part10`: preamble, DICM and meta header; `meta`: a meta header alone; `dataset`: a data set and nothing before it. */
  readonly form: 'part10' | 'meta' | 'dataset';
  readonly transferSyntax: string;
  /** The file names no transfer syntax: it was told from the data set's first element. */
  readonly guessedSyntax: boolean;
  /** What the meta header says; the data set is what counts. Absent when it says nothing or no valid UID. */
  readonly sopClassUid?: string;
  readonly sopInstanceUid?: string;
  readonly sourceAe?: string;
  readonly implementationClassUid?: string;
  readonly implementationVersion?: string;
  /** Where the data set starts in the file. */
  readonly datasetOffset: number;
}

const preamble = 128;
const dicm = [0x44, 0x49, 0x43, 0x4d];
const isDicm = (bytes: Uint8Array, at: number): boolean => dicm.every((byte, i) => bytes[at + i] === byte);

/**
 * Reads the head of a file. `bytes` are its first bytes and `whole` says that there are no more. Undefined: more bytes
 * are needed. Throws dicom/not-dicom, dicom/meta, dicom/transfer-syntax, dicom/truncated.
 */
export function readFileHead(bytes: Uint8Array, whole: boolean): FileHead | undefined {
  if (bytes.length < preamble + 16 && !whole) return undefined;
  const form = formOf(bytes);
  if (form === undefined) throw new PeerError('dicom/not-dicom');
  if (form.name === 'dataset') {
    const syntax = sniffDataset(bytes);
    must(syntax !== undefined, 'dicom/not-dicom');
    return { form: 'dataset', transferSyntax: syntax, guessedSyntax: true, datasetOffset: 0 };
  }
  const meta = readMeta(bytes, form.metaOffset, whole);
  return meta && fileHead(form.name, meta, bytes, whole);
}

function formOf(bytes: Uint8Array): { name: FileHead['form']; metaOffset: number } | undefined {
  if (isDicm(bytes, preamble)) return { name: 'part10', metaOffset: preamble + 4 };
  if (isDicm(bytes, 0)) return { name: 'meta', metaOffset: 4 };
  // (0002,xxxx) in explicit VR little endian, as every meta header is.
  if (bytes[0] === 2 && bytes[1] === 0 && vrOf(bytes[4] ?? 0, bytes[5] ?? 0)) return { name: 'meta', metaOffset: 0 };
  return bytes.length >= 8 ? { name: 'dataset', metaOffset: 0 } : undefined;
}

interface Meta {
  readonly values: ReadonlyMap<number, string>;
  readonly end: number;
}

// Walks group 2 to its end: the group length (0002,0000) is missing or wrong in too many files to go by it.
function readMeta(bytes: Uint8Array, start: number, whole: boolean): Meta | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Map<number, string>();
  let at = start;
  while (at - start <= limits.dicomMetaBytes) {
    if (at + 8 > bytes.length) {
      if (!whole) return undefined;
      must(at === bytes.length || values.size > 0, 'dicom/truncated', { offset: at });
      return { values, end: at };
    }
    if (view.getUint16(at, true) !== 2) return { values, end: at };
    const value = metaElement(bytes, view, at, whole);
    if (value === undefined) return undefined;
    const text = Buffer.from(bytes.subarray(value.start, value.end)).toString('latin1');
    values.set(view.getUint16(at + 2, true), unpadded(text.trimStart()));
    at = value.end;
  }
  throw new PeerError('dicom/meta', { reason: 'too long' });
}

function metaElement(bytes: Uint8Array, view: DataView, at: number, whole: boolean) {
  const vr = vrOf(bytes[at + 4]!, bytes[at + 5]!);
  must(vr !== undefined, 'dicom/meta', { offset: at });
  const size = hasLongForm(vr) ? 12 : 8;
  const headed = at + size <= bytes.length;
  const length = !headed ? 0 : size === 12 ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
  must(length <= limits.dicomMetaBytes, 'dicom/meta', { offset: at });
  if (headed && at + size + length <= bytes.length) return { start: at + size, end: at + size + length };
  must(!whole, 'dicom/truncated', { offset: at });
  return undefined;
}

function fileHead(form: 'part10' | 'meta', meta: Meta, bytes: Uint8Array, whole: boolean): FileHead | undefined {
  const uid = (element: number): string | undefined => {
    const text = meta.values.get(element);
    return text !== undefined && isUid(text) ? text : undefined;
  };
  const named = uid(0x0010);
  must(named !== undefined || !meta.values.get(0x0010), 'dicom/transfer-syntax', { reason: 'not a UID' });
  if (named === undefined && !whole && bytes.length < meta.end + 8) return undefined;
  const transferSyntax = named ?? sniffDataset(bytes.subarray(meta.end));
  must(transferSyntax !== undefined, 'dicom/transfer-syntax', { reason: 'missing' });
  const said = {
    sopClassUid: uid(0x0002),
    sopInstanceUid: uid(0x0003),
    implementationClassUid: uid(0x0012),
    implementationVersion: meta.values.get(0x0013),
    sourceAe: meta.values.get(0x0016),
  };
  const known = Object.fromEntries(Object.entries(said).filter(([, value]) => value));
  return { form, transferSyntax, guessedSyntax: named === undefined, ...known, datasetOffset: meta.end };
}

/** Takes a file's chunks and gives those of its data set, once its head is read. */
export class Part10Splitter {
  head: FileHead | undefined;
  #held: Uint8Array = new Uint8Array(0);

  /** The part of the data set in what has come so far and was not given yet; undefined while the head isn't whole. */
  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.head) return chunk;
    const joined = new Uint8Array(this.#held.length + chunk.length);
    joined.set(this.#held);
    joined.set(chunk, this.#held.length);
    this.#held = joined;
    return this.#split(false);
  }

  /** The file has ended: what is left of the data set, when the head could only be told now. */
  end(): Uint8Array | undefined {
    return this.head ? undefined : this.#split(true);
  }

  #split(whole: boolean): Uint8Array | undefined {
    this.head = readFileHead(this.#held, whole);
    if (!this.head) return undefined;
    const rest = this.#held.subarray(this.head.datasetOffset);
    this.#held = new Uint8Array(0);
    return rest;
  }
}
