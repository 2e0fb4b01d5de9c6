// How a transfer syntax lays out a data set (PS3.5 10 and annex A).

/** VR and byte order of a run of elements. */
export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

export interface TransferSyntax extends Encoding {
  /** The whole data set is one raw DEFLATE stream (RFC 1951). */
  readonly deflated: boolean;
  /** Pixel data stand in fragments, compressed. */
  readonly encapsulated: boolean;
  /** Frames of a video stream cannot be addressed on their own. */
  readonly video: boolean;
}

export const uids = {
  implicitLittleEndian: '1.2.840.10008.1.2',
  explicitLittleEndian: '1.2.840.10008.1.2.1',
  deflatedLittleEndian: '1.2.840.10008.1.2.1.99',
  explicitBigEndian: '1.2.840.10008.1.2.2',
  rle: '1.2.840.10008.1.2.5',
  mediaDirectory: '1.2.840.10008.1.3.10',
} as const;

const implicit = new Set([
  uids.implicitLittleEndian as string,
  '1.2.840.10008.1.20', // Papyrus 3, retired
  '1.2.840.113619.5.2', // GE private: implicit VR LE, its pixel data alone big-endian
]);
const native = new Set<string>([uids.explicitLittleEndian, uids.deflatedLittleEndian, uids.explicitBigEndian]);
const deflated = new Set<string>([
  uids.deflatedLittleEndian,
  '1.2.840.10008.1.2.4.95', // JPIP referenced deflate
  '1.2.840.10008.1.2.4.205', // JPIP HTJ2K referenced deflate
]);
const video = /^1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?$/;

/** The layout behind a transfer syntax UID. What isn't known is explicit VR LE with fragments, as PS3.5 A.4 demands. */
export function transferSyntax(uid: string): TransferSyntax {
  const isNative = implicit.has(uid) || native.has(uid);
  return {
    explicit: !implicit.has(uid),
    littleEndian: uid !== uids.explicitBigEndian,
    deflated: deflated.has(uid),
    encapsulated: !isNative,
    video: !isNative && video.test(uid),
  };
}
