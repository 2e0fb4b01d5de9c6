import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../../protocol/bytes.ts';
import type { PeerError } from '../../../protocol/errors.ts';
import { idnpSystem, isIdnp, normalize, oprfInput } from '../../../protocol/tags/identifier.ts';

const system = 'urn:oid:1.2.3';
const text = fc.string({ unit: 'binary', maxLength: 60 });

describe('identifiers', () => {
  it('give the same bytes however they are spaced, and normalizing twice changes nothing', () => {
    const property = fc.property(text, (value) => {
      try {
        const once = normalize(system, value).value;
        expect(normalize(system, once).value).toBe(once);
        expect(normalize(system, ` ${value}\u00ad-`).value).toBe(once);
        expect(oprfInput(system, value).length).toBeLessThanOrEqual(256);
      } catch (error) {
        expect((error as PeerError).code).toBe('tags/identifier');
      }
    });
    fc.assert(property, { seed: 1, numRuns: 2000 });
  });

  it('settle where a stripped dash lets two characters compose', () => {
    expect(normalize(system, 'e-\u0301').value).toBe('É');
    expect(normalize(system, 'ﬁ…ß').value).toBe('FISS');
  });

  it('differ by system', () => {
    expect(hex(oprfInput('urn:oid:1.2.3', '1'))).not.toBe(hex(oprfInput('urn:oid:1.2.4', '1')));
  });

  it('have a check digit that catches every wrong digit but one and most swaps', () => {
    expect(isIdnp('2004001020001')).toBe(true);
    const wrong = [...'200400102000'].map((digit, i) => {
      const other = String((Number(digit) + 1) % 10);
      return `${'200400102000'.slice(0, i)}${other}${'200400102000'.slice(i + 1)}1`;
    });
    expect(wrong.map(isIdnp)).not.toContain(true);
    expect(['200400102000', '20040010200011', '2004OO1O2OOO1', '٢٠٠٤٠٠١٠٢٠٠٠١'].map(isIdnp)).not.toContain(true);
  });

  it('are checked in the national system only', () => {
    expect(normalize(idnpSystem, '2004001020001').checked).toBe(true);
    expect(normalize(system, '2004001020001').checked).toBe(false);
    expect(normalize(idnpSystem, 'unknown').checked).toBe(false);
  });

  it.each(['', '-', '\u200b', 'a\u0000', '\ud800', 'é'.repeat(101), '1'.repeat(201), '\ue000'])(
    'refuses %j',
    (value) => {
      expect(() => normalize(system, value)).toThrow('tags/identifier');
    },
  );

  it.each(['', 'idnp', 'URN:oid:1', 'urn:a b', 'urn:ă', `urn:${'x'.repeat(200)}`])('refuses the system %j', (uri) => {
    expect(() => normalize(uri, '1')).toThrow('tags/system');
  });

  it('refuses a system and value that together exceed the input', () => {
    expect(() => oprfInput(`urn:${'x'.repeat(150)}`, '1'.repeat(100))).toThrow('tags/identifier');
    expect(() => oprfInput(`urn:${'x'.repeat(150)}`, '1'.repeat(90))).not.toThrow();
  });
});
