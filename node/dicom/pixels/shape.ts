// What the pixels of an image are (PS3.3 C.7.6.3): read from its header, checked before anything is allocated for them.
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { DicomJson } from '../model/json.ts';

export interface PixelShape {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** 1: each sample's plane by itself (C.7.6.3.1.3). */
  readonly planar: 0 | 1;
  readonly photometric: string;
  /** What a sample is: (7FE0,0010), (7FE0,0008) or (7FE0,0009). */
  readonly number: 'integer' | 'float' | 'double';
}

/** Pixels of one frame and what they are: little-endian, whole bytes a sample but where `bitsAllocated` is 1. */
export interface PixelFrame {
  readonly shape: PixelShape;
  readonly pixels: Uint8Array;
}

/** @throws PeerError pixels/none, pixels/unsupported, pixels/too-large */
export function pixelShape(json: DicomJson): PixelShape {
  const number = json['7FE00010'] ? 'integer' : json['7FE00008'] ? 'float' : json['7FE00009'] ? 'double' : undefined;
  const [rows, columns] = [whole(json, '00280010') ?? 0, whole(json, '00280011') ?? 0];
  must(number !== undefined && rows > 0 && columns > 0, 'pixels/none');
  const samples = whole(json, '00280002') ?? 1;
  const fallback = number === 'float' ? 32 : number === 'double' ? 64 : 0;
  const bitsAllocated = whole(json, '00280100') ?? fallback;
  const bitsStored = whole(json, '00280101') ?? bitsAllocated;
  const photometric = String(json['00280004']?.Value?.[0] ?? 'MONOCHROME2').trim();
  const shape: PixelShape = {
    ...{ rows, columns, samples, bitsAllocated, bitsStored, photometric, number },
    highBit: whole(json, '00280102') ?? bitsStored - 1,
    signed: whole(json, '00280103') === 1,
    planar: samples > 1 && whole(json, '00280006') === 1 ? 1 : 0,
  };
  return mustBeShape(shape);
}

function mustBeShape(shape: PixelShape): PixelShape {
  const { rows, columns, samples, bitsAllocated, bitsStored, highBit } = shape;
  const sound =
    [1, 8, 16, 32, 64].includes(bitsAllocated) &&
    samples >= 1 &&
    samples <= 4 &&
    bitsStored >= 1 &&
    bitsStored <= bitsAllocated &&
    highBit >= bitsStored - 1 &&
    highBit < bitsAllocated;
  must(sound, 'pixels/unsupported', { samples, bitsAllocated, bitsStored, highBit });
  must(rows * columns * samples * (bitsAllocated / 8) <= limits.pixelFrameBytes, 'pixels/too-large', { rows, columns });
  return shape;
}

/** Bytes of one frame in the form of `PixelFrame`. */
export const frameLength = ({ rows, columns, samples, bitsAllocated, photometric }: PixelShape): number =>
  Math.ceil((rows * columns * (photometric === 'YBR_FULL_422' ? 2 : samples) * bitsAllocated) / 8);

function whole(json: DicomJson, tag: string): number | undefined {
  const value = json[tag]?.Value?.[0];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
