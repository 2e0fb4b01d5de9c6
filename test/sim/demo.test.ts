// The demonstration's parts: what it sends, what it expects, and that its comparison finds a difference.

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FoundHospital } from '../../node/api/find.ts';
import { PeerClient } from '../../node/cli/client.ts';
import { defaultConfig } from '../../node/setup/config.ts';
import { isIdnp } from '../../protocol/tags/identifier.ts';
import { expectedOf, type StudyHeld } from '../../sim/demo/expected.ts';
import { readable } from '../../sim/demo/files.ts';
import { missing } from '../../sim/demo/find.ts';
import { eventOf } from '../../sim/demo/follow.ts';
import type { RunningHospital } from '../../sim/demo/hospitals.ts';
import { patient, type Sendable } from '../../sim/demo/instances.ts';
import { PeerProcess } from '../../sim/demo/peer-process.ts';
import { associationsOf, type SentInstance } from '../../sim/demo/send.ts';
import { median } from '../../sim/demo/story.ts';
import { endOf } from '../../sim/demo/transfer.ts';
import { compareFrame, compareStudy } from '../../sim/demo/wado.ts';
import { syntheticStudies } from '../../sim/studies/studies.ts';

const made = [...syntheticStudies({ seed: 7, patient, slices: { ct: 2, mr: 0, cr: 0 } })];
let dir = '';
let files: Awaited<ReturnType<typeof readable>>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dicomnet-demo-files-'));
  await writeFile(join(dir, '1.dcm'), made[0]!.part10);
  await writeFile(join(dir, '2-bare'), made[1]!.dataset);
  await writeFile(join(dir, '3-cut.dcm'), made[0]!.part10.subarray(0, 50_000));
  await writeFile(join(dir, '4.txt'), 'these are no images, however long the text is');
  await writeFile(join(dir, '5.zip'), 'PK\x03\x04 and more');
  await writeFile(join(dir, '6-empty'), '');
  files = await readable(dir);
});
afterAll(() => rm(dir, { recursive: true }));

const sentOf = (one: Sendable, sha256 = ''): SentInstance => ({ one, sha256, bytes: 1 });
const at = (name: string): RunningHospital =>
  ({ name, config: defaultConfig({ name, country: 'MD' }) }) as RunningHospital;
const sendable = (header: Partial<Sendable['header']>, name = 'x'): Sendable =>
  ({ name, header: { patient: {}, transferSyntax: '1.2', sopClassUid: '1.3', ...header } }) as Sendable;

describe('files', () => {
  it('are sent when they can be read, Part 10 or bare', () => {
    expect(files.sendable.map(({ name }) => name)).toEqual(['1.dcm', '2-bare']);
    expect(files.sendable.map(({ header }) => header.sopInstanceUid)).toEqual(made.map((each) => each.sopInstanceUid));
    expect(files.files).toBe(6);
  });

  it('are named with the reason when they cannot', () => {
    expect(files.refused.map(({ name }) => name)).toEqual(['3-cut.dcm', '4.txt', '5.zip', '6-empty']);
    const [cut, ...others] = files.refused.map(({ reason }) => reason);
    expect(others).toEqual(others.map(() => 'This is not a DICOM file or data set'));
    expect(cut).not.toBe(others[0]);
  });

  it('give the bytes of their data set and of its first frame', async () => {
    for (const [i, one] of files.sendable.entries()) {
      const { dataset } = made[i]!;
      expect(Buffer.concat(await Array.fromAsync(one.read())).equals(dataset)).toBe(true);
      expect(Buffer.from(await one.ranges(one.frame!.ranges)).equals(dataset.subarray(-512 * 512 * 2))).toBe(true);
      expect(one.frame!.asStored).toBe(true);
    }
  });
});

it('looks for a patient with a valid national number', () => {
  expect(isIdnp(patient.id)).toBe(true);
});

it('proposes at most 128 contexts an association, and keeps the order', () => {
  const study = Array.from({ length: 300 }, (_, i) => sendable({ sopClassUid: `1.2.${i % 150}` }, String(i)));
  const associations = associationsOf(study);
  expect(associations.flat()).toEqual(study);
  const kinds = associations.map((each) => new Set(each.map(({ header }) => header.sopClassUid)).size);
  expect(Math.max(...kinds)).toBeLessThanOrEqual(128);
  expect(associationsOf(study.slice(0, 128))).toHaveLength(1);
});

