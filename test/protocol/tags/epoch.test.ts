import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  epochAt,
  epochIsPublished,
  epochMs,
  epochStart,
  epochsToLookUp,
  epochsToPublish,
  patientTag,
  studyMark,
} from '../../../protocol/tags/epoch.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 19); // a Thursday
const epoch = epochAt(start);
const y = new Uint8Array(64).fill(7);

describe('epochs', () => {
  it('are weeks of UTC that begin on Thursdays', () => {
    expect(epochStart(epoch)).toBe(start);
    expect(epochAt(start - 1)).toBe(epoch - 1);
    expect(epochAt(start + epochMs)).toBe(epoch + 1);
  });

  it('are published from 24 h before they start until 24 h after they have ended', () => {
    expect(epochsToPublish(start)).toEqual([epoch - 1, epoch]);
    expect(epochsToPublish(start + 24 * hour - 1)).toEqual([epoch - 1, epoch]);
    expect(epochsToPublish(start + 24 * hour)).toEqual([epoch]);
    expect(epochsToPublish(start + epochMs - 24 * hour - 1)).toEqual([epoch]);
    expect(epochsToPublish(start + epochMs - 24 * hour)).toEqual([epoch, epoch + 1]);
  });

  it('are looked up while they are published, and stored give or take ten minutes', () => {
    const property = fc.property(fc.integer({ min: start - epochMs, max: start + epochMs }), (now) => {
      expect(epochsToLookUp(now)[0]).toBe(epochAt(now));
      const published = epochsToPublish(now);
      for (const each of epochsToLookUp(now)) expect(published).toContain(each);
      for (const each of published) expect(epochIsPublished(each, now)).toBe(true);
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
    const first = start - 24 * hour - 10 * 60_000;
    expect([epochIsPublished(epoch, first - 1), epochIsPublished(epoch, first)]).toEqual([false, true]);
    const last = start + epochMs + 24 * hour + 10 * 60_000;
    expect([epochIsPublished(epoch, last - 1), epochIsPublished(epoch, last)]).toEqual([true, false]);
  });
});

describe('tags', () => {
  it('differ by patient, generation and epoch, and marks by study', () => {
    const other = new Uint8Array(64).fill(8);
    const tags = [
      patientTag(y, 1, epoch),
      patientTag(y, 1, epoch + 1),
      patientTag(y, 2, epoch),
      patientTag(other, 1, epoch),
    ];
    const marks = [studyMark(y, '1.2'), studyMark(y, '1.3'), studyMark(other, '1.2')];
    expect(new Set([...tags, ...marks]).size).toBe(7);
    for (const each of [...tags, ...marks]) expect(each).toMatch(/^[0-9a-f]{64}$/);
  });
});
