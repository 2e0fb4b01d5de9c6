import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerTo,
  type Command,
  CommandAssembler,
  decodeCommand,
  encodeCommand,
  statusOf,
} from '../../../../node/dicom/dimse/command.ts';
import { concat, hex, unhex } from '../../../../protocol/bytes.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { errorCode, storeRq } from './helpers.ts';

const u16 = fc.nat(0xffff);
const command: fc.Arbitrary<Command> = fc.record(
  {
    commandField: u16,
    hasDataSet: fc.boolean(),
    messageId: u16,
    respondedTo: u16,
    status: u16,
    priority: u16,
    affectedSopClassUid: fc.stringMatching(/^[1-9](\.[1-9]{1,8}){1,6}$/),
    affectedSopInstanceUid: fc.stringMatching(/^[1-9](\.[1-9]{1,8}){1,6}$/),
    moveOriginatorAe: fc.stringMatching(/^[A-Z]{1,16}$/),
    moveOriginatorMessageId: u16,
    errorComment: fc.stringMatching(/^[a-z/-]{1,64}$/),
  },
  { requiredKeys: ['commandField', 'hasDataSet'] },
);

describe('command sets', () => {
  test('a C-ECHO-RQ has the bytes of PS3.7', () => {
    const bytes = encodeCommand({
      commandField: 0x30,
      messageId: 1,
      affectedSopClassUid: '1.2.840.10008.1.1',
      hasDataSet: false,
    });
    expect(hex(bytes)).toBe(
      '0000000004000000' +
        '38000000' + // group length 56
        '0000020012000000312e322e3834302e31303030382e312e3100' +
        '00000001020000003000' +
        '00001001020000000100' +
        '00000008020000000101',
    );
  });

  test('what is encoded is decoded again', () => {
    fc.assert(
      fc.property(command, (one) => {
        expect(decodeCommand(encodeCommand(one))).toEqual(one);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('any bytes give a command or a coded error', () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(command, fc.nat(), fc.nat(255), (one, where, change) => {
        const bytes = encodeCommand(one);
        bytes[where % bytes.length] = change;
        codes.add(errorCode(() => decodeCommand(bytes)));
      }),
      { seed: 1, numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        codes.add(errorCode(() => decodeCommand(bytes)));
      }),
      { seed: 1, numRuns: 500 },
    );
    expect([...codes].sort()).toEqual(['dimse/command-malformed', 'no error']);
  });

  test('unknown elements and those of other groups are passed over, doubled ones refused', () => {
    const base = encodeCommand(storeRq());
    expect(decodeCommand(concat(base, unhex('0000ff1f020000004142')))).toEqual(storeRq());
    expect(errorCode(() => decodeCommand(concat(base, unhex('00000001020000000100'))))).toBe('dimse/command-malformed');
    // as Orthanc says which sub-operations of a C-GET failed
    expect(decodeCommand(concat(base, unhex('08005800020000003100')))).toEqual(storeRq());
  });

  test('the assembler is bounded and keeps contexts apart', () => {
    const bytes = encodeCommand(storeRq());
    const fragment = (part: Uint8Array, last: boolean, contextId = 1) =>
      ({ type: 'fragment', contextId, command: true, last, end: true, bytes: part }) as const;
    const assembler = new CommandAssembler();
    expect(assembler.push(fragment(bytes.subarray(0, 9), false))).toBeUndefined();
    expect(errorCode(() => assembler.push(fragment(bytes.subarray(9), true, 3)))).toBe('dimse/sequence');
    expect(assembler.push(fragment(bytes.subarray(9), true))).toEqual(bytes);
    expect(assembler.push(fragment(bytes, true))).toEqual(bytes);
    expect(assembler.push(fragment(new Uint8Array(limits.dimseCommandBytes), false))).toBeUndefined();
    expect(errorCode(() => assembler.push(fragment(new Uint8Array(1), false)))).toBe('dimse/command-malformed');
  });

  test('answers carry what was asked about; errors become their status', () => {
    expect(answerTo(storeRq(), 0xa700, 'x'.repeat(100))).toEqual({
      commandField: 0x8001,
      respondedTo: 7,
      hasDataSet: false,
      status: 0xa700,
      affectedSopClassUid: storeRq().affectedSopClassUid,
      affectedSopInstanceUid: '1.2.3.4',
      errorComment: 'x'.repeat(64),
    });
    expect(statusOf(new PeerError('dimse/sop-class'))).toBe(0x0122);
    expect(statusOf(new Error('x'))).toBe(0x0110);
  });
});
