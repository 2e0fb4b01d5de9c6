// What we send, in every transfer syntax of the samples: Orthanc takes it and gives it back; dcmtk's receiver over TLS with
// a client certificate; a receiver that takes nothing but implicit VR.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { silentLog } from '../../node/dicom/dimse/scu/inbox.ts';
import { textOf } from '../../node/dicom/model/attributes.ts';
import { bulkRange } from '../../node/dicom/model/json.ts';
import { uids } from '../../node/dicom/model/transfer-syntax.ts';
import { readDataset } from '../../node/dicom/read/read-dataset.ts';
import { type Delivered, deliver, type OutgoingInstance, proposalsFor } from '../../node/pacs/deliver.ts';
import { pull } from '../../node/pacs/pull.ts';
import { Remotes } from '../../node/pacs/remotes.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { markedStudy } from '../../sim/studies/studies.ts';
import { selfSigned } from '../node/dicom/dimse/certificate.ts';
import { MemoryStore } from '../node/dicom/dimse/helpers.ts';
import { type Part10, splitPart10 } from '../node/dicom/dimse/part10.ts';
import { samples } from '../node/dicom/samples.ts';
import { freshDir, removeDir } from '../node/stores.ts';
import { requires } from '../programs.ts';
import { type Node, orthanc, received, storescp } from './nodes.ts';

const nodes: Node[] = [];
const folders: string[] = [];
afterAll(async () => {
  for (const node of nodes) await node.remove();
  for (const dir of folders) await removeDir(dir);
});

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

interface Sample extends OutgoingInstance {
  readonly path: string;
  readonly dataset: Buffer;
}

const outgoing = ({ dataSet, ...named }: Part10, path: string): Sample => ({
  ...{ ...named, path, dataset: dataSet },
  read: () => whole(dataSet),
});

/** Up to three files of each transfer syntax and SOP class, each instance once. */
function chosen(): Sample[] {
  const byKind = new Map<string, number>();
  const all = new Map<string, Sample>();
  for (const sample of samples()) {
    const parts = splitPart10(Buffer.from(sample.read()));
    if (parts === undefined || parts.dataSet.length > 3_000_000 || parts.dataSet.length % 2 === 1) continue;
    const kind = `${parts.sopClassUid} ${parts.transferSyntax}`;
    const count = byKind.get(kind) ?? 0;
    if (count >= 3 || all.has(parts.sopInstanceUid)) continue;
    byKind.set(kind, count + 1);
    all.set(parts.sopInstanceUid, outgoing(parts, sample.path));
  }
  return [...all.values()];
}

async function send(node: Node, instances: readonly Sample[], tls?: object): Promise<Map<Sample, Delivered>> {
  const outcomes = new Map<Sample, Delivered>();
  for (let rest = instances; rest.length > 0; ) {
    const { count, contexts } = proposalsFor(rest);
    const client = await DimseClient.connect(
      {
        ...{ host: node.host, port: node.port, calledAe: node.aeTitle, callingAe: 'DICOMNET', contexts },
        ...(tls !== undefined && { tls }),
      },
      { timers: systemTimers },
    );
    await deliver(client, rest.slice(0, count), async (instance, outcome) => void outcomes.set(instance, outcome));
    await client.release();
    rest = rest.slice(count);
  }
  return outcomes;
}

describe('samples to Orthanc and back', () => {
  const program = requires('Orthanc');
  const files = program === undefined ? [] : chosen();
  if (program === undefined || files.length === 0) return;

  test('it takes every transfer syntax, and gives every study back to the byte', async () => {
    const node = await orthanc(program, [], { OverwriteInstances: true });
    nodes.push(node);
    const outcomes = await send(node, files);
    // it knows no HTJ2K, and refuses what has no study or has elements out of order
    const sent = files.filter((file) => outcomes.get(file)?.is === 'sent');
    const refused = files.filter((file) => !sent.includes(file));
    expect(sent.length / files.length, refused.map((file) => file.path).join(' ')).toBeGreaterThan(0.75);
    const syntaxes = new Set(sent.map((file) => file.transferSyntax));
    expect(syntaxes.size, [...syntaxes].join(' ')).toBeGreaterThan(8);
    const remotes = new Remotes(
      { aeTitle: 'DICOMNET', port: 1, remotes: [{ aeTitle: 'ORTHANC', host: node.host, port: node.port }] },
      { timers: systemTimers, log: silentLog },
    );
    const studies = new Set(sent.map((file) => textOf(readDataset(file.dataset, file.transferSyntax), '0020000D')));
    const into = new MemoryStore();
    for (const study of studies) {
      if (study === undefined) continue;
      expect(await pull({ remotes, store: into.open }, { aeTitle: 'ORTHANC', study })).toMatchObject({ failed: 0 });
    }
    const back = new Map(into.finished.map((each) => [each.info.sopInstanceUid, each]));
    let same = 0;
    for (const file of sent) {
      const got = back.get(file.sopInstanceUid);
      expect(got?.info.transferSyntax, file.path).toBe(file.transferSyntax);
      // it writes data sets anew: other lengths of sequences, other padding
      if (Buffer.compare(got!.bytes, file.dataset) !== 0)
        expect(contentOf(got!.bytes, file), file.path).toEqual(contentOf(file.dataset, file));
      else same++;
    }
    expect(same).toBeGreaterThan(10);
  });
});

