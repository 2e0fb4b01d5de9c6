import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemTimers } from '../../../node/system/machine.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const dayMs = 24 * 3_600_000;

it('waits longer than the system’s timers can', async () => {
  const ran: string[] = [];
  systemTimers.after(100 * dayMs, () => ran.push('after'));
  void systemTimers.sleep(60 * dayMs).then(() => ran.push('sleep'));
  const cancel = systemTimers.after(30 * dayMs, () => ran.push('cancelled'));
  await vi.advanceTimersByTimeAsync(26 * dayMs);
  expect(ran).toEqual([]);
  cancel();
  await vi.advanceTimersByTimeAsync(35 * dayMs);
  expect(ran).toEqual(['sleep']);
  await vi.advanceTimersByTimeAsync(40 * dayMs);
  expect(ran).toEqual(['sleep', 'after']);
});

it('gives up a long sleep when it is told to', async () => {
  const end = new AbortController();
  const slept = systemTimers.sleep(90 * dayMs, end.signal).catch((error: Error) => error.message);
  await vi.advanceTimersByTimeAsync(50 * dayMs);
  end.abort(new Error('told to'));
  expect(await slept).toBe('told to');
  expect(vi.getTimerCount()).toBe(0);
});
