// What the system refuses becomes one sentence, whoever is told: HTTP, DIMSE, a command.
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../node/cli/failure.ts';
import { statusOf } from '../../../node/dicom/dimse/command.ts';
import { knownError } from '../../../node/http/problem.ts';
import { full } from '../../../node/store/objects.ts';
import { storageError, systemError } from '../../../node/system/errno.ts';
import { PeerError } from '../../../protocol/errors.ts';

const refusal = (code: string, more: object = {}) =>
  Object.assign(new Error(`${code}: refused, open '/x'`), { code, ...more });

describe.each([
  ['ENOSPC', 'store/full'],
  ['EDQUOT', 'store/full'],
  ['EROFS', 'store/read-only'],
  ['EIO', 'store/failing'],
] as const)('a disk that says %s', (errno, code) => {
  it(`is ${code} for HTTP (507), DIMSE (A700H, out of resources) and commands`, () => {
    const known = knownError(refusal(errno));
    expect([known.code, known.row.http, statusOf(refusal(errno))]).toEqual([code, 507, 0xa700]);
    expect(failureOf(refusal(errno, { path: '/data/packs' }))).toMatchObject({
      code,
      message: expect.stringContaining('/data/packs'),
    });
    expect(() => full(refusal(errno))).toThrow(expect.objectContaining({ code }));
  });

  it('is so behind other errors too, but for those that say what they are', () => {
    const inner = new Error('could not', { cause: refusal(errno) });
    expect(storageError(inner)?.code).toBe(code);
    const said = new PeerError('audit/unwritable', {}, { cause: refusal(errno) });
    expect([storageError(said), knownError(said).code]).toEqual([undefined, 'audit/unwritable']);
  });
});

it('reads what the database says, which has no codes', () => {
  const said = (text: string) =>
    Object.assign(new Error('Database failed to open', { cause: new Error(`IO error: /d/db/000005.log: ${text}`) }), {
      code: 'LEVEL_DATABASE_NOT_OPEN',
    });
  expect(storageError(said('No space left on device'))?.code).toBe('store/full');
  expect(storageError(said('Read-only file system'))?.code).toBe('store/read-only');
  expect(storageError(said('Input/output error'))?.code).toBe('store/failing');
  expect(storageError(said('Permission denied'))).toBeUndefined();
});

it.each([
  ['EADDRINUSE', 'net/port-taken', { port: 80 }],
  ['EADDRNOTAVAIL', 'net/address', { address: '10.11.12.13', port: 80 }],
  ['EACCES', 'file/unreadable', { path: '/data/peer.json' }],
  ['EPERM', 'file/unreadable', { path: '/data/peer.json' }],
  ['ENOENT', 'file/missing', { path: '/etc/gone.pem' }],
  ['ENOTDIR', 'file/missing', { path: '/etc/gone.pem' }],
  ['EISDIR', 'file/unreadable', { path: '/etc' }],
  ['EEXIST', 'file/exists', { path: '/etc' }],
  ['ECONNREFUSED', 'peer/not-running', {}],
  ['ECONNRESET', 'net/closed', {}],
  ['EPIPE', 'net/closed', {}],
] as const)('%s is %s to a command, with what it names', (errno, code, named) => {
  const failure = failureOf(refusal(errno, named));
  expect(failure.code).toBe(code);
  for (const fact of Object.values(named)) expect(failure.message).toContain(String(fact));
  expect(systemError(refusal(errno, named))?.code).toBe(code);
  // a caller over HTTP has nothing to do with our paths and ports
  expect(knownError(refusal(errno, named)).code).toBe('http/internal');
});

it('knows nothing of what it does not know', () => {
  expect(systemError(new Error('x'))).toBeUndefined();
  expect(systemError('x')).toBeUndefined();
  expect(failureOf(refusal('EWHAT')).code).toBe('cli/failed');
});