/** Tags of the data set, and its pixels. */
function contentOf(bytes: Uint8Array, { transferSyntax }: Sample): unknown {
  const json = readDataset(bytes, transferSyntax);
  const { BulkDataURI, InlineBinary } = json['7FE00010'] ?? {};
  const range = BulkDataURI === undefined ? undefined : bulkRange(BulkDataURI);
  const pixels = range && Buffer.from(bytes.subarray(range.offset, range.offset + range.length)).toString('base64');
  return {
    tags: Object.keys(json).filter((tag) => !tag.endsWith('0000') && tag !== 'FFFCFFFC'),
    pixels: pixels ?? InlineBinary,
  };
}

describe('dcmtk storescp', () => {
  const program = requires('storescp');
  if (program === undefined) return;
  const patient = { id: '2000000000008', name: 'Rusu^Ana', birthDate: '19700101', sex: 'F' } as const;
  const study = [...markedStudy({ seed: 9, patient, instances: 4, bytesEach: 30_000 })].map(
    (each): Sample => ({ ...each, path: '', dataset: Buffer.from(each.dataset), read: () => whole(each.dataset) }),
  );

  test('takes nothing but implicit VR: converted while it is sent', async () => {
    const node = await storescp(program, ['+xi', '+B']);
    nodes.push(node);
    const outcomes = await send(node, study);
    expect([...outcomes.values()]).toEqual(study.map(() => ({ is: 'sent' })));
    const files = [...(await received(node)).values()].map((file) => splitPart10(file)!);
    expect(files.length).toBe(study.length);
    for (const { sopInstanceUid, dataset } of study) {
      const file = files.find((each) => each.sopInstanceUid === sopInstanceUid)!;
      expect(file.transferSyntax).toBe(uids.implicitLittleEndian);
      const [is, was] = [
        readDataset(file.dataSet, file.transferSyntax),
        readDataset(dataset, uids.explicitLittleEndian),
      ];
      expect(Object.keys(is)).toEqual(Object.keys(was));
      expect(textOf(is, '00100010')).toBe(patient.name);
    }
  });

  test('what it takes in no form is refused by itself, and the rest goes', async () => {
    const node = await storescp(program, ['+xi']);
    nodes.push(node);
    const coded = { ...study[0]!, sopInstanceUid: '1.2.3', transferSyntax: '1.2.840.10008.1.2.4.90' };
    const outcomes = await send(node, [coded, study[1]!]);
    expect([...outcomes.values()]).toEqual([{ is: 'refused', code: 'route/transfer-syntax' }, { is: 'sent' }]);
  });

  test('over TLS, to a receiver that wants our certificate', async () => {
    const dir = await freshDir();
    folders.push(dir);
    const [ours, theirs] = [selfSigned('dicomnet'), selfSigned('localhost')];
    for (const [name, pem] of Object.entries({ key: theirs.key, cert: theirs.cert, ours: ours.cert })) {
      await writeFile(join(dir, `${name}.pem`), pem);
    }
    await writeFile(join(dir, 'our-key.pem'), ours.key);
    const pem = (name: string) => join(dir, `${name}.pem`);
    const tls = { cert: pem('ours'), key: pem('our-key'), ca: pem('cert'), servername: 'localhost' };
    const node = await storescp(program, ['+tls', pem('key'), pem('cert'), '+cf', pem('ours'), '+xa', '+B'], tls);
    nodes.push(node);
    const remotes = new Remotes(
      { aeTitle: 'DICOMNET', port: 1, remotes: [{ aeTitle: node.aeTitle, host: node.host, port: node.port, tls }] },
      { timers: systemTimers, log: silentLog },
    );
    const { contexts } = proposalsFor(study);
    const outcomes: Delivered[] = [];
    await remotes.with(node.aeTitle, { contexts }, (client) =>
      deliver(client, study, async (_, outcome) => void outcomes.push(outcome)),
    );
    expect(outcomes).toEqual(study.map(() => ({ is: 'sent' })));
    const { cert, key, ...stranger } = tls;
    const without = new Remotes(
      {
        aeTitle: 'DICOMNET',
        port: 1,
        remotes: [{ aeTitle: node.aeTitle, host: node.host, port: node.port, tls: stranger }],
      },
      { timers: systemTimers, log: silentLog },
    );
    await expect(without.with(node.aeTitle, { contexts }, async () => undefined)).rejects.toMatchObject({
      code: expect.stringMatching(/^dimse\/(closed|unreachable)$/),
    });
    expect([cert, key]).toEqual([pem('ours'), pem('our-key')]);
  });
});
