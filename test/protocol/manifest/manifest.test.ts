import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCbor, encodeCbor } from '../../../protocol/cbor.ts';
import {
  attributesOf,
  buildManifest,
  decodeManifest,
  encodeManifest,
  framesOf,
  type IndexedInstance,
  type Manifest,
  type NewManifest,
  selectSeries,
} from '../../../protocol/manifest/manifest.ts';
import { decoderHolds } from '../any-bytes.ts';
import { refused } from '../seal/samples.ts';
import { instance, study } from './samples.ts';

const roundTrip = (input: NewManifest): Manifest => decodeManifest(encodeManifest(buildManifest(input)));

describe('manifest', () => {
  it('gives everything back that went in', () => {
    const input = study(3, 1);
    const manifest = roundTrip(input);
    expect([manifest.version, manifest.studyUid, manifest.study]).toEqual([1, input.studyUid, input.study]);
    manifest.series.forEach((series, s) => {
      const before = input.series[s]!;
      expect([series.uid, series.generation, series.modality]).toEqual([before.uid, 1, 'CT']);
      series.instances.forEach((each, i) => {
        const { attributes, frames, ...fields } = before.instances[i]!;
        expect(each).toMatchObject(fields);
        expect(attributesOf(series, each)).toEqual(attributes);
        expect(framesOf(each)).toEqual(frames);
      });
    });
  });

  it('loses no attribute whatever differs, is missing or is nested', () => {
    const value = fc.constantFrom<unknown>(
      { vr: 'LO' },
      { vr: 'LO', Value: ['a'] },
      { vr: 'LO', Value: ['a', 'b'] },
      {
        vr: 'SQ',
        Value: [{ '00080100': { vr: 'SH', Value: [null, 1.5] } }],
      },
    );
    const attributes = fc.dictionary(fc.constantFrom('00080005', '0008103E', '00200013', '7FE00010'), value);
    fc.assert(
      fc.property(fc.array(attributes, { minLength: 1, maxLength: 5 }), (list) => {
        const instances = list.map((each, i) => ({ ...instance(i), attributes: each }));
        const [series] = roundTrip({ ...study(), series: [{ uid: '1.2', generation: 1, instances }] }).series;
        expect(series!.instances.map((each) => attributesOf(series!, each))).toEqual(list);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('lets an instance carry only what differs', () => {
    const manifest = buildManifest(study(3));
    expect(Object.keys(JSON.parse(manifest.series[0]!.instances[1]!.attributes))).toEqual([
      '00080018',
      '00200013',
      '00200032',
    ]);
    const perInstance =
      encodeManifest(buildManifest(study(101))).length - encodeManifest(buildManifest(study(1))).length;
    expect(perInstance / 100).toBeLessThan(600);
  });

  it('takes one series once for each of its generations', () => {
    const later = { ...study(1).series[0]!, generation: 2, instances: [instance(7)] };
    const input = { ...study(1), series: [...study(1).series, later] };
    expect(roundTrip(input).series.map(({ generation }) => generation)).toEqual([1, 2]);
  });

  it('refuses what contradicts itself', () => {
    const { series, ...rest } = study(2);
    const [first, second] = [instance(0), instance(1)];
    const having = (...instances: IndexedInstance[]) =>
      refused(() => roundTrip({ ...rest, series: [{ ...series[0]!, instances }] }));
    expect(having(first, first)).toEqual({ code: 'manifest/invalid', data: { at: 'instances' } });
    expect(having(first, { ...second, sealedLength: 10 })).toEqual({
      code: 'manifest/invalid',
      data: { at: 'lengths' },
    });
    expect(having({ ...first, plainLength: 100 }).data).toEqual({ at: 'lengths' }); // the data set starts at 352
    expect(having().code).toBe('field/invalid'); // a series without instances
    const twice = { ...rest, series: [series[0]!, { ...series[0]!, instances: [instance(9)] }] };
    expect(refused(() => roundTrip(twice))).toEqual({ code: 'manifest/invalid', data: { at: 'series' } });
    const noFirst = { ...study(1), previous: 'ab'.repeat(32) };
    expect(refused(() => roundTrip(noFirst))).toEqual({ code: 'manifest/invalid', data: { at: 'previous' } });
    expect(roundTrip({ ...noFirst, version: 2 }).previous).toBe(noFirst.previous);
  });

  it('refuses attributes that are not DICOM JSON, when they are read', () => {
    const manifest = buildManifest(study(1));
    const [series] = manifest.series;
    const reading = (attributes: string) =>
      refused(() => attributesOf(series!, { ...series!.instances[0]!, attributes })).code;
    const deep = '{"00400A30":{"Value":['.repeat(50_000);
    for (const text of ['', '[]', 'null', '1', '{', '{"x":1}', '{"__proto__":{}}', '{"0008000a":{}}', deep]) {
      expect(reading(text), text.slice(0, 20)).toBe('field/invalid');
    }
    const quoted = { '00080005': { vr: 'LO', Value: [`${'["{\\'.repeat(300)}`] } };
    const [kept] = roundTrip({
      ...study(),
      series: [{ ...study(1).series[0]!, instances: [{ ...instance(0), attributes: quoted }] }],
    }).series;
    expect(attributesOf(kept!, kept!.instances[0]!)).toEqual(quoted); // brackets in strings nest nothing
  });

  it('decodes or refuses with a code whatever it is fed', () => {
    const readAll = (bytes: Uint8Array) => {
      for (const series of decodeManifest(bytes).series) {
        for (const each of series.instances) [attributesOf(series, each), framesOf(each)];
      }
    };
    decoderHolds(readAll, { validSamples: [encodeManifest(buildManifest(study(2, 1)))] });
  });

  it('refuses a field that it must understand and does not', () => {
    const later = decodeCbor(encodeManifest(buildManifest(study(1)))) as Map<string, unknown>;
    later.set('watermark', 1);
    expect(decodeManifest(encodeCbor(later)).version).toBe(1);
    later.set('crit', ['watermark']);
    expect(refused(() => decodeManifest(encodeCbor(later))).code).toBe('crit/unknown');
  });

  it('encodes and decodes 2,000 instances of 3 KB JSON quickly', () => {
    const input = study(1500, 500);
    expect(JSON.stringify(input.series[0]!.instances[0]!.attributes).length).toBeGreaterThan(3000);
    const manifest = decodeManifest(encodeManifest(buildManifest(input)));
    for (const series of manifest.series) for (const each of series.instances) attributesOf(series, each);
  });
});

describe('manifest of chosen series', () => {
  it('has these series in all generations, and nothing that tells of others', () => {
    const later = { ...study(1).series[0]!, generation: 2, instances: [instance(7)] };
    const whole = roundTrip({
      ...study(2, 2),
      version: 3,
      previous: 'ab'.repeat(32),
      series: [...study(2, 2).series, later],
    });
    const part = decodeManifest(encodeManifest(selectSeries(whole, ['1.2.3.9.0'])));
    expect(part.series.map(({ uid, generation }) => [uid, generation])).toEqual([
      ['1.2.3.9.0', 1],
      ['1.2.3.9.0', 2],
    ]);
    expect(part.series[0]).toEqual(whole.series[0]);
    expect([part.version, part.previous, part.study['00201206']]).toEqual([3, undefined, undefined]);
    expect(part.study['00100010']).toEqual(whole.study['00100010']);
  });

  it('refuses series that are not there, none at all, and an amended study', () => {
    const whole = roundTrip(study(1));
    expect(refused(() => selectSeries(whole, ['1.2.3.9.0', '9.9'])).code).toBe('manifest/series-unknown');
    expect(refused(() => selectSeries(whole, [])).code).toBe('manifest/series-unknown');
    const amended = { ...whole, amendments: [new Uint8Array(3)] };
    expect(refused(() => selectSeries(amended, ['1.2.3.9.0'])).code).toBe('manifest/amended');
  });
});