describe('what is expected', () => {
  const [a, b] = [at('A'), at('B')];
  const one = (id: string | undefined, study: string, instance: string, issuer?: string) => {
    const patientOf = { ...(id !== undefined && { id }), ...(issuer !== undefined && { issuer }) };
    return sentOf(sendable({ studyUid: study, sopInstanceUid: instance, patient: patientOf }));
  };
  const { findable, hidden } = expectedOf([
    [
      a,
      [
        one('20 00000000004', '1', '1.1'),
        one('2000000000004', '1', '1.2'),
        one(undefined, '2', '2.1'),
        one('7', '3', '3.1', 'ward'),
      ],
    ],
    [b, [one('2000000000004', '4', '4.1')]],
  ]);

  it('is each patient with the studies of all hospitals', () => {
    expect(findable).toMatchObject([
      {
        value: '2000000000004',
        studies: [
          { at: a, uid: '1' },
          { at: b, uid: '4' },
        ],
      },
    ]);
    expect(findable[0]!.studies[0]!.instances.size).toBe(2);
  });

  it('leaves out whom nobody can find', () => {
    expect(hidden.map(({ uid }) => uid)).toEqual(['2', '3']);
  });

  it('is missed when a hospital shows less', () => {
    const { studies } = findable[0]!;
    const study = { ref: '', modalities: [], bytes: 0, report: '', origin: '', same: '' };
    const shows = (name: string, ...instances: number[]): FoundHospital => ({
      ...{ member: name, name, online: true, state: 'answered' },
      studies: instances.map((each) => ({ ...study, instances: each })),
    });
    const found = (...hospitals: FoundHospital[]) => ({ hospitals });
    expect(missing(found(shows('A', 2), shows('B', 1)), studies)).toBeUndefined();
    expect(missing(found(shows('A', 2)), studies)).toBe('B is not known to hold anything');
    expect(missing(found(shows('A', 1), shows('B', 1)), studies)).toContain('A shows studies of 1 instances');
    expect(missing(found({ ...shows('A', 2), state: 'denied' }, shows('B', 1)), studies)).toBe('A is denied');
  });
});

describe('a comparison over DICOMweb', () => {
  let server: Server | undefined;
  afterEach(() => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))));

  /** A hospital that answers every retrieve with these parts. */
  async function hospital(parts: readonly Uint8Array[]): Promise<RunningHospital> {
    const boundary = 'b0undary';
    const body = parts.flatMap((part) => [Buffer.from(`\r\n--${boundary}\r\nContent-Type: x/y\r\n\r\n`), part]);
    server = createServer((_, answer) => {
      answer.setHeader('content-type', `multipart/related; type="x/y"; boundary=${boundary}`).shouldKeepAlive = false;
      answer.end(Buffer.concat([...body, Buffer.from(`\r\n--${boundary}--\r\n`)]));
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    return { name: 'C', as: { practitioner: new PeerClient({ url, token: 'x' }) } } as unknown as RunningHospital;
  }

  function study(): StudyHeld {
    const sent = files.sendable.map((one, i) => {
      return sentOf(one, createHash('sha256').update(made[i]!.dataset).digest('hex'));
    });
    const instances = new Map(sent.map((each) => [each.one.header.sopInstanceUid, each]));
    return { at: at('A'), uid: made[0]!.studyUid, instances };
  }

  const [first, second] = made.map(({ part10 }) => part10) as [Uint8Array, Uint8Array];
  const changed = Uint8Array.from(second);
  changed[changed.length - 1]! ^= 1;

  it.each([
    ['nothing when all is the same', [second, first], []],
    ['an instance with one bit changed', [first, changed], ['2-bare is another one at C']],
    ['an instance that is missing', [first], ['2-bare is not at C']],
    ['an instance that came twice', [first, second, second], ['2-bare is another one at C']],
  ])('finds %s', async (_, parts, expected) => {
    expect(await compareStudy(await hospital(parts), study())).toEqual(expected);
  });

  it('finds an instance that nobody sent', async () => {
    const { instances, ...rest } = study();
    const less = { ...rest, instances: new Map([...instances].slice(0, 1)) };
    expect(await compareStudy(await hospital([first, second]), less)).toEqual([
      'C has 1 instances more of a study than were sent',
    ]);
  });

  it('finds a frame that is another one', async () => {
    const sent = sentOf(files.sendable[1]!);
    expect(await compareFrame(await hospital([second.subarray(-512 * 512 * 2)]), sent)).toBeUndefined();
    server!.close();
    const wrong = await hospital([changed.subarray(-512 * 512 * 2)]);
    expect(await compareFrame(wrong, sent)).toBe('the first frame of 2-bare is another one at C');
  });
});

describe('events', () => {
  it('are read from a stream of blocks, comments are none', () => {
    expect(eventOf('event: study\ndata: {"studyUid":"1.2"}')).toEqual({ type: 'study', data: { studyUid: '1.2' } });
    expect(eventOf(': still here')).toBeUndefined();
  });

  it('tell how a transfer ended', () => {
    const event = (type: string, data: object) => endOf({ type, data: { id: '1', ...data } }, '1');
    expect(event('transfer', { state: 'running' })).toBeUndefined();
    expect(event('transfer', { state: 'done' })).toBe('done');
    expect(event('transfer', { state: 'failed', code: 'access/revoked' })).toBe('access/revoked');
    expect(event('request', { state: 'denied' })).toBe('denied');
    expect(event('transfer', { state: 'done', id: '2' })).toBeUndefined();
  });
});

it('takes the median', () => {
  expect([median([]), median([3]), median([4, 1, 2]), median([1, 2])]).toEqual([null, 3, 2, 1.5]);
});

it('tells with its last words when a peer ends by itself', async () => {
  const logFile = join(dir, 'peer.log');
  const peer = new PeerProcess({ name: 'Nowhere', dir: join(dir, 'nothing'), logFile });
  await expect(peer.died()).rejects.toThrow(/The peer of Nowhere ended by itself \(with exit code 1\)[\s\S]*no peer/i);
  expect(await peer.stop()).toBe(true);
});
