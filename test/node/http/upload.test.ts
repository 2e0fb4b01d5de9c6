// Uploads: archives, CDs, documents and pictures of a patient, and whatever else somebody drops.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { studyReader } from '../../../node/access/study-reader.ts';
import type { DicomJson } from '../../../node/dicom/model/json.ts';
import { readPart10 } from '../../../node/dicom/read/read-dataset.ts';
import type { ImportReport } from '../../../node/exchange/upload/upload.ts';
import { markedStudy, type SyntheticInstance } from '../../../sim/studies/studies.ts';
import { requires } from '../../programs.ts';
import { samples } from '../dicom/samples.ts';
import * as media from '../exchange/upload/media.ts';
import { openPeer, type Peer } from './kit.ts';

const patient = { id: '2000000000008', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
const study = (seed: number, instances = 2): SyntheticInstance[] => [
  ...markedStudy({ seed, patient, instances, bytesEach: 20_000 }),
];

let peer: Peer;
beforeAll(async () => {
  peer = await openPeer();
});
afterAll(() => peer.close());

type Files = readonly (readonly [name: string, bytes: Uint8Array])[];

async function zip(files: Files, compress = true): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, bytes] of files) file.addBuffer(Buffer.from(bytes), name, { compress });
  file.end();
  const pieces: Buffer[] = [];
  for await (const piece of file.outputStream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function upload(
  body: Uint8Array | FormData,
): Promise<{ status: number; report: ImportReport & { code?: string } }> {
  const headers = { authorization: `Bearer ${peer.tokens.imaging}` };
  const type = body instanceof FormData ? {} : { 'content-type': 'application/zip' };
  const sent = body instanceof FormData ? body : Buffer.from(body);
  const answer = await fetch(`${peer.url}/api/v1/upload`, {
    method: 'POST',
    headers: { ...headers, ...type },
    body: sent,
  });
  return { status: answer.status, report: (await answer.json()) as ImportReport };
}

function form(fields: Record<string, string>, files: Files): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const [name, bytes] of files) data.append('file', new Blob([Uint8Array.from(bytes)]), name);
  return data;
}

