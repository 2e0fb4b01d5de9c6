import { describe, expect, test } from 'vitest';
import { admission, negotiate, rejections, sendablePduBytes } from '../../../../node/dicom/dimse/contexts.ts';
import { implementationClassUid, isStorage, verification } from '../../../../node/dicom/dimse/uids.ts';
import type { AssociateRq } from '../../../../node/dicom/dimse/upper-layer/pdu.ts';
import { isUid } from '../../../../node/dicom/model/uid.ts';
import { associateRq, ctStorage, errorCode } from './helpers.ts';

const options = { aeTitle: 'PEER', maxPduBytes: 1000 };
const ask = (abstractSyntax: string, transferSyntaxes: string[], more = {}) =>
  negotiate(associateRq({ contexts: [{ id: 5, abstractSyntax, transferSyntaxes }] }), { ...options, ...more }).answer
    .contexts[0];

describe('negotiation', () => {
  test('verification and every storage class are taken with the first transfer syntax', () => {
    expect(ask(verification, ['1.2.840.10008.1.2'])).toEqual({ id: 5, result: 0, transferSyntax: '1.2.840.10008.1.2' });
    expect(ask(ctStorage, ['1.2.840.10008.1.2.4.202', '1.2.840.10008.1.2'])).toMatchObject({
      result: 0,
      transferSyntax: '1.2.840.10008.1.2.4.202',
    });
    expect(ask('1.2.840.10008.5.1.4.34.7', ['1.2.3'])).toMatchObject({ result: 0 });
  });

  test('query, worklist and private classes are not, unless listed', () => {
    expect(ask('1.2.840.10008.5.1.4.1.2.2.1', ['1.2.3'])).toMatchObject({ result: 3 });
    expect(ask('1.2.840.10008.5.1.4.34.6.1', ['1.2.3'])).toMatchObject({ result: 3 });
    expect(ask('1.3.12.2.1107.5.9.1', ['1.2.3'])).toMatchObject({ result: 3 });
    expect(ask('1.3.12.2.1107.5.9.1', ['1.2.3'], { privateSopClasses: ['1.3.12.2.1107.5.9.1'] })).toMatchObject({
      result: 0,
    });
    expect(ask(ctStorage, [])).toMatchObject({ result: 4 });
    expect(ask(ctStorage, ['../etc'])).toMatchObject({ result: 4 });
  });

  test('only accepted contexts are opened', () => {
    const { contexts } = negotiate(
      associateRq({
        contexts: [
          { id: 1, abstractSyntax: ctStorage, transferSyntaxes: ['1.2.3'] },
          { id: 3, abstractSyntax: '1.2.840.10008.5.1.4.31', transferSyntaxes: ['1.2.3'] },
        ],
      }),
      options,
    );
    expect([...contexts.values()]).toEqual([{ id: 1, abstractSyntax: ctStorage, transferSyntax: '1.2.3' }]);
  });

  test('user items are answered as the standard says, and only where asked', () => {
    expect(negotiate(associateRq(), options).answer.user).toMatchObject({
      maxPduBytes: 1000,
      implementationClassUid,
      roles: [],
      extended: [],
    });
    expect(negotiate(associateRq(), options).answer.user.asyncOps).toBeUndefined();
    const user = {
      asyncOps: { invoked: 0, performed: 0 },
      roles: [
        { sopClassUid: ctStorage, scu: true, scp: true },
        { sopClassUid: '1.2.3', scu: true, scp: true },
      ],
      extended: [{ sopClassUid: ctStorage, information: new Uint8Array(6) }],
    };
    expect(negotiate(associateRq({ user }), options).answer.user).toMatchObject({
      asyncOps: { invoked: 8, performed: 1 },
      roles: [{ sopClassUid: ctStorage, scu: true, scp: false }],
      extended: [{ sopClassUid: ctStorage, information: Uint8Array.of(2, 0, 3, 0, 0, 0) }],
    });
  });

  test('callers: title and, where given, address', () => {
    const rejected = (callers: { aeTitle: string; host?: string }[], address = '::ffff:10.0.0.7') =>
      admission(associateRq(), { ...options, callers }, { remoteAddress: address }).rejection;
    expect(rejected([{ aeTitle: 'SCANNER' }])).toBeUndefined();
    expect(rejected([{ aeTitle: 'OTHER' }, { aeTitle: 'SCANNER', host: '10.0.0.7' }])).toBeUndefined();
    expect(rejected([{ aeTitle: 'SCANNER', host: '10.0.0.8' }])).toBe(rejections.callingAe);
    expect(rejected([])).toBe(rejections.callingAe);
    const plain = (request: AssociateRq) => admission(request, options, { remoteAddress: '' }).rejection;
    expect(plain(associateRq({ calledAe: 'ELSE' }))).toBe(rejections.calledAe);
    expect(plain(associateRq({ applicationContext: '1.2' }))).toBe(rejections.applicationContext);
  });

  test('UIDs', () => {
    for (const good of ['1', '1.2.3', '2.25.0', '1.02']) expect(isUid(good)).toBe(true);
    for (const bad of ['', '.', '1.', '.1', '1..2', '../1', '1/2', 'a.b', '1'.repeat(65)])
      expect(isUid(bad)).toBe(false);
    expect(isStorage('1.2.840.10008.5.1.4.1.1.')).toBe(true);
    expect(isStorage('1.2.840.10008.5.1.4.1.2.1.1')).toBe(false);
  });

  test('a maximum without room for data is refused', () => {
    expect(sendablePduBytes(0)).toBe(1 << 20);
    expect(sendablePduBytes(16384)).toBe(16384);
    expect(errorCode(() => sendablePduBytes(7))).toBe('dimse/pdu-length');
  });
});
