// Reading keeps nothing of what flows by but the header: memory stays flat while the work grows.
import { expect, test } from 'vitest';
import { frameCount } from '../../../../node/dicom/read/frames.ts';
import { InstanceReader } from '../../../../node/dicom/read/instance-reader.ts';
import { hugeInstance } from '../../../../sim/studies/huge.ts';

const patient = { id: '1', name: 'A^B', birthDate: '19700101', sex: 'O' } as const;

test.each([2 ** 28, 2 ** 32])('an instance of %i bytes takes no memory', async (bytes) => {
  const huge = hugeInstance({ seed: 1, patient, bytes });
  const reader = new InstanceReader(huge);
  const before = process.memoryUsage.rss();
  for (const chunk of huge.chunks()) reader.push(chunk);
  const { length, frames } = await reader.end();
  expect(process.memoryUsage.rss() - before).toBeLessThan(32 * 1024 * 1024);
  expect(length).toBe(huge.length);
  expect(frameCount(frames)).toBe(huge.frames);
});
