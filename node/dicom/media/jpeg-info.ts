// What a JPEG file (ITU-T T.81) says of its picture before its first scan, and which transfer syntax holds it as it is.

export interface JpegInfo {
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  readonly components: 1 | 3;
  /** As DICOM names the colours that are coded. */
  readonly photometric: 'MONOCHROME2' | 'YBR_FULL_422' | 'RGB';
  readonly transferSyntax: string;
  /** DICOM holds these as (0028,2110) `01`. */
  readonly lossy: boolean;
}

/** By the marker of the frame header; progressive and arithmetic coding have no transfer syntax that is not retired. */
const processes: Readonly<Record<number, { transferSyntax: string; lossy: boolean }>> = {
  192: { transferSyntax: '1.2.840.10008.1.2.4.50', lossy: true },
  193: { transferSyntax: '1.2.840.10008.1.2.4.51', lossy: true },
  195: { transferSyntax: '1.2.840.10008.1.2.4.57', lossy: false },
};

/** Undefined when it is damaged, or of a kind that DICOM has no transfer syntax for (progressive, CMYK). */
export function jpegInfo(bytes: Uint8Array): JpegInfo | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  let adobe: number | undefined;
  for (let at = 2; at + 4 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // fill
      continue;
    }
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > view.byteLength) return undefined;
    const isAdobe = marker === 0xee && length >= 14 && view.getUint32(at + 4) === 0x41646f62;
    if (isAdobe) adobe = view.getUint8(at + 15);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return frame(view, at, length, marker, adobe);
    }
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + length;
  }
  return undefined;
}

function frame(view: DataView, at: number, length: number, marker: number, adobe: number | undefined) {
  const process = processes[marker];
  if (process === undefined || length < 8) return undefined;
  const bits = view.getUint8(at + 4);
  const [rows, columns] = [view.getUint16(at + 5), view.getUint16(at + 7)];
  const components = view.getUint8(at + 9);
  if (rows === 0 || columns === 0 || (components !== 1 && components !== 3)) return undefined;
  if (length < 8 + 3 * components || (marker === 192 && bits !== 8)) return undefined;
  const ids = Array.from({ length: components }, (_, i) => view.getUint8(at + 10 + 3 * i));
  const rgb = adobe === 0 || (adobe === undefined && ids.join() === '82,71,66');
  // whatever the sampling: that of JPEG is in the JPEG, and validators know no other name for its colours
  const colour = rgb ? 'RGB' : 'YBR_FULL_422';
  const photometric = components === 1 ? 'MONOCHROME2' : colour;
  return { rows, columns, bits, components, photometric, ...process } as const;
}
