// What the raw header says that the de-identification itself has to know.

import { isPixelData } from '../model/tags.ts';
import { latin1 } from '../text/charset.ts';
import { unpadded } from '../text/trim.ts';
import type { PixelFacts } from './burned-in.ts';
import type { DatasetNode, DatasetNodes } from './raw/nodes.ts';
import type { PixelLayout } from './raw/pixels.ts';

const found = (nodes: DatasetNodes, tag: number): DatasetNode | undefined => nodes.find((node) => node.tag === tag);

/** The value as text of single bytes, unpadded; empty when it is absent. */
export function textAt(nodes: DatasetNodes, tag: number): string {
  const node = found(nodes, tag);
  return node?.kind === 'value' ? unpadded(latin1(node.value)).trim() : '';
}

function numberAt(nodes: DatasetNodes, tag: number): number | undefined {
  const node = found(nodes, tag);
  if (node?.kind !== 'value' || node.value.length < 2) return undefined;
  const view = new DataView(node.value.buffer, node.value.byteOffset);
  return view.getUint16(0, node.littleEndian);
}

export function pixelFacts(nodes: DatasetNodes): PixelFacts {
  const regions = found(nodes, 0x00186011);
  return {
    sopClass: textAt(nodes, 0x00080016),
    hasPixels: nodes.some(({ tag }) => isPixelData(tag)),
    annotation: textAt(nodes, 0x00280301),
    imageType: textAt(nodes, 0x00080008)
      .split('\\')
      .map((each) => each.trim()),
    conversion: textAt(nodes, 0x00080064),
    regions: regions?.kind === 'sequence' && regions.items.length > 0,
    document: nodes.some((node) => node.tag === 0x00420011 && (node.kind !== 'value' || node.value.length > 0)),
  };
}

export function pixelLayout(nodes: DatasetNodes): PixelLayout {
  const bitsAllocated = numberAt(nodes, 0x00280100) ?? 0;
  const bitsStored = numberAt(nodes, 0x00280101) ?? bitsAllocated;
  return {
    rows: numberAt(nodes, 0x00280010) ?? 0,
    columns: numberAt(nodes, 0x00280011) ?? 0,
    frames: Math.max(1, Number(textAt(nodes, 0x00280008).split('\\')[0]) || 1),
    samples: numberAt(nodes, 0x00280002) ?? 1,
    bitsAllocated,
    bitsStored,
    highBit: numberAt(nodes, 0x00280102) ?? bitsStored - 1,
    planar: numberAt(nodes, 0x00280006) ?? 0,
    photometric: textAt(nodes, 0x00280004),
  };
}

/** An overlay that stands in unused bits of the pixels (PS3.5 8.1.2, retired): it has a bit position and no data. */
export function hasOverlayInPixels(nodes: DatasetNodes): boolean {
  return nodes.some(({ tag }) => {
    const overlay = ((tag >>> 16) & 0xff00) === 0x6000 && (tag & 0xffff) === 0x0102;
    const data = ((tag & 0xffff0000) | 0x3000) >>> 0;
    return overlay && (numberAt(nodes, tag) ?? 0) > 0 && found(nodes, data) === undefined;
  });
}
