// What an MP4 file (ISO/IEC 14496-12) says of its picture, and which transfer syntax holds it as it is (PS3.5 8.2.7 on).
// Only the index is read, within a limit; sizes that lie end in undefined.
import { limits } from '../../../protocol/limits.ts';

export interface Mp4Info {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  /** Of the whole, in ms. */
  readonly duration: number;
  readonly transferSyntax: string;
  readonly method: 'ISO_14496_10' | 'ISO_23008_2';
}

interface Source {
  readonly length: number;
  bytes(from: number, to: number): Promise<Uint8Array>;
}

interface Box {
  readonly type: string;
  /** Of its content. */
  readonly from: number;
  readonly to: number;
}

/** Undefined when it is damaged, in fragments, or coded in a way that no transfer syntax names. */
export async function mp4Info(source: Source): Promise<Mp4Info | undefined> {
  let media = false;
  let info: Mp4Info | undefined;
  let count = 0;
  for (let at = 0; at + 8 <= source.length && count < 1000; count += 1) {
    const box = boxAt(await source.bytes(at, Math.min(at + 16, source.length)), 0, source.length - at);
    if (box === undefined) return undefined;
    if (box.type === 'mdat') media = true;
    if (box.type === 'moov' && info === undefined) {
      if (box.to - box.from > limits.wrapVideoIndexBytes) return undefined;
      info = movie(await source.bytes(at + box.from, at + box.to));
    }
    at += box.to;
  }
  return media ? info : undefined;
}

/** The box that starts at a place; `end` is where its parent does. */
function boxAt(bytes: Uint8Array, at: number, end: number): Box | undefined {
  if (at + 8 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const short = view.getUint32(at);
  const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');
  const long = short === 1;
  if (long && at + 16 > bytes.length) return undefined;
  const head = long ? 16 : 8;
  const size = long ? Number(view.getBigUint64(at + 8)) : short === 0 ? end - at : short;
  return size < head || at + size > end ? undefined : { type, from: at + head, to: at + size };
}

/** So many of one level are looked at: files have a dozen, and 64 MiB may be nothing but empty ones. */
const mostBoxes = 200;

/** The boxes inside a range. Stops at the first that is broken. */
function* boxes(bytes: Uint8Array, from: number, to: number): Generator<Box> {
  for (let at = from, count = 0; at < to && count < mostBoxes; count += 1) {
    const box = boxAt(bytes, at, to);
    if (box === undefined) return;
    yield box;
    at = box.to;
  }
}

function child(bytes: Uint8Array, parent: Pick<Box, 'from' | 'to'> | undefined, ...path: string[]): Box | undefined {
  let box = parent as Box | undefined;
  for (const type of path) {
    if (box === undefined) return undefined;
    box = boxes(bytes, box.from, box.to).find((each) => each.type === type);
  }
  return box;
}

function movie(bytes: Uint8Array): Mp4Info | undefined {
  for (const track of boxes(bytes, 0, bytes.length)) {
    const info = track.type === 'trak' ? video(bytes, track) : undefined;
    if (info !== undefined) return info;
  }
  return undefined;
}

function video(bytes: Uint8Array, track: Box): Mp4Info | undefined {
  const media = child(bytes, track, 'mdia');
  const table = child(bytes, media, 'minf', 'stbl');
  const [header, description, sizes] = [
    child(bytes, media, 'mdhd'),
    child(bytes, table, 'stsd'),
    child(bytes, table, 'stsz'),
  ];
  if (header === undefined || description === undefined || sizes === undefined) return undefined;
  if (sizes.to - sizes.from < 12 || description.to - description.from < 8) return undefined;
  const frames = uint32(bytes, sizes.from + 8);
  const duration = durationOf(bytes, header);
  const entry = boxAt(bytes, description.from + 8, description.to);
  if (duration === undefined || entry === undefined || entry.to - entry.from < 78 || frames === 0) return undefined;
  const coding = codingOf(bytes, entry);
  const [columns, rows] = [uint16(bytes, entry.from + 24), uint16(bytes, entry.from + 26)];
  if (coding === undefined || rows === 0 || columns === 0) return undefined;
  return { rows, columns, frames, duration, ...coding };
}

const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const uint32 = (bytes: Uint8Array, at: number): number => uint16(bytes, at) * 65536 + uint16(bytes, at + 2);

/** In ms. */
function durationOf(bytes: Uint8Array, { from, to }: Box): number | undefined {
  const wide = bytes[from] === 1;
  if (to - from < (wide ? 32 : 20)) return undefined;
  const scale = uint32(bytes, from + (wide ? 20 : 12));
  const units = wide ? uint32(bytes, from + 24) * 2 ** 32 + uint32(bytes, from + 28) : uint32(bytes, from + 16);
  const ms = (units / scale) * 1000;
  return Number.isFinite(ms) && ms > 0 && ms < 1e10 ? ms : undefined;
}

type Coding = Pick<Mp4Info, 'transferSyntax' | 'method'>;

/** H.264 in High profile (and what its decoders must take) up to level 4.2; H.265 in Main and Main 10 up to 5.1. */
function codingOf(bytes: Uint8Array, entry: Box): Coding | undefined {
  const inside = { from: entry.from + 78, to: entry.to };
  if (/^avc[13]$/.test(entry.type)) {
    const config = child(bytes, inside, 'avcC');
    if (config === undefined || config.to - config.from < 7) return undefined;
    const [, profile, constraints, level] = bytes.subarray(config.from, config.from + 4) as unknown as number[];
    const high = profile === 100 || profile === 77 || (profile === 66 && (constraints! & 0x40) !== 0);
    if (!high || level! > 42) return undefined;
    return { method: 'ISO_14496_10', transferSyntax: `1.2.840.10008.1.2.4.${level! > 41 ? 104 : 102}` };
  }
  if (!/^h[ev][vc]1$/.test(entry.type)) return undefined;
  const config = child(bytes, inside, 'hvcC');
  if (config === undefined || config.to - config.from < 23) return undefined;
  const profile = bytes[config.from + 1]! & 0x1f;
  const level = bytes[config.from + 12]!;
  if ((profile !== 1 && profile !== 2) || level > 153) return undefined;
  return { method: 'ISO_23008_2', transferSyntax: `1.2.840.10008.1.2.4.${profile === 1 ? 107 : 108}` };
}
