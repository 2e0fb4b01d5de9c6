import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Announced } from '../../../node/exchange/import/arriving-instance.ts';
import type { Importer } from '../../../node/exchange/import/importer.ts';
import { markedStudy } from '../../../sim/studies/studies.ts';
import { openPeer, type Peer } from './kit.ts';

const patient = { id: '2000000000008', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;

let peer: Peer;
beforeAll(async () => {
  peer = await openPeer();
});
afterEach(async () => {
  // whatever came, it goes on
  expect((await peer.call('/api/v1/peer')).status).toBe(200);
});
afterAll(() => peer.close());

/** Sends bytes and gives everything that comes back until the other side closes. */
const raw = (text: string | Uint8Array): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(peer.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });

it.each([
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['a broken request line', 'GET\r\n\r\n'],
  ['a header without a name', 'GET / HTTP/1.1\r\nhost: a\r\n: x\r\n\r\n'],
  ['two lengths', 'POST /api/v1/find HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  [
    'a length and chunks',
    'POST /api/v1/find HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
  ],
  [
    'a broken chunk',
    'POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  ],
])('answers %s with 400', async (_name, text) => {
  const answer = await raw(text);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"http/invalid"');
});

it('answers headers without end with 431', async () => {
  const answer = await raw(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(100_000)}`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(answer).toContain('"http/too-large"');
});

const code = async (answer: Response) => ({
  status: answer.status,
  code: ((await answer.json()) as { code: string }).code,
});

it('refuses JSON that is malformed, too deep, too long or of another type', async () => {
  const headers = { 'content-type': 'application/json' };
  const post = async (body: string, type = headers) =>
    code(await peer.call('/api/v1/find', { body: Buffer.from(body), headers: type }));
  const invalid = { status: 400, code: 'http/invalid' };
  expect(await post('{"value":')).toEqual(invalid);
  expect(await post('')).toEqual(invalid);
  expect(await post('null')).toEqual(invalid);
  expect(await post(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toEqual(invalid);
  expect(await post(`${'{"value":'.repeat(50_000)}1${'}'.repeat(50_000)}`)).toEqual(invalid);
  expect(await post('{"__proto__":{"value":"x"}}')).toEqual(invalid);
  expect(await post(`"${'x'.repeat(1024 * 1024)}"`)).toEqual({ status: 413, code: 'http/too-large' });
  const text = { 'content-type': 'text/plain' };
  expect(await post('{}', text)).toEqual({ status: 415, code: 'http/media-type' });
  expect(await post('{}', { 'content-type': 'application/dicom' })).toEqual({ status: 415, code: 'http/media-type' });
});

it('refuses a body that grows beyond its limit without saying so', async () => {
  let sent = 0;
  const endless = new ReadableStream({
    pull: (controller) => {
      sent += 65536;
      controller.enqueue(new Uint8Array(65536).fill(0x20));
      if (sent > 64 * 1024 * 1024) controller.close();
    },
  });
  const call = { body: endless, headers: { 'content-type': 'application/json' } };
  const answer = await peer.call('/api/v1/find', call).then(code, () => 'closed');
  expect([{ status: 413, code: 'http/too-large' }, 'closed']).toContainEqual(answer);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
});

const bad = [
  '1.2.',
  '.1',
  '1..2',
  'a',
  '1'.repeat(65),
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%00',
  '1.2%2f3',
  '%F0%9F%98%80',
];
it.each(bad)('refuses the UID %s', async (uid) => {
  for (const path of [
    `/studies/${uid}`,
    `/studies/1.2/series/${uid}/metadata`,
    `/studies/1/series/2/instances/${uid}`,
  ]) {
    const { status } = await peer.call(`/dicom-web${path}`);
    expect([400, 404]).toContain(status);
  }
  if (uid !== '%00') {
    expect(await code(await peer.call(`/dicom-web/studies?StudyInstanceUID=${uid}`))).toMatchObject({ status: 400 });
  }
});

it.each([
  ['/dicom-web/studies/%', 400],
  ['/dicom-web/studies/1/series/2/instances/3/frames/0', 400],
  ['/dicom-web/studies/1/series/2/instances/3/frames/1,', 400],
  [`/dicom-web/studies/1/series/2/instances/3/frames/${'1,'.repeat(1500)}1`, 404],
  [`/dicom-web/studies/1/series/2/instances/3/frames/${'1,'.repeat(2500)}1`, 413],
  ['/dicom-web/studies/1/series/2/instances/3/bulkdata/-1/5', 400],
  [`/dicom-web/studies?PatientName=${'x'.repeat(9000)}`, 413],
  [`/dicom-web/studies?${Array(100).fill('PatientName=x').join('&')}`, 400],
  ['/dicom-web/studies?NoSuchAttribute=x', 400],
  ['/dicom-web/studies?SliceThickness=1', 400],
  ['/dicom-web/studies?StudyDate=yesterday', 400],
  ['/dicom-web/studies?limit=-1', 400],
  ['/dicom-web/studies?offset=many', 400],
  ['/dicom-web/instances?PixelData=x', 400],
])('%# answers a bad address with a clear code', async (path, status) => {
  const answer = await peer.call(path);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
});

it('leaves nothing of an import that breaks off', async () => {
  const [written, aborted] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const watched = {
    open: async (announced: Announced) => {
      const incoming = await peer.stores.importer.open(announced);
      const write = async (bytes: Uint8Array) => {
        await incoming.write(bytes);
        // what is small never becomes a file of its own; this is larger
        if ((await peer.stores.objects.partials()).length > 0) written.resolve();
      };
      return { write, finish: () => incoming.finish(), abort: () => incoming.abort().then(aborted.resolve) };
    },
  };
  const other = await openPeer({ importer: watched as unknown as Importer });
  const socket = connect(other.port, '127.0.0.1');
  try {
    const [one] = [...markedStudy({ seed: 1, patient, instances: 1, bytesEach: 4_000_000 })];
    const head = `POST /api/v1/import HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${other.tokens.admin}\r\n`;
    const type = `content-type: application/dicom\r\ncontent-length: ${one!.part10.length}\r\n\r\n`;
    socket.write(Buffer.concat([Buffer.from(head + type), one!.part10.subarray(0, 3_000_000)]));
    await written.promise;
    expect(await peer.stores.objects.partials()).toHaveLength(1);
    socket.destroy();
    await aborted.promise;
    expect(await peer.stores.objects.partials()).toEqual([]);
  } finally {
    socket.destroy();
    await other.close();
  }
});

it('still answers a sender whose import it refuses in the middle', async () => {
  const full = await openPeer({}, Number.MAX_SAFE_INTEGER);
  const headers = { 'content-type': 'application/dicom' };
  try {
    const [one] = [...markedStudy({ seed: 1, patient, instances: 1, bytesEach: 9_000_000 })];
    expect(await code(await full.call('/api/v1/import', { body: one!.part10, headers }))).toEqual({
      status: 507,
      code: 'store/full',
    });
    const zeros = await full.call('/api/v1/import', { body: new Uint8Array(9_000_000), headers });
    expect(await zeros.json()).toEqual({ outcome: 'refused', reason: 'dicom/not-dicom' });
  } finally {
    await full.close();
  }
});

it('takes it for no fault of its own when a client leaves in the middle of its body', async () => {
  const answered = peer.lines.length;
  const left = ['/api/v1/import', '/dicom-web/studies'].map(async (path) => {
    const socket = connect(peer.port, '127.0.0.1');
    const head = `POST ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${peer.tokens.admin}\r\n`;
    socket.write(`${head}content-type: application/dicom\r\ncontent-length: 100000\r\n\r\n${'x'.repeat(50_000)}`);
    await once(socket, 'connect');
    socket.end();
    socket.resume();
    await once(socket, 'close');
  });
  await Promise.all(left);
  expect(peer.lines.slice(answered).filter(({ message }) => message === 'a request failed')).toEqual([]);
});
