// Manifests as KOS and as FHIR, and back without loss.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { text } from '../../../../node/api/texts/texts.ts';
import type { DicomJson } from '../../../../node/dicom/model/json.ts';
import { readPart10 } from '../../../../node/dicom/read/read-dataset.ts';
import { keyObjects, readKeyObjects } from '../../../../node/dicom/sr/key-objects.ts';
import { readReport } from '../../../../node/dicom/sr/report.ts';
import { reportText } from '../../../../node/dicom/sr/report-text.ts';
import { writePart10 } from '../../../../node/dicom/write/write-part10.ts';
import { manifestFromFhir, manifestToFhir } from '../../../../node/manifests/mado/fhir.ts';
import { manifestFromKos, manifestToKos } from '../../../../node/manifests/mado/kos.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import {
  buildManifest,
  decodeManifest,
  encodeManifest,
  type Manifest,
  type NewManifest,
} from '../../../../protocol/manifest/manifest.ts';
import { requires } from '../../../programs.ts';
import { instance, study } from '../../../protocol/manifest/samples.ts';
import { countingRandom, documentContext } from '../../dicom/write/document-context.ts';

const english = text('en');

const dir = mkdtempSync(join(tmpdir(), 'dicomnet-mado-'));
afterAll(() => rmSync(dir, { recursive: true }));

const { when } = documentContext();
const retrieve = { url: 'https://pacs.example/dicom-web', locationUid: '1.2.3.99' };
const organization = 'Klinikum Füssen';
const toKos = (manifest: Manifest) => manifestToKos(manifest, { when, retrieve, random: countingRandom() });
const toFhir = (manifest: Manifest) =>
  manifestToFhir(manifest, { when, retrieve, organization, random: countingRandom() });
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const built = (input: NewManifest): Manifest => decodeManifest(encodeManifest(buildManifest(input)));

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant({ vr: 'LO' }),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => ({ vr: 'UT', Value: [text] })),
  fc.constant({ vr: 'SQ', Value: [{ '00080100': { vr: 'SH', Value: [null, 1.5, 'a\\b '] } }] }),
  fc.constant({ vr: 'OB', InlineBinary: 'AAEC' }),
);
const attributes = fc.dictionary(fc.constantFrom('00081140', '00104000', '00204000', '00291010'), value, {
  maxKeys: 4,
});
const frames = fc.constantFrom(
  { kind: 'none' } as const,
  { kind: 'native', offset: 1600, frameBits: 12, count: 3 } as const,
  { kind: 'fragments', offsets: [8, 100_008], lengths: [100, 7], starts: [0, 1] } as const,
  { kind: 'unknown', reason: 'video' } as const,
);
const manifests: fc.Arbitrary<Manifest> = fc
  .record({
    version: fc.integer({ min: 2, max: 2 ** 32 - 1 }),
    previous: fc.constantFrom(undefined, 'ab'.repeat(32)),
    study: attributes,
    amendments: fc.option(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 2 }), { nil: undefined }),
    series: fc.array(
      fc.record({
        generation: fc.integer({ min: 1, max: 9 }),
        modality: fc.constantFrom(undefined, 'CT', 'MR', ''),
        instances: fc.array(fc.record({ attributes, frames, digest: fc.constantFrom(undefined, 'cd'.repeat(32)) }), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ series, ...made }) =>
    built({
      ...made,
      studyUid: '1.2.3',
      series: series.map(({ instances, ...each }, s) => ({
        ...each,
        uid: `1.2.3.9.${s % 2}`,
        generation: each.generation + 10 * s,
        instances: instances.map((one, i) => ({ ...instance(s * 100 + i), ...one })),
      })),
    }),
  );

test('any manifest comes back from a KOS and from FHIR as it was', () => {
  fc.assert(
    fc.property(manifests, (manifest) => {
      expect(manifestFromKos(toKos(manifest))).toEqual(manifest);
      expect(manifestFromFhir(throughJson(toFhir(manifest)))).toEqual(manifest);
    }),
    { seed: 3, numRuns: 150 },
  );
});

const sample = (): Manifest => {
  const input = study(2, 1);
  const series = input.series.map((each, s) => ({
    ...each,
    instances: each.instances.map((one, i) => ({
      ...one,
      attributes: {
        ...one.attributes,
        '0008103E': { vr: 'LO', Value: [`Serie ${s}`] },
        '00080021': { vr: 'DA', Value: ['20260101'] },
        '00200011': { vr: 'IS', Value: [s + 1] },
        '00280008': { vr: 'IS', Value: [i + 1] },
        '00280010': { vr: 'US', Value: [512] },
      },
    })),
  }));
  const more = { '00080020': { vr: 'DA', Value: ['20260101'] }, '00080050': { vr: 'SH', Value: ['A7'] } };
  return built({ ...input, study: { ...input.study, ...more }, series });
};

describe('what others read of it', () => {
  test('a KOS lists every instance once, in its study and series, with where to get it', () => {
    const { json } = readPart10(toKos(sample()));
    const { references, title } = readKeyObjects(json);
    expect(title).toEqual({ value: 'MADOTEMP001', scheme: '99IHE', meaning: 'Manifest with Description' });
    expect(references.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(['1.2.3.0', '1.2.3.1', '1.2.3.100000']);
    expect(references.map(({ seriesUid }) => seriesUid)).toEqual(['1.2.3.9.0', '1.2.3.9.0', '1.2.3.9.1']);
    expect(JSON.stringify(json)).toContain('"00081190":{"vr":"UR","Value":["https://pacs.example/dicom-web"]}');
    const text = reportText(readReport(json), english);
    expect(text).toContain('Number of Study Related Series: 2 series');
    expect(text).toContain('Series Description: Serie 1');
    expect(text).toContain('Number of Frames: 2 frames');
  });

  test('FHIR has the study, its series and instances in fields of its own', () => {
    const bundle = throughJson(toFhir(sample())) as { entry: { resource: Record<string, unknown> }[] };
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'document', timestamp: '2026-01-02T12:00:00+01:00' });
    expect(bundle.entry.map(({ resource }) => resource.resourceType)).toEqual([
      ...['Composition', 'ImagingStudy', 'Patient', 'Endpoint', 'Device', 'Organization'],
    ]);
    const [, imaging, patient, endpoint] = bundle.entry.map(({ resource }) => resource);
    expect(imaging).toMatchObject({
      identifier: [{ system: 'urn:dicom:uid', value: '1.2.3' }],
      started: '2026-01-01',
      numberOfSeries: 2,
      numberOfInstances: 3,
      basedOn: [{ identifier: { value: 'A7' } }],
      series: [
        { uid: '1.2.3.9.0', number: 1, modality: { code: 'CT' }, description: 'Serie 0', started: '2026-01-01' },
        { uid: '1.2.3.9.1', instance: [{ sopClass: { code: 'urn:oid:1.2.840.10008.5.1.4.1.1.2' }, number: 100_000 }] },
      ],
    });
    expect(patient).toMatchObject({ name: [{ family: 'Ștefănescu', given: ['Ion'] }] });
    expect(endpoint).toMatchObject({ address: 'https://pacs.example/dicom-web' });
  });

  test('every reference of the document is to one of its entries', () => {
    const bundle = throughJson(toFhir(sample())) as { entry: { fullUrl: string }[] };
    const urls = new Set(bundle.entry.map(({ fullUrl }) => fullUrl));
    const named = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g)].map(([, url]) => url!);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((url) => !urls.has(url))).toEqual([]);
  });

  // dicom3tools knows the key object selection from before DICOM CP 2595, which lets it have these value types.
  const later = /Unrecognized enumerated value <(NUM|DATE|TIME)> for value 1 of attribute <Value Type>/;
  const dciodvfy = requires('dciodvfy');
  if (dciodvfy) {
    test('dciodvfy finds no error but in what is newer than it', () => {
      const path = join(dir, 'kos.dcm');
      writeFileSync(path, toKos(sample()));
      const { stdout, stderr } = spawnSync(dciodvfy, [path], { encoding: 'utf8' });
      expect(`${stdout}${stderr}`).toContain('KeyObjectSelectionDocument');
      const errors = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('Error'));
      expect(errors.filter((line) => !later.test(line))).toEqual([]);
    });
  }
  const dsrdump = requires('dsrdump');
  if (dsrdump) {
    test('dsrdump reads it, its newer value types allowed', () => {
      const { stdout, status } = spawnSync(dsrdump, ['-q', '-Ec', '-'], { input: toKos(sample()), encoding: 'utf8' });
      expect(status).toBe(0);
      expect(stdout).toContain('"Series Description")="Serie 1"');
    });
  }
});