describe('archives', () => {
  it('give up what they hold, an archive inside too, and say what they refuse', async () => {
    const [one, two] = study(1);
    const [three] = study(2, 1);
    const deepest = await zip([['x.dcm', three!.part10]]);
    const inner = await zip([
      ['b.dcm', two!.part10],
      ['deepest.zip', deepest],
    ]);
    const outer = await zip(
      [
        ['a/b/../../../one.dcm', one!.part10],
        ['inner.zip', inner],
        ['readme.txt', Buffer.from('hello')],
        ['empty', Buffer.alloc(0)],
      ].map(([name, bytes]) => [String(name).replaceAll('..', 'up'), bytes as Uint8Array]),
    );
    const { status, report } = await upload(outer);
    expect(status).toBe(200);
    expect(report).toEqual({
      ...{ imported: 2, duplicates: 0, conflicts: 0, refusedMore: 0 },
      refused: [
        { path: 'upload.zip/inner.zip/deepest.zip', reason: 'import/archive' },
        { path: 'upload.zip/readme.txt', reason: 'dicom/not-dicom' },
        { path: 'upload.zip/empty', reason: 'dicom/not-dicom' },
      ],
      studies: [one!.studyUid],
    });
    expect((await upload(outer)).report).toMatchObject({ imported: 0, duplicates: 2 });
    expect(await peer.stores.objects.partials()).toEqual([]);
  });

  it('may have names that lie, lead out of the folder, or come twice', async () => {
    const [one, two] = study(3);
    const names = ['XX/XX/etc/passwd', 'Xabsolute'];
    const whole = await zip([
      [names[0]!, one!.part10],
      [names[1]!, two!.part10],
    ]);
    let text = whole.toString('latin1');
    text = text.replaceAll(names[0]!, '../../etc/passwd').replaceAll(names[1]!, '/absolute');
    const { report } = await upload(Buffer.from(text, 'latin1'));
    expect(report).toMatchObject({ imported: 2, refused: [] });
  });

  it('that are bombs end before they have gone off', async () => {
    const zeros = Buffer.alloc(96 * 1024 * 1024);
    const { report } = await upload(await zip([['bomb', zeros]]));
    expect(report.refused.map(({ reason }) => reason)).toEqual(['dicom/not-dicom']);
    const dicom = Buffer.concat([study(4, 1)[0]!.part10, zeros]);
    const bomb = await upload(
      await zip([
        ['bomb.dcm', dicom],
        ['after.dcm', study(4, 1)[0]!.part10],
      ]),
    );
    expect(bomb.report).toMatchObject({
      imported: 0,
      refused: [{ path: 'upload.zip', reason: 'import/archive-limit' }],
    });
    expect(await peer.stores.objects.partials()).toEqual([]);
  });

  it('that are damaged say so, file by file or as a whole', async () => {
    const [one, two] = study(5);
    const whole = await zip(
      [
        ['one.dcm', one!.part10],
        ['two.dcm', two!.part10],
      ],
      false,
    );
    const flipped = Buffer.from(whole);
    flipped[whole.indexOf(one!.part10.subarray(-64)) + 3]! ^= 1;
    const { report } = await upload(flipped);
    expect(report).toMatchObject({
      imported: 1,
      refused: [{ path: 'upload.zip/one.dcm', reason: 'import/archive-damaged' }],
    });
    expect(await peer.stores.index.instance(one!.sopInstanceUid)).toBeUndefined();
    for (const bad of [whole.subarray(0, 1000), Buffer.from('PK\x03\x04rest')]) {
      expect((await upload(bad)).report.refused).toEqual([{ path: 'upload.zip', reason: 'import/archive-damaged' }]);
    }
  });

  it('end in a report whatever was changed in them', async () => {
    const [one] = [...markedStudy({ seed: 6, patient, instances: 1, bytesEach: 1024 })];
    const inner = await zip([['i.dcm', one!.part10]]);
    const whole = await zip([
      ['one.dcm', one!.part10],
      ['inner.zip', inner],
      ['text', Buffer.from('hello')],
    ]);
    const tail = whole.length - 300;
    const at = fc.oneof(fc.nat(whole.length - 1), fc.integer({ min: tail, max: whole.length - 1 }));
    const reasons = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(at, fc.nat(255)), { minLength: 1, maxLength: 5 }),
        fc.nat(whole.length * 4),
        async (changes, length) => {
          const bad = Buffer.from(whole);
          for (const [place, byte] of changes) bad[place] = byte;
          const { status, report } = await upload(bad.subarray(0, length));
          expect(status).toBe(200);
          for (const { reason } of report.refused) reasons.add(reason);
        },
      ),
      { seed: 7, numRuns: 600 },
    );
    expect([...reasons]).toEqual(expect.arrayContaining(['import/archive-damaged', 'dicom/not-dicom']));
    expect(await peer.stores.objects.partials()).toEqual([]);
  });
});

const all = samples();
const cd = all.filter(({ path }) => /dicomdirtests\/(DICOMDIR$|77654033|98892001|98892003)/.test(path));

