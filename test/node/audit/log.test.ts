import { cp, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { SealedKeyBook } from '../../../node/audit/keys.ts';
import { AuditLog, type ReadEntry } from '../../../node/audit/log.ts';
import type { AuditEntry } from '../../../protocol/audit/entry.ts';
import { auditHead, auditHeadKind, checkNewHead } from '../../../protocol/audit/head.ts';
import { verifyConsistency, verifyInclusion } from '../../../protocol/audit/merkle.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { signEnvelope, verifyEnvelope } from '../../../protocol/envelope.ts';
import { limits } from '../../../protocol/limits.ts';
import { memberOf, peer, t0 } from '../../../protocol/vectors/federation-fixture.ts';
import { seeded } from '../../../protocol/vectors/seeded.ts';

const federation = 'ab'.repeat(32);
const opened: AuditLog[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
  for (const dir of folders.splice(0)) await rm(dir, { recursive: true });
});

const folder = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'audit-'));
  folders.push(dir);
  return join(dir, 'audit');
};

class MemoryStore {
  readonly map = new Map<string, Uint8Array>();
  get = async (key: Uint8Array) => this.map.get(hex(key));
  put = async (key: Uint8Array, value: Uint8Array) => void this.map.set(hex(key), value);
  del = async (key: Uint8Array) => void this.map.delete(hex(key));
}

const auditKey = seeded('audit key')(32);

let generators = 0;

function partsWith(store: MemoryStore) {
  let now = t0;
  const random = seeded(`audit log ${generators++}`);
  const keys = new SealedKeyBook({ auditKey, store, random });
  const signHead = (head: { size: number; root: string; at: number }) =>
    signEnvelope(auditHeadKind, auditHead, { ...head, member: memberOf(1) }, federation, peer(1));
  return { clock: { now: () => now++ }, random, auditKey, keys, signHead };
}

async function openLog(dir: string, store = new MemoryStore()): Promise<AuditLog> {
  const log = await AuditLog.open({ dir }, partsWith(store));
  opened.push(log);
  return log;
}

async function reopen(log: AuditLog, dir: string, store: MemoryStore): Promise<AuditLog> {
  await closeNow(log);
  return openLog(dir, store);
}

async function closeNow(log: AuditLog): Promise<void> {
  opened.splice(opened.indexOf(log), 1);
  await log.close();
}

const entryOf = (n: number): Omit<AuditEntry, 'at'> => ({
  kind: 'find',
  outcome: 'success',
  person: { name: 'MARKERDOCTOR', role: 'radiologist' },
  purpose: 'TREAT',
  reason: `MARKERREASON ${n}`,
  patient: `urn:x|MARKERPATIENT${n % 3}`,
  detail: { n },
});

const all = async (entries: AsyncIterable<ReadEntry>): Promise<ReadEntry[]> => Array.fromAsync(entries);
const numbers = (entries: ReadEntry[]) => entries.map((each) => (each.entry?.detail as { n: number } | undefined)?.n);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

async function filled(dir: string, store: MemoryStore, count: number): Promise<AuditLog> {
  const log = await openLog(dir, store);
  await Promise.all(range(count).map((n) => log.append(entryOf(n))));
  return log;
}

test('what was appended, together or one by one, is read back in order, also after opening again', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await openLog(dir, store);
  const places = await Promise.all(range(40).map((n) => log.append(entryOf(n))));
  expect(places.map((each) => each.index)).toEqual(range(40));
  expect(await log.append({ kind: 'roster', outcome: 'success', at: 5, detail: { n: 40 } })).toEqual({ index: 40 });
  const again = await reopen(log, dir, store);
  expect(numbers(await all(again.entries()))).toEqual(range(41));
  expect((await all(again.entries({ from: 40 })))[0]?.entry).toEqual({
    at: 5,
    kind: 'roster',
    outcome: 'success',
    detail: { n: 40 },
  });
  expect(numbers(await all(again.entries({ from: 10, to: 13 })))).toEqual([10, 11, 12]);
  expect(numbers(await all(again.entries({ patient: 'urn:x|MARKERPATIENT1', from: 30 })))).toEqual([31, 34, 37]);
  expect(await all(again.entries({ patient: 'urn:x|nobody' }))).toEqual([]);
  expect(numbers(await all(again.entries({ filter: (entry) => entry.kind === 'roster' })))).toEqual([40]);
  expect(await again.verify()).toMatchObject({ ok: true, entries: 41, erased: 0, problems: [] });
});

