// Reading must cost nothing beside the network and the disk: generous bounds, some ten times what was measured.
import { describe, expect, test } from 'vitest';
import { frameCount } from '../../../node/dicom/frames.ts';
import { InstanceReader } from '../../../node/dicom/instance-reader.ts';
import { hugeInstance } from '../../../sim/studies/huge.ts';
import { markedStudy } from '../../../sim/studies/studies.ts';

const patient = { id: '1', name: 'A^B', birthDate: '19700101', sex: 'O' } as const;

describe('throughput', () => {
  test('a 512 KiB CT in chunks of 16 KiB under 0.3 ms', async () => {
    const [made] = markedStudy({ seed: 1, patient, instances: 1, bytesEach: 512 * 1024 });
    const { dataset, transferSyntax } = made!;
    const once = () => {
      const reader = new InstanceReader({ transferSyntax });
      for (let at = 0; at < dataset.length; at += 16384) reader.push(dataset.subarray(at, at + 16384));
      return reader.end();
    };
    for (let i = 0; i < 500; i += 1) await once();
    const started = performance.now();
    for (let i = 0; i < 500; i += 1) await once();
    expect((performance.now() - started) / 500).toBeLessThan(0.3);
  });

  test('4 GiB in one instance: no memory, no time', async () => {
    const huge = hugeInstance({ seed: 1, patient, bytes: 2 ** 32 });
    const reader = new InstanceReader(huge);
    const before = process.memoryUsage.rss();
    const started = performance.now();
    for (const chunk of huge.chunks()) reader.push(chunk);
    const { length, frames } = await reader.end();
    expect(performance.now() - started).toBeLessThan(1000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * 1024 * 1024);
    expect(length).toBe(huge.length);
    expect(frameCount(frames)).toBe(8191);
  });
});
