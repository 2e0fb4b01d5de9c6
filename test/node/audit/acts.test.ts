// What is written down of acts, and that nothing is done that could not be written down.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { Guard, type GuardParts } from '../../../node/access/guard.ts';
import { actsOfKinds, actsOver, carriedOut, type End, orNoteRefused } from '../../../node/audit/acts.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { markedStudy } from '../../../sim/studies/studies.ts';
import { openPeer, type Peer, take } from '../http/kit.ts';
import { json as body, serviceRequest } from '../worklist/messages.ts';

type Entry = Parameters<Parameters<typeof actsOver>[0]['append']>[0];

/** Acts over a log that refuses while it is full. */
function recording() {
  const written: Entry[] = [];
  const log = { written, full: false, acts: actsOver({ append }) };
  async function append(entry: Entry) {
    if (log.full) throw new PeerError('audit/unwritable');
    return { index: written.push(entry) };
  }
  return log;
}

const by = { name: 'Dr. Rusu', role: 'imaging' as const };

describe('an act', () => {
  it('is written down with its kind and name, and as a success unless it says otherwise', async () => {
    const { acts, written } = recording();
    await acts.listed('patients', by);
    await acts.pulled('PACS', '1.2.3', by);
    await acts.signInRefused('http/unauthorized');
    expect(written).toMatchObject([
      { kind: 'query', act: 'listed', outcome: 'success', person: by, detail: { list: 'patients' } },
      { kind: 'query', act: 'pulled', outcome: 'success', study: '1.2.3', detail: { ae: 'PACS' } },
      { kind: 'login', act: 'signInRefused', outcome: 'denied', code: 'http/unauthorized' },
    ]);
  });

  it('whose end counts is written down before and after it', async () => {
    const { acts, written } = recording();
    const note = (end: End<{ outcome: string }>) => acts.asideRetried('ab', by, end);
    await carriedOut(note, async () => ({ outcome: 'imported' }));
    expect(written.splice(0)).toMatchObject([
      { outcome: 'pending', detail: { aside: 'ab' } },
      { outcome: 'success', detail: { aside: 'ab', retry: 'imported' } },
    ]);
    const refused = carriedOut(note, () => Promise.reject(new PeerError('aside/unknown')));
    await expect(refused).rejects.toMatchObject({ code: 'aside/unknown' });
    const broken = carriedOut(note, () => Promise.reject(new TypeError('a mistake')));
    await expect(broken).rejects.toThrow('a mistake');
    expect(written.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['pending', undefined],
      ['failed', 'aside/unknown'],
      ['pending', undefined],
      ['failed', 'http/internal'],
    ]);
  });

  it('that cannot be written down is not carried out', async () => {
    const log = recording();
    log.full = true;
    let done = false;
    const step = async () => {
      done = true;
      return { outcome: 'imported' };
    };
    const retried = carriedOut<{ outcome: string }>((end) => log.acts.asideRetried('ab', by, end), step);
    await expect(retried).rejects.toMatchObject({ code: 'audit/unwritable' });
    expect(done).toBe(false);
  });

  it('is noted somewhere: none is defined that nobody writes down', () => {
    const node = join(import.meta.dirname, '../../../node');
    const files = globSync('**/*.ts', { cwd: node }).filter((path) => !path.startsWith('audit/acts'));
    const text = files.map((path) => readFileSync(join(node, path), 'utf8')).join('\n');
    const acts = Object.values(actsOfKinds).flat();
    expect(acts.length).toBeGreaterThan(30);
    expect(acts.filter((act) => !new RegExp(`(acts\\??\\.|')${act}\\b`).test(text))).toEqual([]);
  });

  it('that was refused says so before the refusal goes on', async () => {
    const { acts, written } = recording();
    const step = () => Promise.reject(new PeerError('http/unauthorized'));
    await expect(orNoteRefused(step, acts.signInRefused)).rejects.toMatchObject({ code: 'http/unauthorized' });
    expect(written).toHaveLength(1);
    await expect(orNoteRefused(() => Promise.reject(new TypeError()), acts.signInRefused)).rejects.toThrow(TypeError);
    expect(written).toHaveLength(1);
  });
});

