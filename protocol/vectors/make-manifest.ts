// Writes vectors/manifest/*.json. Run with `node protocol/vectors/make-manifest.ts`; running it again changes nothing.
import { writeFileSync } from 'node:fs';
import { nobleBulk } from '../bulk-noble.ts';
import { hex } from '../bytes.ts';
import { decodeCbor, encodeCbor } from '../cbor.ts';
import { type Frames, packFrames } from '../manifest/frames.ts';
import { buildManifest, encodeManifest, type NewManifest } from '../manifest/manifest.ts';
import { manifestIdOf } from '../manifest/sealed-manifest.ts';
import { sealAll } from '../seal/sealer.ts';
import { seeded } from './seeded.ts';

const write = (name: string, vector: { comment: string; what: string; input: unknown; expect: unknown }) =>
  writeFileSync(new URL(`manifest/${name}.json`, import.meta.url), `${JSON.stringify(vector, null, 2)}\n`);

const random = seeded('manifest');
const [key, salt] = [random(32), random(32)];

const instance = (n: number) => ({
  sopInstanceUid: `1.2.840.99999.1.1.${n}`,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  transferSyntax: '1.2.840.10008.1.2.1',
  objectId: hex(random(32)),
  sealedLength: 524_800,
  plainLength: 524_500,
  datasetOffset: 350,
  frames: { kind: 'native', offset: 1500, frameBits: 4_194_304, count: 1 } as Frames,
  attributes: {
    '00080018': { vr: 'UI', Value: [`1.2.840.99999.1.1.${n}`] },
    '00080060': { vr: 'CS', Value: ['CT'] },
    '00200013': { vr: 'IS', Value: [n] },
  },
});

const study: NewManifest = {
  version: 2,
  previous: hex(random(32)),
  studyUid: '1.2.840.99999.1',
  study: { '0020000D': { vr: 'UI', Value: ['1.2.840.99999.1'] } },
  series: [{ uid: '1.2.840.99999.1.1', generation: 1, modality: 'CT', instances: [instance(1), instance(2)] }],
};
const payload = encodeManifest(buildManifest(study));

const sealed = (encoded: Uint8Array) => {
  const { bytes } = sealAll(encoded, { parentKey: key, salt }, { bulk: nobleBulk });
  return { key: hex(key), id: manifestIdOf(bytes, nobleBulk), sealed: hex(bytes) };
};

write('manifest', {
  comment: 'Two slices; what they share stands in the series.',
  what: 'manifest',
  input: sealed(payload),
  expect: { payload: hex(payload), manifest: study },
});

// biome-ignore lint/suspicious/noExplicitAny: edits reach into decoded CBOR that no type describes
type Edit = (manifest: Map<string, any>, instances: Map<string, any>[]) => void;

const refuse = (name: string, comment: string, edit: Edit, code: string) => {
  const manifest = decodeCbor(payload) as Parameters<Edit>[0];
  edit(manifest, manifest.get('series')[0].get('instances'));
  write(name, { comment, what: 'manifest', input: sealed(encodeCbor(manifest)), expect: code });
};

refuse('missing-series', 'No series.', (manifest) => manifest.delete('series'), 'field/missing');
refuse('no-instances', 'A series without instances.', (_, list) => list.splice(0), 'field/invalid');
refuse('uid', 'A UID with a letter.', (_, [one]) => one!.set('sopInstanceUid', '1.2.x'), 'field/invalid');
refuse('study-json', 'Study attributes that are no JSON.', (manifest) => manifest.set('study', '{'), 'field/invalid');
refuse(
  'study-tag',
  'An attribute named in lower case.',
  (manifest) => manifest.set('study', '{"0020000d":{}}'),
  'field/invalid',
);
refuse('twice', 'One instance twice.', (_, list) => list.push(list[0]!), 'manifest/invalid');
refuse(
  'series-twice',
  'One series twice in one generation.',
  (m) => m.get('series').push(m.get('series')[0]),
  'manifest/invalid',
);
refuse(
  'lengths',
  'Sealed bytes shorter than what they hold.',
  (_, [one]) => one!.set('sealedLength', 5),
  'manifest/invalid',
);
refuse(
  'dataset-offset',
  'A data set that starts behind the end.',
  (_, [one]) => one!.set('plainLength', 5),
  'manifest/invalid',
);
refuse(
  'first-with-previous',
  'Version 1 names one before.',
  (manifest) => manifest.set('version', 1),
  'manifest/invalid',
);
refuse(
  'amended',
  'Corrections that this version cannot apply.',
  (m) => m.set('amendments', [Uint8Array.of(1)]),
  'manifest/amended',
);
refuse('crit', 'Must be understood, and is not.', (m) => m.set('crit', ['embargo']).set('embargo', 1), 'crit/unknown');

write('other-id', {
  comment: 'Another manifest than the grant names.',
  what: 'manifest',
  input: { ...sealed(payload), id: hex(salt) },
  expect: 'manifest/id',
});

const frames = (name: string, comment: string, packed: Uint8Array, expect: Frames | string) =>
  write(`frames-${name}`, { comment, what: 'frames', input: { packed: hex(packed) }, expect });
const pack = (each: Frames) => [packFrames(each)!, each] as const;

frames(
  'native',
  'Three frames of 512 x 512 x 16 bits.',
  ...pack({ kind: 'native', offset: 1500, frameBits: 4_194_304, count: 3 }),
);
frames(
  'fragments',
  'Two frames, the first in two fragments.',
  ...pack({ kind: 'fragments', offsets: [1520, 2528, 3000], lengths: [1000, 464, 90], starts: [0, 2] }),
);
frames(
  'fragment-each',
  'Two frames of a fragment each: the starts are left out.',
  ...pack({ kind: 'fragments', offsets: [1520, 2528], lengths: [1000, 464], starts: [0, 1] }),
);
frames('unknown', 'A video: one stream of all frames.', ...pack({ kind: 'unknown', reason: 'video' }));
frames('trailing', 'Something follows.', Uint8Array.of(3, 1, 0), 'manifest/invalid');
frames(
  'too-many',
  'More fragments than any instance has.',
  Uint8Array.of(2, 0xff, 0xff, 0xff, 0x7f, 0),
  'manifest/invalid',
);
