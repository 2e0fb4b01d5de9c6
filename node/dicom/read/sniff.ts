// Telling the transfer syntax of a bare data set from its first element.
import { uids } from '../model/transfer-syntax.ts';
import { dictionaryVr, vrOf } from '../model/vr.ts';

/**
 * Implicit or explicit little endian or explicit big endian, undefined when the bytes are no data set for certain. Only
 * group 8 is taken for a start (every composite instance has its SOP class there), in an element that PS3.6 knows and,
 * if explicit, with the VR that PS3.6 gives it. Compressed pixel data cannot be told and are refused by the reader.
 */
export function sniffDataset(bytes: Uint8Array): string | undefined {
  if (bytes.length < 8) return undefined;
  const [b0, b1, b2, b3] = bytes as unknown as [number, number, number, number];
  if (b0 === 0x08 && b1 === 0x00) {
    const vr = dictionaryVr(0x00080000 | (b3 << 8) | b2);
    if (vr === 'UN') return undefined;
    if (vrOf(bytes[4]!, bytes[5]!) === vr) return uids.explicitLittleEndian;
    const length = bytes[4]! | (bytes[5]! << 8) | (bytes[6]! << 16);
    return bytes[7] === 0 && length <= 1024 ? uids.implicitLittleEndian : undefined;
  }
  const big = b0 === 0x00 && b1 === 0x08 && dictionaryVr(0x00080000 | (b2 << 8) | b3);
  return big && vrOf(bytes[4]!, bytes[5]!) === big && big !== 'UN' ? uids.explicitBigEndian : undefined;
}
