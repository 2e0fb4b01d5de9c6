/** Runs over a list with at most `width` under way; rejects with the first failure, after what was under way has ended. */
export async function inParallel<T>(width: number, list: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const rest = list.values();
  const failures: unknown[] = [];
  const lane = async () => {
    for (const item of rest) {
      if (failures.length > 0) return;
      try {
        await run(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, list.length) }, lane));
  if (failures.length > 0) throw failures[0];
}
