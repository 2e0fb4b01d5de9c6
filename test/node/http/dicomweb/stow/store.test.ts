// STOW-RS: what is stored, what not and why, whatever the body looks like.
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../../../node/dicom/model/json.ts';
import { readDataset, readPart10 } from '../../../../../node/dicom/read/read-dataset.ts';
import { markedStudy } from '../../../../../sim/studies/studies.ts';
import { rowsOf } from '../../../stores.ts';
import { openPeer, type Peer } from '../../kit.ts';

const patient = { id: '2000000000008', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
const study = (seed: number, instances = 3) => [...markedStudy({ seed, patient, instances, bytesEach: 30_000 })];

let peer: Peer;
beforeAll(async () => {
  peer = await openPeer();
});
afterAll(() => peer.close());

interface SentPart {
  readonly type?: string;
  readonly body: Uint8Array | string;
  readonly location?: string;
}

function multipart(parts: readonly SentPart[], type = 'application/dicom', boundary = 'a b') {
  const pieces = parts.flatMap(({ type: own = type, body, location }) => [
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: ${own}\r\n${location ? `Content-Location: ${location}\r\n` : ''}\r\n`,
    ),
    Buffer.from(body as string),
  ]);
  const body = Buffer.concat([...pieces, Buffer.from(`\r\n--${boundary}--\r\nepilogue`)]);
  return { body, headers: { 'content-type': `multipart/related; type="${type}"; boundary="${boundary}"` } };
}

async function stow(
  parts: readonly SentPart[],
  options: { path?: string; type?: string; headers?: object; as?: 'admin' } = {},
) {
  const { body, headers } = multipart(parts, options.type);
  const answer = await peer.call(options.path ?? '/dicom-web/studies', {
    body,
    headers: { ...headers, ...options.headers },
  });
  return { status: answer.status, json: (await answer.json()) as DicomJson & { code?: string } };
}

const refs = (json: DicomJson, tag: string) => (json[tag]?.Value ?? []) as DicomJson[];
const value = (json: DicomJson, tag: string) => json[tag]?.Value?.[0];

describe('instances as files', () => {
  it('are stored, in order, each with where to get it; the same again is no failure', async () => {
    const sent = study(1);
    for (let again = 0; again < 2; again += 1) {
      const { status, json } = await stow(sent.map(({ part10 }) => ({ body: part10 })));
      expect(status).toBe(200);
      const { studyUid } = sent[0]!;
      expect(value(json, '00081190')).toBe(`${peer.url}/dicom-web/studies/${studyUid}`);
      expect(json['00081198']).toBeUndefined();
      expect(refs(json, '00081199').map((item) => value(item, '00081155'))).toEqual(
        sent.map((each) => each.sopInstanceUid),
      );
      const url = String(value(refs(json, '00081199')[0]!, '00081190')).slice(peer.url.length);
      expect((await peer.call(url)).status).toBe(200);
    }
  });

  it('fail one by one, each with its reason', async () => {
    const [good, changed, other] = study(2);
    const lie = Buffer.from(good!.part10);
    lie[lie.length - 3]! ^= 1;
    const cut = changed!.part10.subarray(0, changed!.part10.length - 50);
    const parts = [good!.part10, lie, cut, Buffer.from('%PDF-1.4 not at all'.repeat(20)), other!.part10].map(
      (body) => ({ body }),
    );
    const { status, json } = await stow([...parts, { type: 'text/plain', body: 'hello' }]);
    expect(status).toBe(202);
    expect(refs(json, '00081199').map((item) => value(item, '00081155'))).toEqual([
      good!.sopInstanceUid,
      other!.sopInstanceUid,
    ]);
    expect(refs(json, '00081198').map((item) => [value(item, '00081155'), value(item, '00081197')])).toEqual([
      [good!.sopInstanceUid, 0x0111],
      [changed!.sopInstanceUid, 0xc000],
    ]);
    expect(refs(json, '0008119A').map((item) => value(item, '00081197'))).toEqual([0xc000, 0xc000]);
  });

  it('of another study than the one in the URL are refused and not kept', async () => {
    const [mine] = study(3);
    const [others] = study(4);
    const path = `/dicom-web/studies/${mine!.studyUid}`;
    const asideBefore = (await rowsOf(peer.stores.aside)).length;
    const both = await stow([{ body: mine!.part10 }, { body: others!.part10 }], { path });
    expect(both.status).toBe(202);
    expect(refs(both.json, '00081198').map((item) => value(item, '00081197'))).toEqual([0xa900]);
    const none = await stow([{ body: others!.part10 }], { path });
    expect(none.status).toBe(409);
    expect(peer.stores.index.study(others!.studyUid)).toBeUndefined();
    expect(await rowsOf(peer.stores.aside)).toHaveLength(asideBefore);
    expect(await peer.stores.objects.partials()).toEqual([]);
  });

  it('are told of in XML to who asks for it', async () => {
    const { body, headers } = multipart(study(1).map(({ part10 }) => ({ body: part10 })));
    const answer = await peer.call('/dicom-web/studies', {
      body,
      headers: { ...headers, accept: 'application/dicom+xml' },
    });
    expect(answer.headers.get('content-type')).toBe('application/dicom+xml');
    expect(await answer.text()).toMatch(/keyword="ReferencedSOPSequence" vr="SQ"><Item number="1">/);
  });

  it('may come bare, and warn when the file header names another instance', async () => {
    const [one, two] = study(5);
    const headers = { 'content-type': 'application/dicom' };
    const answer = await peer.call('/dicom-web/studies', { body: one!.part10, headers });
    expect(answer.status).toBe(200);
    const head = one!.part10.length - one!.dataset.length;
    const mixed = Buffer.concat([one!.part10.subarray(0, head), two!.dataset]);
    const { status, json } = await stow([{ body: mixed }]);
    expect(status).toBe(202);
    expect(refs(json, '00081199').map((item) => [value(item, '00081155'), value(item, '00081196')])).toEqual([
      [two!.sopInstanceUid, 0xb007],
    ]);
  });
});

describe('requests that are wrong as a whole', () => {
  it('are refused by type, body and role', async () => {
    const [one] = study(6);
    const call = async (headers: Record<string, string>, body: Uint8Array, as: 'admin' | 'practitioner' = 'admin') => {
      const answer = await peer.call('/dicom-web/studies', { as, headers, body });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    const related = (rest: string) => ({ 'content-type': `multipart/related; type="application/dicom"${rest}` });
    expect(await call({ 'content-type': 'text/plain' }, one!.part10)).toEqual([415, 'http/media-type']);
    expect(await call({ 'content-type': 'multipart/form-data; boundary=x' }, one!.part10)).toEqual([
      415,
      'http/media-type',
    ]);
    expect(await call(related(''), one!.part10)).toEqual([400, 'http/multipart']);
    expect(await call(related('; boundary=x'), one!.part10)).toEqual([400, 'http/multipart']);
    expect(await call(related('; boundary=x'), Buffer.from('--x--'))).toEqual([400, 'http/invalid']);
    expect(await call(related('; boundary=x'), Buffer.from('--x--'), 'practitioner')).toEqual([403, 'http/forbidden']);
    const { body, headers } = multipart([{ body: one!.part10 }]);
    expect(await call({ ...headers, accept: 'image/png' }, body)).toEqual([406, 'http/not-acceptable']);
    expect(peer.stores.index.study(one!.studyUid)).toBeUndefined();
  });

  it('that end too early tell of what was stored', async () => {
    const [one, two] = study(7);
    const { body, headers } = multipart([{ body: one!.part10 }, { body: two!.part10 }]);
    const answer = await peer.call('/dicom-web/studies', { body: body.subarray(0, body.length - 5000), headers });
    expect(answer.status).toBe(202);
    const json = (await answer.json()) as DicomJson;
    expect(refs(json, '00081199')).toHaveLength(1);
    expect(refs(json, '0008119A')).toHaveLength(1);
    expect(await peer.stores.objects.partials()).toEqual([]);
  });

  it('that break off leave nothing half done, and the next one works', async () => {
    const sent = study(8, 2);
    const { body, headers } = multipart(sent.map(({ part10 }) => ({ body: part10 })));
    const socket = connect(peer.port, '127.0.0.1');
    const head = [
      'POST /dicom-web/studies HTTP/1.1',
      'host: x',
      `authorization: Bearer ${peer.tokens.admin}`,
      `content-type: ${headers['content-type']}`,
      `content-length: ${body.length}`,
    ].join('\r\n');
    await new Promise<void>((resolve) => {
      socket.write(`${head}\r\n\r\n`);
      socket.write(body.subarray(0, body.length - 10_000), () => socket.destroy());
      socket.once('close', () => resolve());
    });
    const whole = await stow(sent.map(({ part10 }) => ({ body: part10 })));
    expect(whole.status).toBe(200);
    await expect.poll(() => peer.stores.objects.partials()).toEqual([]);
  });

  it('end in an answer whatever was changed in them', async () => {
    const [one] = [...markedStudy({ seed: 9, patient, instances: 1, bytesEach: 1024 })];
    const { body, headers } = multipart([{ body: one!.part10 }, { body: one!.part10 }]);
    const change = fc.tuple(fc.nat(body.length - 1), fc.nat(255));
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(body.length),
        async (changes, length) => {
          const bad = Buffer.from(body);
          for (const [at, byte] of changes) bad[at] = byte;
          const cut = length % 3 === 0 ? bad.subarray(0, length) : bad;
          const answer = await peer.call('/dicom-web/studies', { body: cut, headers });
          await answer.arrayBuffer();
          seen.add(answer.status);
          expect([200, 202, 400, 409, 415]).toContain(answer.status);
        },
      ),
      { seed: 5, numRuns: 1000 },
    );
    expect([...seen].sort()).toEqual(expect.arrayContaining([200, 202, 400]));
    expect(await peer.stores.objects.partials()).toEqual([]);
    expect((await stow([{ body: one!.part10 }])).status).toBe(200);
  });
});

describe('metadata with bulk data', () => {
  const metadataOf = (part10: Uint8Array, uri: string): DicomJson => ({
    ...readPart10(part10).json,
    '7FE00010': { vr: 'OW', BulkDataURI: uri },
  });
  const pixelsOf = (part10: Uint8Array, bytes = 30_720) => part10.subarray(part10.length - bytes);
  const type = 'application/dicom+json';

  it('become instances, whatever order the bulk data come in', async () => {
    const sent = study(10, 2);
    const json = JSON.stringify(sent.map(({ part10 }, i) => metadataOf(part10, `bulk/${i}`)));
    const parts = [1, 0].map((i) => ({
      type: 'application/octet-stream',
      location: `bulk/${i}`,
      body: pixelsOf(sent[i]!.part10),
    }));
    const { status, json: answer } = await stow([{ body: json }, ...parts], { type });
    expect([status, answer]).toMatchObject([200, {}]);
    for (const { sopInstanceUid, part10 } of sent) {
      const kept = (await peer.stores.index.instance(sopInstanceUid))!;
      const url = `/dicom-web/studies/${sent[0]!.studyUid}/series/${kept.seriesUid}/instances/${sopInstanceUid}/frames/1`;
      const frame = await peer.call(url, { headers: { accept: 'application/octet-stream' } });
      expect(Buffer.from(await frame.arrayBuffer()).equals(pixelsOf(part10))).toBe(true);
    }
  });

  it('are kept in one file until all have come, however many parts they are', async () => {
    const [one] = study(14, 1);
    const json = JSON.stringify([{ ...metadataOf(one!.part10, 'p/0') }]);
    const { objects } = peer.stores;
    let most = 0;
    const opened = objects.partial;
    objects.partial = async (name) => {
      const file = await opened(name);
      most = Math.max(most, (await objects.partials()).length);
      return file;
    };
    const part = (i: number) => ({
      type: 'application/octet-stream',
      location: `p/${i}`,
      body: new Uint8Array(70_000),
    });
    try {
      const { status } = await stow([{ body: json }, ...Array.from({ length: 40 }, (_, i) => part(i))], { type });
      expect(status).toBe(202); // those that nothing names are told of
    } finally {
      objects.partial = opened;
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2);
    expect(await objects.partials()).toEqual([]);
  });

  it('keep names in any script, sequences, compressed frames and nested bulk data', async () => {
    const [one] = study(11, 1);
    const base = metadataOf(one!.part10, 'p');
    const frames = [Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1]), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 2, 3])];
    const json: DicomJson = {
      ...base,
      '00080018': { vr: 'UI', Value: ['1.2.3.11'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Țurcanu^Ștefan', Ideographic: '山田^太郎' }] },
      '00280008': { vr: 'IS', Value: [2] },
      '00400555': {
        vr: 'SQ',
        Value: [{ '0040A30A': { vr: 'DS', Value: [1.5] }, '54001010': { vr: 'OW', BulkDataURI: 'n' } }],
      },
    };
    const parts = frames.map((body) => ({
      type: 'image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50',
      location: 'p',
      body,
    }));
    const nested = { type: 'application/octet-stream', location: 'n', body: Buffer.from([1, 2, 3, 4]) };
    const { status } = await stow([{ body: JSON.stringify([json]) }, nested, ...parts], { type });
    expect(status).toBe(200);
    const kept = (await peer.stores.index.instance('1.2.3.11'))!;
    expect([kept.transferSyntax, kept.frames.kind]).toEqual(['1.2.840.10008.1.2.4.50', 'fragments']);
    const header = JSON.parse(Buffer.from(await peer.stores.index.header(kept)).toString()) as DicomJson;
    expect(header['00100010']).toEqual(json['00100010']);
    const file = await peer.call(`/dicom-web/studies/${one!.studyUid}/series/${kept.seriesUid}/instances/1.2.3.11`, {
      headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
    });
    const body = Buffer.from(await file.arrayBuffer());
    const start = body.indexOf('\r\n\r\n') + 4;
    const dataset = readDataset(
      body.subarray(start + kept.datasetOffset, start + kept.plainLength),
      kept.transferSyntax,
    );
    expect(dataset['00400555']!.Value).toEqual([
      { '0040A30A': { vr: 'DS', Value: [1.5] }, '54001010': { vr: 'OW', InlineBinary: 'AQIDBA==' } },
    ]);
  });

  it('fail when bulk data are missing, too many, or the metadata are none', async () => {
    const [one, two] = study(12, 2);
    const bulk = { type: 'application/octet-stream', location: 'x', body: pixelsOf(one!.part10) };
    const missing = await stow(
      [{ body: JSON.stringify([metadataOf(one!.part10, 'x'), metadataOf(two!.part10, 'y')]) }, bulk],
      { type },
    );
    expect(missing.status).toBe(202);
    expect(refs(missing.json, '00081198').map((item) => value(item, '00081155'))).toEqual([two!.sopInstanceUid]);
    const many = await stow(
      [{ body: JSON.stringify([metadataOf(one!.part10, 'x')]) }, bulk, { ...bulk, location: 'z' }],
      { type },
    );
    expect([many.status, refs(many.json, '0008119A').length]).toEqual([202, 1]);
    for (const body of ['', '{', '[1]', '[{"x":1}]', '[{"00100010":{"vr":1}}]', `[${'['.repeat(100_000)}`]) {
      expect(await stow([{ body }], { type }), body.slice(0, 20)).toMatchObject({
        status: 400,
        json: { code: 'http/invalid' },
      });
    }
    const deep = `${'{"00081140":{"vr":"SQ","Value":['.repeat(5000)}{}${']}}'.repeat(5000)}`;
    const shallow = JSON.stringify(metadataOf(one!.part10, 'x'));
    const tooDeep = await stow([{ body: `[${shallow.slice(0, -1)},${deep.slice(1)}]` }, bulk], { type });
    expect(tooDeep.status).toBe(409);
    expect((await stow([{ ...bulk, location: '' }], { type })).status).toBe(400);
    expect(await peer.stores.objects.partials()).toEqual([]);
  });
});
