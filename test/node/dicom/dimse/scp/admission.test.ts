// Who may call and what is agreed on: certificates, roles, extended negotiation.
import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  admission,
  type Caller,
  negotiate,
  rightsOf,
  type ServedClass,
} from '../../../../../node/dicom/dimse/contexts.ts';
import { DimseClient } from '../../../../../node/dicom/dimse/scu/client.ts';
import { explicitVrLittleEndian, implicitVrLittleEndian, verification } from '../../../../../node/dicom/dimse/uids.ts';
import type { UserInformation } from '../../../../../node/dicom/dimse/upper-layer/user-information.ts';
import { systemTimers } from '../../../../../node/system/machine.ts';
import { selfSigned } from '../certificate.ts';
import { associateRq, ctStorage, MemoryStore, type RunningServer, serve } from '../helpers.ts';

const [findClass, getClass, commitClass] = [
  '1.2.840.10008.5.1.4.1.2.2.1',
  '1.2.840.10008.5.1.4.1.2.2.3',
  '1.2.840.10008.1.20.1',
];
const classes = new Map<string, ServedClass>([
  [findClass, { kind: 'find', needs: 'query' }],
  [getClass, { kind: 'retrieve', needs: 'retrieve' }],
  [commitClass, { kind: 'normalized', needs: 'commit' }],
]);
const options = { aeTitle: 'PEER', maxPduBytes: 1000, classes };
const everything = rightsOf({ aeTitle: 'X', host: '10.0.0.1' });

function agree(user: Partial<UserInformation>, transferSyntaxes = [implicitVrLittleEndian, explicitVrLittleEndian]) {
  const uids = [ctStorage, findClass, getClass, commitClass];
  const contexts = uids.map((abstractSyntax, i) => ({ id: 2 * i + 1, abstractSyntax, transferSyntaxes }));
  return negotiate(associateRq({ contexts, user: { roles: [], extended: [], ...user } }), options, everything);
}

describe('negotiation of services', () => {
  test('transfer syntaxes: explicit VR for services and receivers, else the sender’s first', () => {
    const chosen = (user: Partial<UserInformation>, offered?: string[]) =>
      agree(user, offered).answer.contexts.map(({ result, transferSyntax }) =>
        result === 0 ? transferSyntax : result,
      );
    const [implicit, explicit] = [implicitVrLittleEndian, explicitVrLittleEndian];
    expect(chosen({})).toEqual([implicit, explicit, explicit, explicit]);
    const roles = [{ sopClassUid: ctStorage, scu: false, scp: true }];
    expect(chosen({ roles })).toEqual([explicit, explicit, explicit, explicit]);
    expect(chosen({ roles }, ['1.2.840.10008.1.2.4.70', explicit])).toEqual([
      '1.2.840.10008.1.2.4.70',
      explicit,
      explicit,
      explicit,
    ]);
    expect(chosen({}, [implicit])).toEqual([implicit, implicit, implicit, implicit]);
    expect(chosen({}, ['1.2.840.10008.1.2.2'])).toEqual(['1.2.840.10008.1.2.2', 4, 4, 4]);
  });

  test('roles: instances to whoever retrieves, events from whoever we asked', () => {
    const roles = [ctStorage, findClass, commitClass].map((sopClassUid) => ({ sopClassUid, scu: true, scp: true }));
    const { answer, terms } = agree({ roles });
    expect(answer.user.roles).toEqual([
      { sopClassUid: ctStorage, scu: true, scp: true },
      { sopClassUid: findClass, scu: true, scp: false },
      { sopClassUid: commitClass, scu: true, scp: true },
    ]);
    expect(terms.received.has(ctStorage)).toBe(true);
    expect(terms.notSent.size).toBe(0);
  });

  test('extended negotiation: as long as asked, and nothing that was not asked', () => {
    const ask = (sopClassUid: string, ...bytes: number[]) => {
      const { answer, terms } = agree({ extended: [{ sopClassUid, information: Uint8Array.from(bytes) }] });
      const agreed = [terms.relational, terms.combined, terms.fuzzy].map((set) => set.has(sopClassUid));
      return [answer.user.extended.map(({ information }) => [...information]), agreed];
    };
    expect(ask(findClass, 1, 1, 1, 1, 1, 1)).toEqual([[[1, 1, 1, 0, 0]], [true, true, true]]);
    expect(ask(findClass, 1)).toEqual([[[1]], [true, false, false]]);
    expect(ask(findClass, 0, 0, 1)).toEqual([[[0, 0, 1]], [false, false, true]]);
    expect(ask(getClass, 1, 1)).toEqual([[[1, 0]], [true, false, false]]);
    expect(ask(findClass)).toEqual([[], [false, false, false]]);
    expect(ask(commitClass, 1)).toEqual([[], [false, false, false]]);
  });

  test('asynchronous operations: at most eight, and one of ours', () => {
    const ask = (invoked: number) => agree({ asyncOps: { invoked, performed: 5 } }).answer.user.asyncOps;
    expect([ask(0), ask(3), ask(100)]).toEqual([8, 3, 8].map((invoked) => ({ invoked, performed: 1 })));
  });
});

