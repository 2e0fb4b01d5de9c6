// Private blocks: which creator a private attribute belongs to.
import { latin1 } from '../../text/charset.ts';
import { unpadded } from '../../text/trim.ts';
import type { DatasetNode, DatasetNodes } from './nodes.ts';

export interface Creators {
  /** By the creator's own tag. */
  readonly names: ReadonlyMap<number, string>;
  /** Those of which something stays. */
  readonly used: Set<number>;
}

/** The creator of the block that a private attribute stands in (PS3.5 7.8.1). */
export const creatorTag = (tag: number): number | undefined => {
  const block = (tag & 0xffff) >>> 8;
  return block < 0x10 ? undefined : ((tag & 0xffff0000) | block) >>> 0;
};

/** All private creators of a data set or item. */
export function creatorsOf(nodes: DatasetNodes): Creators {
  const names = new Map<number, string>();
  for (const node of nodes) {
    const element = node.tag & 0xffff;
    if (!((node.tag >>> 16) & 1) || element < 0x10 || element > 0xff || node.kind !== 'value') continue;
    names.set(node.tag, unpadded(latin1(node.value)).trim());
  }
  return { names, used: new Set() };
}

/** The creators of the private attributes that stay, in their places; as LO, whatever VR they came with. */
export function withCreators(kept: readonly DatasetNode[], nodes: DatasetNodes, { used }: Creators): DatasetNode[] {
  const creators = nodes.filter(({ tag }) => used.has(tag)).map((node) => ({ ...node, vr: 'LO' }) as DatasetNode);
  return [...kept, ...creators].sort((a, b) => a.tag - b.tag);
}
