// Decisions on what was kept aside, over the API: what is stored afterwards, what is still kept, what is written down.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { studyReader } from '../../../../node/access/study-reader.ts';
import { readPart10 } from '../../../../node/dicom/read/read-dataset.ts';
import { bulkOf, writePart10 } from '../../../../node/dicom/write/write-part10.ts';
import type { AttributeDifference, Resolution } from '../../../../node/exchange/aside/decisions.ts';
import { markedStudy, type SyntheticInstance } from '../../../../sim/studies/studies.ts';
import { openPeer, type Peer, take } from '../../http/kit.ts';
import { rowsOf } from '../../stores.ts';

const patient = { id: '2000000010005', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
const study = (instances = 2): SyntheticInstance[] => [
  ...markedStudy({ seed: 1, patient, instances, bytesEach: 20_000 }),
];

let peer: Peer;
beforeEach(async () => {
  peer = await openPeer();
});
afterEach(() => peer.close());

const changed = (part10: Uint8Array): Buffer => {
  const other = Buffer.from(part10);
  other[other.length - 7]! ^= 1;
  return other;
};

/** The same instance with some attributes other than they were. */
function with_(part10: Uint8Array, attributes: Record<string, string>): Uint8Array {
  const { json, dataset } = readPart10(part10);
  const values = Object.entries(attributes).map(([tag, value]) => [tag, { ...json[tag]!, Value: [value] }]);
  return writePart10({ ...json, ...Object.fromEntries(values) }, { bulk: bulkOf(dataset) });
}

const aside = () => rowsOf(peer.stores.aside);
const onlyId = async () => (await aside())[0]!.id;

async function decide(id: string, resolution: Resolution, as: 'custodian' | 'imaging' = 'custodian') {
  const answer = await peer.call(`/api/v1/quarantine/${id}/resolve`, { as, json: resolution });
  return {
    status: answer.status,
    ...((await answer.json()) as { outcome?: string; code?: string; study?: string; kind?: string }),
  };
}

async function stored(sop: string): Promise<Buffer> {
  const instance = (await peer.stores.index.instance(sop))!;
  const reader = studyReader(peer.stores.index.studyById(instance.study)!, peer.stores);
  const pieces: Uint8Array[] = [];
  for await (const piece of reader.read(instance)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const tail = (bytes: Uint8Array) => Buffer.from(bytes.subarray(-20_000)).toString('hex');

async function audited(): Promise<unknown[]> {
  const entries: unknown[] = [];
  for await (const { entry } of peer.audit.entries({ from: 0 }) as AsyncIterable<{
    entry?: { outcome: string; detail?: object; person?: { role: string } };
  }>) {
    if (entry?.detail !== undefined && 'decision' in entry.detail)
      entries.push([entry.outcome, entry.detail.decision, entry.person?.role]);
  }
  return entries;
}

describe('another content under a known SOP Instance UID', () => {
  let first: SyntheticInstance;
  let came: Uint8Array;
  beforeEach(async () => {
    first = study()[0]!;
    came = with_(changed(first.part10), { '00081030': 'Another description' });
    await take(peer, first.part10);
    await take(peer, came);
  });

  it('shows in what it differs, and its bytes', async () => {
    const id = await onlyId();
    const answer = await peer.call(`/api/v1/quarantine/${id}/differences`, { as: 'custodian' });
    const all = (await answer.json()) as AttributeDifference[];
    expect(all).toContainEqual(expect.objectContaining({ keyword: 'StudyDescription', came: 'Another description' }));
    expect(all.map(({ tag }) => tag)).not.toContain('7FE00010');
    const file = await peer.call(`/api/v1/quarantine/${id}/file`, { as: 'custodian' });
    expect(tail(new Uint8Array(await file.arrayBuffer()))).toBe(tail(came));
  });

  it('keep: goes, and the stored one stays', async () => {
    expect(await decide(await onlyId(), { action: 'keep', note: 'it was a test' })).toMatchObject({
      outcome: 'dropped',
    });
    expect(await aside()).toEqual([]);
    expect(tail(await stored(first.sopInstanceUid))).toBe(tail(first.part10));
    expect(await audited()).toEqual([
      ['pending', 'keep', 'custodian'],
      ['success', 'keep', 'custodian'],
    ]);
  });

  it('replace: takes its place, the other is kept aside and can come back; nothing is counted twice', async () => {
    const before = [...peer.stores.index.studies()][0]!.series;
    expect(await decide(await onlyId(), { action: 'replace' })).toMatchObject({ outcome: 'imported' });
    expect(tail(await stored(first.sopInstanceUid))).toBe(tail(came));
    const [old] = await aside();
    expect(old).toMatchObject({ kind: 'conflict', reason: 'import/replaced' });
    const [series] = [...peer.stores.index.studies()][0]!.series;
    expect(series).toMatchObject({ instances: before[0]!.instances });
    expect(await decide(old!.id, { action: 'replace' })).toMatchObject({ outcome: 'imported' });
    expect(tail(await stored(first.sopInstanceUid))).toBe(tail(first.part10));
    expect(await aside()).toMatchObject([{ reason: 'import/replaced' }]);
    expect([...peer.stores.index.studies()][0]!.series).toMatchObject([{ instances: 1, bytes: before[0]!.bytes }]);
  });

  it('both: is stored too, under a new UID that says what it was called', async () => {
    expect(await decide(await onlyId(), { action: 'both' })).toMatchObject({
      outcome: 'imported',
      study: first.studyUid,
    });
    expect(await aside()).toEqual([]);
    const instances = [];
    for await (const each of peer.stores.index.instances(peer.stores.index.study(first.studyUid)!.id))
      instances.push(each);
    expect(instances).toHaveLength(2);
    const other = instances.find(({ sopInstanceUid }) => sopInstanceUid !== first.sopInstanceUid)!;
    const file = await stored(other.sopInstanceUid);
    expect(tail(file)).toBe(tail(came));
    const { json } = readPart10(file);
    expect(json['00080018']!.Value).toEqual([other.sopInstanceUid]);
    const [original] = json['04000561']!.Value as unknown as Record<string, { Value: unknown[] }>[];
    expect(original!['04000550']!.Value).toEqual([{ '00080018': { vr: 'UI', Value: [first.sopInstanceUid] } }]);
    const { '00080018': _a, '04000561': _b, ...same } = json;
    const { '00080018': _c, ...expected } = readPart10(came).json;
    expect(Object.keys(same)).toEqual(Object.keys(expected));
  });

  it('allows no decision that does not fit, nor by whom it does not fit', async () => {
    const id = await onlyId();
    for (const action of ['assign', 'move'] as const)
      expect(await decide(id, { action })).toMatchObject({ status: 409, code: 'aside/action' });
    expect(await decide(id, { action: 'keep', transferSyntax: '1.2' })).toMatchObject({ code: 'aside/action' });
    expect(await decide(id, { action: 'keep' }, 'imaging')).toMatchObject({ status: 403 });
    expect(await decide('0'.repeat(16), { action: 'keep' })).toMatchObject({ status: 404, code: 'aside/unknown' });
    expect(await decide(id, { action: 'explode' as 'keep' })).toMatchObject({ status: 400 });
    expect(await aside()).toHaveLength(1);
    expect(await audited()).toEqual([]);
  });

  it('is decided once, however many decide at a time', async () => {
    const id = await onlyId();
    const all = await Promise.all([
      decide(id, { action: 'replace' }),
      decide(id, { action: 'keep' }),
      decide(id, { action: 'both' }),
    ]);
    expect(all.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
  });
});

describe('an instance of a study that is another patient’s', () => {
  let mine: SyntheticInstance;
  let second: SyntheticInstance;
  beforeEach(async () => {
    [mine, second] = study() as [SyntheticInstance, SyntheticInstance];
    await take(peer, mine.part10);
    await take(peer, with_(second.part10, { '00100020': '2000000010016', '00100010': 'Other' }));
  });
  const studyNow = () => peer.stores.index.study(mine.studyUid)!;
  const idOf = (record: string) => peer.stores.index.patient(record)!.identifiers[0]!.value;

  it('assign: joins the study, which stays its patient’s', async () => {
    expect(await aside()).toMatchObject([{ reason: 'import/patient-differs' }]);
    expect(await decide(await onlyId(), { action: 'assign' })).toMatchObject({ outcome: 'imported' });
    expect(studyNow().series[0]!.instances).toBe(2);
    expect(idOf(studyNow().patient)).toBe(patient.id);
    expect(await aside()).toEqual([]);
  });

  it('move: takes the whole study along to the patient it names', async () => {
    const before = studyNow().patient;
    expect(await decide(await onlyId(), { action: 'move' })).toMatchObject({ outcome: 'imported' });
    expect(studyNow().series[0]!.instances).toBe(2);
    expect(idOf(studyNow().patient)).toBe('2000000010016');
    expect(peer.stores.index.studiesOf(before)).toEqual([]);
    expect(peer.stores.index.studiesOf(studyNow().patient)).toHaveLength(1);
    expect(await aside()).toEqual([]);
  });
});

describe('what could not be read', () => {
  it('is tried again as another transfer syntax, as what it says that it is, or dropped', async () => {
    const [one, two, three] = study(3) as [SyntheticInstance, SyntheticInstance, SyntheticInstance];
    const { importer } = peer.stores;
    const announce = async (each: SyntheticInstance, sopInstanceUid: string, transferSyntax: string) => {
      const incoming = await importer.open({
        instance: { sopClassUid: each.sopClassUid, sopInstanceUid },
        transferSyntax,
        from: 'x',
      });
      await incoming.write(each.dataset);
      return incoming.finish();
    };
    expect(await announce(one, '1.2.3', one.transferSyntax)).toMatchObject({ reason: 'dicom/sop-mismatch' });
    expect(await decide(await onlyId(), { action: 'retry' })).toMatchObject({ outcome: 'aside', kind: 'quarantine' });
    expect(await decide(await onlyId(), { action: 'retry', trust: true })).toMatchObject({ outcome: 'imported' });
    // announced as deflated, which it is not
    expect(await announce(two, two.sopInstanceUid, '1.2.840.10008.1.2.1.99')).toMatchObject({ outcome: 'aside' });
    expect(await decide(await onlyId(), { action: 'retry', transferSyntax: two.transferSyntax })).toMatchObject({
      outcome: 'imported',
    });
    expect(tail(await stored(two.sopInstanceUid))).toBe(tail(two.part10));
    await take(peer, three.part10.subarray(0, three.part10.length - 99));
    expect(await decide(await onlyId(), { action: 'keep' })).toMatchObject({ code: 'aside/action' });
    expect(await decide(await onlyId(), { action: 'drop' })).toMatchObject({ outcome: 'dropped' });
    expect(await aside()).toEqual([]);
  });
});
