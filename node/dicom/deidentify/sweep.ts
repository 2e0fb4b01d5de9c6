// The last look at what was kept: no text of it may repeat what was removed.

import type { Leftovers } from './leftovers.ts';
import type { DatasetNode, DatasetNodes } from './raw/nodes.ts';
import { dummyValue } from './rules/dummies.ts';

/** The same data set with a dummy for every kept text that repeats something removed. */
export function sweep(nodes: DatasetNodes, leftovers: Leftovers): DatasetNode[] {
  return nodes.map((node): DatasetNode => {
    if (node.kind === 'sequence') return { ...node, items: node.items.map((item) => sweep(item, leftovers)) };
    if (node.kind !== 'value' || node.kept === undefined || !leftovers.isIn(node.kept, node.coded)) return node;
    const { tag, vr } = node;
    return { kind: 'value', tag, vr, value: dummyValue(vr, node.kept.split('\\').length), littleEndian: true };
  });
}