test('an entry that could not be read back is refused, and the log goes on', async () => {
  const log = await openLog(await folder());
  await expect(log.append({ ...entryOf(0), reason: 'x'.repeat(2000) })).rejects.toMatchObject({
    code: 'field/invalid',
  });
  await expect(log.append({ ...entryOf(0), detail: 'x'.repeat(5000) })).rejects.toMatchObject({
    code: 'field/invalid',
  });
  expect(await log.append(entryOf(0))).toEqual({ index: 0 });
});

test('nothing readable lies on disk or in the key store', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await filled(dir, store, 20);
  await log.head();
  await closeNow(log);
  const files = await readdir(dir);
  expect(files.sort()).toEqual(['checkpoint', 'head', 'log', 'offsets', 'tree']);
  for (const name of files) {
    expect((await readFile(join(dir, name))).includes('MARKER')).toBe(false);
    expect((await stat(join(dir, name))).mode & 0o077).toBe(0);
  }
  for (const [key, value] of store.map) expect(Buffer.concat([unhex(key), value]).includes('MARKER')).toBe(false);
});

test('a log cut at any byte of its end keeps every whole entry and goes on', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await openLog(dir, store);
  const short = (n: number) => ({ kind: 'view', outcome: 'success', detail: { n } }) as const;
  const ends: number[] = [];
  for (const n of range(4)) {
    await log.append(short(n));
    ends.push((await stat(join(dir, 'log'))).size);
  }
  // as after a crash: the only checkpoint is the one of the start
  const content = await readFile(join(dir, 'log'));
  for (let length = ends[2]! - 3; length <= ends[3]!; length++) {
    await writeFile(join(dir, 'log'), content.subarray(0, length));
    await rm(join(dir, 'checkpoint'));
    const whole = ends.filter((end) => end <= length).length;
    const after = await openLog(dir, store);
    expect([after.size, after.cutBytes], `cut at ${length}`).toEqual([whole, length - ends[whole - 1]!]);
    if (length % 16 === 0) {
      await after.append(short(whole));
      expect(numbers(await all(after.entries()))).toEqual(range(whole + 1));
      expect(await after.verify()).toMatchObject({ ok: true, entries: whole + 1 });
    }
    await closeNow(after);
  }
}, 30_000);

test('garbage behind the last entry, as an unfinished write leaves it, is cut off', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  await closeNow(await filled(dir, store, 5));
  const whole = await readFile(join(dir, 'log'));
  for (const tail of [new Uint8Array(5000), seeded('garbage')(3000), whole.subarray(0, 100)]) {
    await writeFile(join(dir, 'log'), Buffer.concat([whole, tail]));
    const log = await openLog(dir, store);
    expect([log.size, log.cutBytes]).toEqual([5, tail.length]);
    expect(await log.verify()).toMatchObject({ ok: true, entries: 5 });
    await closeNow(log);
  }
});