describe.runIf(cd.length > 3)('a CD', () => {
  it('is taken whole; what its DICOMDIR names and is not there is told', async () => {
    const files = cd.map(({ path, read }) => [path.replace(/^.*dicomdirtests\//, 'CD/'), read()] as const);
    const whole = await upload(await zip(files));
    expect(whole.report.imported).toBe(files.length - 1);
    expect(whole.report.refused).toEqual([{ path: 'upload.zip/CD/DICOMDIR', reason: 'dicom/directory' }]);
    const gone = files.find(([name]) => name !== 'CD/DICOMDIR')!;
    const part = await upload(await zip(files.filter((each) => each !== gone)));
    expect(part.report.refused).toEqual([
      { path: 'upload.zip/CD/DICOMDIR', reason: 'dicom/directory' },
      { path: `upload.zip/CD/DICOMDIR: ${gone[0].slice(3).toUpperCase()}`, reason: 'import/missing' },
    ]);
  });

  it('is taken whole when its DICOMDIR is wrong', async () => {
    const files = cd.map(({ path, read }) => [path.replace(/^.*dicomdirtests\//, ''), read()] as const);
    const directory = files.find(([name]) => name === 'DICOMDIR')!;
    const broken = Buffer.from(directory[1]);
    broken.fill(0xff, 2000, 2040);
    for (const bytes of [broken, broken.subarray(0, 1500)]) {
      const { report } = await upload(await zip([['DICOMDIR', bytes], ...files.filter((each) => each !== directory)]));
      expect(report.imported + report.duplicates).toBe(files.length - 1);
      expect(report.refused[0]).toEqual({ path: 'upload.zip/DICOMDIR', reason: 'dicom/directory' });
    }
  });
});

const dciodvfy = requires('dciodvfy');

describe('documents and pictures', () => {
  const value = '2000000000015';
  const jpeg = all.find(({ path }) => /SC_rgb_jpeg_dcmtk|color3d_jpeg_baseline|SC_rgb_small_odd_jpeg/.test(path));

  async function stored(report: ImportReport) {
    const reader = studyReader(peer.stores.index.study(report.studies[0]!)!, peer.stores);
    const files: { json: DicomJson; dataset: Uint8Array; file: Buffer; transferSyntax: string }[] = [];
    for await (const instance of reader.instances()) {
      const pieces: Uint8Array[] = [];
      for await (const piece of reader.read(instance)) pieces.push(piece);
      const file = Buffer.concat(pieces);
      files.push({ ...readPart10(file), file });
    }
    return files;
  }

  /** The bytes of a file that a wrapped object holds. */
  const holds = (dataset: Uint8Array, bytes: Uint8Array) => Buffer.from(dataset).includes(Buffer.from(bytes));

  it('become objects of the patient, one study, valid, with the file inside', async () => {
    const frame = jpeg === undefined ? media.jpegHead(0xc0, [0x22, 0x11, 0x11]) : jpegOf(jpeg.read());
    const files: Files = [
      ['letter.pdf', media.pdf],
      ['model.stl', media.stl()],
      ['photo.jpg', frame],
      ['gray.png', media.png(1, 16)],
      ['colour.png', media.png(4, 8)],
      ['film.mp4', media.mp4()],
    ];
    const fields = { patient: value, name: 'Țurcanu^Ștefan', birthDate: '19500203', title: 'Scrisoare medicală' };
    const { status, report } = await upload(form(fields, files));
    expect({ status, ...report }).toMatchObject({ status: 200, imported: files.length, refused: [] });
    expect(report.studies).toHaveLength(1);
    const objects = await stored(report);
    for (const [name, bytes] of files.filter(([each]) => !each.endsWith('png'))) {
      expect(
        objects.filter(({ dataset }) => holds(dataset, bytes)),
        name,
      ).toHaveLength(1);
    }
    for (const { json } of objects) {
      expect(json['00100010']!.Value).toEqual([{ Alphabetic: 'Țurcanu^Ștefan' }]);
      expect(json['00100020']!.Value).toEqual([value]);
      expect(json['00081030']!.Value).toEqual(['Scrisoare medicală']);
    }
    const record = peer.stores.index.patient(peer.stores.index.study(report.studies[0]!)!.patient)!;
    expect(record).toMatchObject({ name: 'Țurcanu^Ștefan', birthDate: '19500203', identifiers: [{ value }] });
    // the same again makes nothing twice
    expect((await upload(form(fields, files))).report).toMatchObject({
      imported: 0,
      duplicates: files.length,
      studies: report.studies,
    });
  });

  it.runIf(dciodvfy)('are valid by dciodvfy', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'dicomnet-wrap-'));
    const files: Files = [
      ...[media.png(1, 8), media.png(1, 16), media.png(2, 8), media.png(3, 8), media.png(3, 16), media.png(4, 8)].map(
        (each, i) => [`${i}.png`, each] as const,
      ),
      ['a.pdf', media.pdf],
      ['a.stl', media.stl()],
      ['a.mp4', media.mp4()],
      ['a.jpg', jpeg === undefined ? media.jpegHead(0xc0, [0x22, 0x11, 0x11]) : jpegOf(jpeg.read())],
    ];
    const { report } = await upload(form({ patient: '2000000000022', name: 'Rusu^Ion' }, files));
    expect(report).toMatchObject({ imported: files.length });
    for (const [i, { file, json }] of (await stored(report)).entries()) {
      const path = join(dir, `${i}.dcm`);
      await writeFile(path, file);
      const said = execFileSync('sh', ['-c', `dciodvfy ${path} 2>&1 || true`]).toString();
      expect(
        said.split('\n').filter((line) => /^Error/.test(line)),
        String(json['00080016']!.Value![0]),
      ).toEqual([]);
    }
    await rm(dir, { recursive: true });
  });

  it('show what they show: grey, colour, transparent, palettes, few bits', async () => {
    const white = Uint8Array.from([10, 20, 30, 0, 10, 20, 30, 255]);
    const { encode } = await import('fast-png');
    const clear = encode({ width: 2, height: 1, channels: 4, depth: 8, data: white });
    // 1 bit, palette of two: written by hand
    const chunk = (type: string, data: Uint8Array) => {
      const body = Buffer.concat([Buffer.from(type), data]);
      const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
      length.writeUInt32BE(data.length);
      crc.writeUInt32BE(crc32(body));
      return Buffer.concat([length, body, crc]);
    };
    const header = Buffer.from([0, 0, 0, 3, 0, 0, 0, 1, 1, 3, 0, 0, 0]);
    const palette = Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', header),
      chunk('PLTE', Buffer.from([1, 2, 3, 250, 251, 252])),
      chunk('IDAT', deflateSync(Buffer.from([0, 0b01000000]))),
      chunk('IEND', Buffer.alloc(0)),
    ]);
    const { report } = await upload(
      form({ patient: '2000000000039' }, [
        ['clear.png', clear],
        ['palette.png', palette],
        ['sixteen.png', media.png(1, 16, 2, 1)],
      ]),
    );
    expect(report).toMatchObject({ imported: 3, refused: [] });
    const pixels = (await stored(report)).map(({ dataset }) => Buffer.from(dataset).toString('hex'));
    const ends = (hex: string) => pixels.filter((each) => each.endsWith(hex)).length;
    expect([
      ends('ffffff0a141e'),
      ends('010203fafbfc01020300'),
      ends(`0000${(7919).toString(16)}`.replace('1eef', 'ef1e')),
    ]).toEqual([1, 1, 1]);
  });

  it('are refused without a patient, and when DICOM has no form for them', async () => {
    const bad: Files = [
      ['progressive.jpg', media.jpegHead(0xc2, [0x22, 0x11, 0x11])],
      ['cmyk.jpg', media.jpegHead(0xc0, [0x11, 0x11, 0x11, 0x11])],
      ['cut.jpg', media.jpegHead(0xc0, [0x11]).subarray(0, 12)],
      ['old.mp4', media.mp4({ coding: 'mp4v' })],
      ['high10.mp4', media.mp4({ profile: 110 })],
      ['level.mp4', media.mp4({ level: 51 })],
      ['cut.mp4', media.mp4().subarray(0, 200)],
      ['bomb.png', pngClaiming(60_000, 60_000)],
      ['huge.png', pngClaiming(10, 10, deflateSync(Buffer.alloc(50_000_000)))],
      ['twice.png', secondHeader(media.png(1, 8, 1, 1))],
      [
        'late.png',
        Buffer.concat([media.png(1, 8, 1, 1).subarray(0, 8), pngText(20), media.png(1, 8, 1, 1).subarray(8)]),
      ],
      ['boxes.mp4', Buffer.concat([media.mp4().subarray(0, 32), emptyBoxes(500_000)])],
      ['text.stl', Buffer.from('solid x\nendsolid x\n')],
      ['not.pdf', Buffer.from('hello')],
    ];
    const { report } = await upload(form({ patient: value }, bad));
    expect(report.imported).toBe(0);
    expect(Object.fromEntries(report.refused.map(({ path, reason }) => [path, reason]))).toEqual({
      ...Object.fromEntries(bad.map(([name]) => [name, 'import/content'])),
      ...{ 'bomb.png': 'import/too-large', 'text.stl': 'dicom/document', 'not.pdf': 'dicom/not-dicom' },
    });
    const nobody = await upload(form({}, [['letter.pdf', media.pdf]]));
    expect(nobody.report.refused).toEqual([{ path: 'letter.pdf', reason: 'dicom/not-dicom' }]);
    expect(await peer.stores.objects.partials()).toEqual([]);
  });

  it('of a patient in another system are found as that system says, or refused', async () => {
    const local = await upload(form({ patient: '77', system: 'urn:x:cahul' }, [['letter.pdf', media.pdf]]));
    const [object] = await stored(local.report);
    expect(object!.json['00100021']!.Value).toEqual(['Cahul']);
    for (const [fields, code] of [
      [{ patient: '77', system: 'urn:x:nowhere' }, 'import/patient-system'],
      [{ patient: 'x'.repeat(65) }, 'tags/identifier'],
      [{ patient: '1', birthDate: 'yesterday' }, 'field/invalid'],
      [{ unknown: '1' }, 'http/invalid'],
    ] as const) {
      const answer = await upload(form(fields as Record<string, string>, [['letter.pdf', media.pdf]]));
      expect([answer.status >= 400, answer.report.code]).toEqual([true, code]);
    }
  });
});

/** The first frame of a baseline JPEG sample. */
function jpegOf(file: Uint8Array): Uint8Array {
  const bytes = Buffer.from(file);
  const start = bytes.indexOf(Buffer.from([0xff, 0xd8, 0xff]));
  return bytes.subarray(start, bytes.indexOf(Buffer.from([0xff, 0xd9]), start) + 2);
}

/** Another header behind the first, which alone was looked at. */
function secondHeader(png: Uint8Array): Uint8Array {
  const header = Buffer.from(png.subarray(8, 33));
  header.writeUInt32BE(60_000, 8);
  header.writeUInt32BE(60_000, 12);
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  return Buffer.concat([png.subarray(0, 33), header, png.subarray(33)]);
}

/** A text chunk of zeros. */
function pngText(length: number): Uint8Array {
  const chunk = Buffer.alloc(12 + length);
  chunk.writeUInt32BE(length);
  chunk.write('tEXt', 4);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + length)), 8 + length);
  return chunk;
}

/** The index of a video with nothing in it, many times. */
function emptyBoxes(count: number): Uint8Array {
  const boxes = Buffer.alloc(8 + 8 * count);
  boxes.writeUInt32BE(boxes.length);
  boxes.write('moov', 4);
  for (let at = 8; at < boxes.length; at += 8) boxes.write('\0\0\0\x08trak', at, 'latin1');
  return boxes;
}

function pngClaiming(width: number, height: number, packed = deflateRawSync(Buffer.alloc(10))): Uint8Array {
  const bytes = Buffer.from(media.png(1, 8, 1, 1));
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  const at = bytes.indexOf('IDAT') - 4;
  const head = Buffer.alloc(8);
  head.writeUInt32BE(packed.length);
  head.write('IDAT', 4);
  return Buffer.concat([bytes.subarray(0, at), head, packed, Buffer.alloc(4), bytes.subarray(-12)]);
}