describe('what is no manifest of ours', () => {
  const code = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (error) {
      return error instanceof PeerError ? error.code : error;
    }
  };

  test('another system’s selection or Bundle is called foreign', () => {
    const reference = {
      studyUid: '1.2.3.4.5',
      seriesUid: '1.2',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: '1.3',
    };
    const [kos] = keyObjects({ documents: [documentContext()], title: 'manifest', references: [reference] });
    expect(code(() => manifestFromKos(writePart10(kos as DicomJson)))).toBe('manifest/foreign');
    const bundle = JSON.parse(JSON.stringify(toFhir(sample())).replaceAll('urn:oid:2.25.', 'urn:oid:2.26.'));
    expect(code(() => manifestFromFhir(bundle))).toBe('manifest/foreign');
    for (const odd of [undefined, null, 7, 'x', [], {}, { entry: [null, { resource: 3 }] }]) {
      expect(code(() => manifestFromFhir(odd))).toBe('manifest/foreign');
    }
  });

  test('a damaged one is refused', () => {
    const text = JSON.stringify(toFhir(sample()));
    const damaged = (from: string, to: string) => code(() => manifestFromFhir(JSON.parse(text.replace(from, to))));
    expect(text).toContain('\\"version\\":1');
    expect(damaged('\\"version\\":1', '\\"version\\":\\"1\\"')).toMatch(/^(field|manifest)\//);
    expect(damaged('\\"version\\":1', '\\"version\\":')).toBe('manifest/invalid');
    expect(damaged('"uid":"1.2.3.1"', '"uid":"1.2.3.0"')).toBe('manifest/invalid');
    expect(damaged('\\"sealedLength\\":525000', '\\"sealedLength\\":5')).toBe('manifest/invalid');
  });
});