describe('rights', () => {
  test('by default only what an AE title alone may claim', () => {
    const rights = (caller: Caller | undefined) => [...rightsOf(caller)];
    expect(rights(undefined)).toEqual(['store']);
    expect(rights({ aeTitle: 'A' })).toEqual(['store', 'commit']);
    expect(rights({ aeTitle: 'A', host: '10.0.0.1' })).toEqual(['store', 'query', 'retrieve', 'worklist', 'commit']);
    expect(rights({ aeTitle: 'A', host: '10.0.0.1', may: ['query'] })).toEqual(['query']);
  });

  test('a fingerprint is compared however it is written, and never matches without a certificate', () => {
    const fingerprint = 'AB'.repeat(32);
    const callers = [{ aeTitle: 'SCANNER', fingerprint }];
    const rejected = (shown?: string) =>
      admission(associateRq(), { ...options, callers }, { remoteAddress: '', fingerprint: shown }).rejection !==
      undefined;
    expect(rejected(fingerprint.match(/../g)!.join(':').toLowerCase())).toBe(false);
    expect(rejected('CD'.repeat(32))).toBe(true);
    expect(rejected()).toBe(true);
  });
});

describe('TLS', () => {
  const running: RunningServer[] = [];
  afterEach(async () => {
    for (const { server } of running.splice(0)) await server.close();
  });

  test('a caller is known by its certificate', async () => {
    const [ours, theirs, stranger] = [selfSigned(), selfSigned(), selfSigned()];
    const { fingerprint256: fingerprint } = new X509Certificate(theirs.cert);
    const callers = [{ aeTitle: 'SCANNER', fingerprint }, { aeTitle: 'OTHER' }];
    const one = await serve(new MemoryStore().open, { tls: ours, callers });
    running.push(one);
    const call = async (callingAe: string, shown: { cert?: string; key?: string }) => {
      const client = await DimseClient.connect(
        {
          ...{ host: '127.0.0.1', port: one.port, calledAe: 'PEER', callingAe },
          contexts: [{ abstractSyntax: verification, transferSyntaxes: [explicitVrLittleEndian] }],
          tls: { ca: ours.cert, servername: 'localhost', ...shown },
        },
        { timers: systemTimers },
      );
      const status = await client.echo();
      await client.release();
      return status;
    };
    const rejected = { code: 'dimse/rejected', data: { reason: 3 } };
    expect(await call('SCANNER', theirs)).toBe(0);
    await expect(call('SCANNER', stranger)).rejects.toMatchObject(rejected);
    await expect(call('SCANNER', {})).rejects.toMatchObject(rejected);
    expect(await call('OTHER', {})).toBe(0);
  });
});