test('an acknowledged entry that is gone or changed stops the start', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await openLog(dir, store);
  for (const n of range(6)) await log.append(entryOf(n));
  const bytes = (await stat(join(dir, 'log'))).size;
  const attempt = async (spoil: (copy: string) => Promise<void>) => {
    const copy = await folder();
    await cp(dir, copy, { recursive: true });
    await spoil(copy);
    return expect(AuditLog.open({ dir: copy }, partsWith(store))).rejects.toMatchObject({ code: 'audit/damaged' });
  };
  const flip = (at: number) => async (copy: string) => {
    const content = await readFile(join(copy, 'log'));
    content[at]! ^= 1;
    await writeFile(join(copy, 'log'), content);
  };
  // no checkpoint yet: a later entry says that this one was acknowledged
  await rm(join(dir, 'checkpoint'));
  await attempt(flip(20));
  await attempt(flip(bytes >> 1));
  await log.head();
  await attempt((copy) => truncate(join(copy, 'log'), bytes - 1));
  await closeNow(log);
  await attempt((copy) => truncate(join(copy, 'log'), bytes - 1));
  await attempt((copy) => writeFile(join(copy, 'checkpoint'), 'spoilt'));
  await attempt(async (copy) => {
    await rm(join(copy, 'tree'));
    await flip(bytes - 3)(copy);
  });
});

test('the tree and the offsets are made again from the log when they are missing, short or wrong', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await filled(dir, store, 30);
  const { root } = await log.head();
  await closeNow(log);
  for (const spoil of [
    () => rm(join(dir, 'tree')),
    () => truncate(join(dir, 'offsets'), 7),
    () => rm(join(dir, 'checkpoint')),
    () => writeFile(join(dir, 'tree'), new Uint8Array(59 * 32)),
  ]) {
    await spoil();
    const again = await openLog(dir, store);
    expect(await again.verify()).toMatchObject({ ok: true, entries: 30, head: { size: 30, root } });
    await closeNow(again);
  }
});

test('verify finds every changed byte of the log', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await filled(dir, store, 6);
  const content = await readFile(join(dir, 'log'));
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), async (at, xor) => {
      await writeFile(
        join(dir, 'log'),
        content.map((byte, i) => (i === at ? byte ^ xor : byte)),
      );
      return !(await log.verify()).ok;
    }),
    { seed: 1, numRuns: 150 },
  );
  await writeFile(join(dir, 'log'), content);
  expect((await log.verify()).ok).toBe(true);
});

test('verify finds an entry replaced with a right checksum, a changed tree, and a head of another history', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await openLog(dir, store);
  for (const n of range(8)) await log.append({ ...entryOf(n % 2), patient: 'same' });
  const lengths = (await stat(join(dir, 'log'))).size / 8;
  const content = await readFile(join(dir, 'log'));
  const swapped = Buffer.from(content);
  content.copy(swapped, 2 * lengths, 4 * lengths, 5 * lengths);
  await writeFile(join(dir, 'log'), swapped);
  const found = await log.verify();
  expect(found.ok).toBe(false);
  expect(found.problems[0]).toEqual({ at: 'entry', index: 2 });
  await writeFile(join(dir, 'log'), content);
  const tree = await readFile(join(dir, 'tree'));
  await writeFile(join(dir, 'tree'), tree.with(3 * 32, tree[3 * 32]! ^ 1));
  expect((await log.verify()).problems).toEqual([{ at: 'tree', index: 2 }]);
  await writeFile(join(dir, 'tree'), tree);
  expect((await log.verify([{ size: 3, root: '00'.repeat(32) }])).problems).toEqual([{ at: 'head', index: 3 }]);
  expect((await log.verify([{ size: 9, root: '00'.repeat(32) }])).problems).toEqual([{ at: 'head', index: 9 }]);
  expect((await log.verify()).ok).toBe(true);
});

