// In which order a receiver wants the objects of a study: the first image first.

/**
 * Indices of all objects when series have these numbers of instances: each series from its middle outwards, the series
 * in turns. A middle slice is the likeliest to show what the examination was made for.
 */
export function defaultOrder(instancesOfSeries: readonly number[]): number[] {
  let first = 0;
  const lanes = instancesOfSeries.map((count) => {
    const lane = middleOut(count).map((position) => first + position);
    first += count;
    return lane;
  });
  const order: number[] = [];
  const longest = instancesOfSeries.reduce((most, count) => Math.max(most, count), 0);
  for (let turn = 0; turn < longest; turn++) {
    for (const lane of lanes) if (turn < lane.length) order.push(lane[turn]!);
  }
  return order;
}

/** 0 to count - 1, from the middle outwards. */
function middleOut(count: number): number[] {
  const middle = count >> 1;
  const out: number[] = [];
  for (let step = 0; out.length < count; step++) {
    if (middle + step < count) out.push(middle + step);
    if (step > 0 && middle - step >= 0) out.push(middle - step);
  }
  return out;
}

/** `queue` with those of `indices` that are in it first, in the order given; nothing is added or lost. */
export function moveToFront(queue: readonly number[], indices: readonly number[]): number[] {
  const queued = new Set(queue);
  const chosen = new Set(indices.filter((index) => queued.has(index)));
  return [...chosen, ...queue.filter((index) => !chosen.has(index))];
}