describe('while the audit log is full, nothing is changed', () => {
  const log = recording();
  const patient = { id: '17', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' as const };
  const refused = { status: 507, code: 'audit/unwritable' };
  let peer: Peer;
  beforeAll(async () => {
    peer = await openPeer({ acts: log.acts });
    const [one] = [...markedStudy({ seed: 1, patient, instances: 1, bytesEach: 1024 })];
    await take(peer, one!.part10);
  });
  afterAll(() => peer.close());

  /** What a call gets while nothing can be written down. */
  async function whileFull(path: string, call: Parameters<Peer['call']>[1] = {}) {
    log.full = true;
    try {
      const answer = await peer.call(path, call);
      const { code } = (await answer.json()) as { code?: string };
      return { status: answer.status, code };
    } finally {
      log.full = false;
    }
  }
  const rows = async (bucket: 'account' | 'order'): Promise<number> => {
    let count = 0;
    for await (const _ of peer.stores.kv.bucket(bucket).range()) count++;
    return count;
  };

  test('no account or token is made, nobody signs in', async () => {
    const made = await peer.call('/api/v1/users', { json: { name: 'Ana', role: 'imaging' } });
    const { username, password } = (await made.json()) as { username: string; password: string };
    const before = await rows('account');
    for (const path of ['/api/v1/users', '/api/v1/tokens'])
      expect(await whileFull(path, { json: { name: 'Ion', role: 'imaging' } })).toEqual(refused);
    expect(await whileFull('/api/v1/session', { as: 'nobody', json: { username, password } })).toEqual(refused);
    expect(await rows('account')).toBe(before);
    expect((await peer.call('/api/v1/session', { as: 'nobody', json: { username, password } })).status).toBe(200);
  });

  test('no identifier is added to a patient', async () => {
    const [before] = [...peer.stores.index.patients()];
    const json = { system: 'urn:dicomnet:id:md:idnp', value: '2000000000008' };
    expect(await whileFull(`/api/v1/patients/${before!.id}/identifiers`, { json })).toEqual(refused);
    expect([...peer.stores.index.patients()]).toEqual([before]);
  });

  test('no order is placed or cancelled', async () => {
    const headers = { 'content-type': 'application/fhir+json' };
    const order = { body: body(serviceRequest()), headers };
    expect(await whileFull('/api/v1/orders', order)).toEqual(refused);
    expect([...peer.parts.orders.all(), await rows('order')]).toEqual([0]);
    expect((await peer.call('/api/v1/orders', order)).status).toBe(201);
    const { id, status } = [...peer.parts.orders.all()][0]!;
    expect(await whileFull(`/api/v1/orders/${id}`, { method: 'DELETE' })).toEqual(refused);
    expect(peer.parts.orders.get(id).status).toBe(status);
  });

  test('nothing is retried, no roster is taken, no report is written', async () => {
    expect(await whileFull(`/api/v1/quarantine/${'0'.repeat(16)}/retry`, { method: 'POST' })).toEqual(refused);
    expect(peer.calls.retried).toEqual([]);
    const roster = { body: Uint8Array.of(1), headers: { 'content-type': 'application/cbor' } };
    expect(await whileFull('/api/v1/roster', { method: 'POST', ...roster })).toEqual(refused);
    expect(peer.calls.joined).toEqual([]);
    const [study] = [...peer.stores.index.studies()];
    const json = { conclusion: 'Control' };
    expect(await whileFull(`/api/v1/studies/${study!.uid}/conclusions`, { as: 'imaging', json })).toEqual(refused);
    expect(peer.stores.index.study(study!.uid)).toEqual(study);
  });

  test('no list is shown', async () => {
    for (const path of ['/api/v1/patients', '/api/v1/orders', '/api/v1/quarantine', '/dicom-web/studies'])
      expect(await whileFull(path)).toEqual(refused);
  });

  test('a grant is not revoked', async () => {
    let revoked = false;
    const grants = {
      get: async () => ({ grant: { holder: 'f'.repeat(64) } }),
      revoke: async () => {
        revoked = true;
      },
    };
    const guard = new Guard({ policy: { autoGrant: [] } as never }, {
      grants,
      acts: log.acts,
    } as unknown as GuardParts);
    log.full = true;
    await expect(guard.revoke('ab'.repeat(16), { name: 'Ana', role: 'custodian' })).rejects.toMatchObject({
      code: 'audit/unwritable',
    });
    expect(revoked).toBe(false);
    log.full = false;
    await guard.revoke('ab'.repeat(16), { name: 'Ana', role: 'custodian' });
    expect(revoked).toBe(true);
  });
});