test('proofs from disk hold, and heads chain for whoever saw an earlier one', async () => {
  const log = await openLog(await folder());
  const seen = [await log.attachedHead()];
  for (const n of range(13)) {
    await log.append(entryOf(n));
    seen.push(await log.attachedHead(n));
  }
  const read = (attached: (typeof seen)[0]) =>
    verifyEnvelope(attached.head, auditHeadKind, auditHead, federation).value;
  for (const [size, attached] of seen.entries()) {
    const [head, before] = [read(attached), seen[size - 1]];
    expect(head.size).toBe(size);
    if (before !== undefined) expect(checkNewHead(read(before), head, attached.proof)).toBe('new');
    for (let index = 0; index < size; index++) {
      const { leaf, proof } = await log.inclusion(index, size);
      expect(verifyInclusion(leaf, index, size, proof, unhex(head.root))).toBe(true);
    }
    const last = read(seen[13]!);
    const proof = await log.consistency(size);
    expect(verifyConsistency(size, unhex(head.root), 13, unhex(last.root), proof)).toBe(true);
  }
  await expect(log.inclusion(13)).rejects.toMatchObject({ code: 'audit/range' });
  expect(() => log.consistency(0, 14)).toThrow(expect.objectContaining({ code: 'audit/range' }));
});

test('an erased patient is gone from the log, and the tree stands', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await filled(dir, store, 9);
  const { root } = await log.head();
  const keys = new SealedKeyBook({ auditKey, store, random: seeded('eraser') });
  expect(await keys.destroy('urn:x|MARKERPATIENT1')).toBe(true);
  expect(await keys.destroy('urn:x|MARKERPATIENT1')).toBe(false);
  const again = await reopen(log, dir, store);
  expect(numbers(await all(again.entries()))).toEqual([0, undefined, 2, 3, undefined, 5, 6, undefined, 8]);
  expect(await all(again.entries({ patient: 'urn:x|MARKERPATIENT1' }))).toEqual([]);
  expect(await again.verify()).toMatchObject({ ok: true, entries: 9, erased: 3, head: { root } });
  const { leaf, proof } = await again.inclusion(4);
  expect(verifyInclusion(leaf, 4, 9, proof, unhex(root))).toBe(true);
  // the patient comes back: a new key, and the old entries stay closed
  await again.append(entryOf(1));
  expect(numbers(await all(again.entries({ patient: 'urn:x|MARKERPATIENT1' })))).toEqual([1]);
  expect(await again.verify()).toMatchObject({ ok: true, erased: 3 });
});

test('a key asked for by many at once is made once', async () => {
  const store = new MemoryStore();
  const keys = new SealedKeyBook({ auditKey, store, random: seeded('keys') });
  const made = await Promise.all(range(20).map(() => keys.create('p')));
  expect(new Set(made.map((each) => each.ref)).size).toBe(1);
  expect(store.map.size).toBe(2);
});

test('a disk that takes nothing: the entry is refused, so is every later one, and the caller knows', async () => {
  const dir = await folder();
  const log = await openLog(dir);
  await closeNow(log);
  await rm(join(dir, 'log'));
  await symlink('/dev/full', join(dir, 'log'));
  const full = await openLog(dir);
  await expect(full.append(entryOf(0))).rejects.toMatchObject({ code: 'audit/unwritable' });
  await expect(full.append(entryOf(1))).rejects.toMatchObject({ code: 'audit/unwritable' });
  expect(full.size).toBe(0);
});

test('a closed log refuses, and what was queued before closing is durable', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await openLog(dir, store);
  const queued = Promise.all(range(50).map((n) => log.append({ kind: 'login', outcome: 'success', detail: { n } })));
  await closeNow(log);
  expect((await queued).length).toBe(50);
  await expect(log.append(entryOf(0))).rejects.toMatchObject({ code: 'audit/closed' });
  const again = await openLog(dir, store);
  expect(again.size).toBe(50);
});

test('more than a checkpoint: appends stay cheap and the start reads only what came after it', async () => {
  const [dir, store] = [await folder(), new MemoryStore()];
  const log = await openLog(dir, store);
  const total = limits.auditCheckpointEntries + 100;
  await Promise.all(range(total).map((n) => log.append({ kind: 'view', outcome: 'success', detail: { n } })));
  expect(await log.verify()).toMatchObject({ ok: true, entries: total });
  const again = await reopen(log, dir, store);
  expect(numbers(await all(again.entries({ from: total - 2 })))).toEqual([total - 2, total - 1]);
});
