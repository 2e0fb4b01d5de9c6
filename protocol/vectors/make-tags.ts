// Writes vectors/tags/*.json. Run with `node protocol/vectors/make-tags.ts`; running it again changes nothing.
import { writeFileSync } from 'node:fs';
import { hex, unhex, utf8 } from '../bytes.ts';
import { contradicts, type Demographics } from '../person/demographics.ts';
import { epochAt, epochStart, patientTag, studyMark } from '../tags/epoch.ts';
import { idnpSystem, normalize, oprfInput } from '../tags/identifier.ts';
import { evaluateRequest } from '../tags/messages.ts';
import { dealTrialKey } from '../tags/threshold.ts';
import { blind, evaluateBatch, finalize } from '../tags/voprf.ts';
import { seeded } from './seeded.ts';

const write = (name: string, vector: { comment: string; what: string; input: unknown; expect: unknown }) =>
  writeFileSync(new URL(`tags/${name}.json`, import.meta.url), `${JSON.stringify(vector, null, 2)}\n`);

// RFC 9497 appendix A.1.2, ristretto255-SHA512, VOPRF mode: its figures, not ours
const rfcKey = {
  secret: 'e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909',
  commitment: 'c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e',
};
const shortInput = '00';
const longInput = '5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a';
const firstBlind = '64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706';
const secondBlind = '222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e';
const shortBlinded = '863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945';
const shortEvaluated = 'aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e';
const shortOutput =
  'b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d' +
  'a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c';
const longOutput =
  '8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60' +
  '356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6';

write('rfc9497-voprf-1', {
  comment: 'RFC 9497 A.1.2.1: one point of a short input.',
  what: 'voprf',
  input: { ...rfcKey, inputs: [shortInput], blinds: [firstBlind], proofRandomScalar: secondBlind },
  expect: {
    blinded: [shortBlinded],
    evaluated: [shortEvaluated],
    proof:
      'ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06' +
      '6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d',
    outputs: [shortOutput],
  },
});
write('rfc9497-voprf-2', {
  comment: 'RFC 9497 A.1.2.2: one point of a longer input.',
  what: 'voprf',
  input: { ...rfcKey, inputs: [longInput], blinds: [firstBlind], proofRandomScalar: secondBlind },
  expect: {
    blinded: ['cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c'],
    evaluated: ['60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468'],
    proof:
      '401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a' +
      '67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02',
    outputs: [longOutput],
  },
});
write('rfc9497-voprf-3', {
  comment: 'RFC 9497 A.1.2.3: a batch of two with one proof.',
  what: 'voprf',
  input: {
    ...rfcKey,
    inputs: [shortInput, longInput],
    blinds: [firstBlind, secondBlind],
    proofRandomScalar: '419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c',
  },
  expect: {
    blinded: [shortBlinded, '90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654'],
    evaluated: [shortEvaluated, 'cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a'],
    proof:
      'cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a' +
      '5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08',
    outputs: [shortOutput, longOutput],
  },
});

const random = seeded('tags');
const key = dealTrialKey({ indices: [1, 2, 5], t: 2, random });
const shares = key.shares.map(({ index, secret, commitment }) => ({
  index,
  secret: hex(secret),
  commitment: hex(commitment),
}));
const input = oprfInput(idnpSystem, '2004001020001');
const blinded = blind(input, random);
const replies = key.shares.map((share) => ({
  index: share.index,
  ...evaluateBatch({ ...share, blinded: [blinded.blinded], random }),
}));
const evaluated = replies.map((reply) => ({ index: reply.index, evaluated: hex(reply.evaluated[0]!) }));
const y = finalize({
  input,
  blind: blinded.blind,
  shares: replies.slice(0, 2).map((reply) => ({ index: reply.index, evaluated: reply.evaluated[0]! })),
});
write('threshold-2-of-3', {
  comment: 'Any two of three keepers give the same y, which is that of the whole key.',
  what: 'threshold',
  input: { oprfInput: hex(input), blind: hex(blinded.blind), blinded: hex(blinded.blinded), t: 2, shares, evaluated },
  expect: { publicKey: hex(key.publicKey), y: hex(y) },
});

const commitments = shares.map(({ index, commitment }) => ({ index, commitment }));
const interpolate = (name: string, comment: string, expect: boolean, list: { index: number; commitment: string }[]) =>
  write(name, { comment, what: 'commitments', input: { publicKey: hex(key.publicKey), t: 2, shares: list }, expect });
interpolate('commitments', 'Three commitments on one line through the public key.', true, commitments);
interpolate('commitments-swapped', 'Two commitments under each other’s index.', false, [
  { index: 1, commitment: commitments[1]!.commitment },
  { index: 2, commitment: commitments[0]!.commitment },
  commitments[2]!,
]);
interpolate('commitments-index-twice', 'One index twice.', false, [commitments[0]!, commitments[0]!, commitments[2]!]);
interpolate('commitments-index-zero', 'Index 0 would be the key itself.', false, [
  { index: 0, commitment: hex(key.publicKey) },
  ...commitments.slice(1),
]);

const proof = (name: string, comment: string, expect: boolean, change: Record<string, unknown>) =>
  write(name, {
    comment,
    what: 'proof',
    input: {
      commitment: shares[0]!.commitment,
      blinded: [hex(blinded.blinded)],
      evaluated: [evaluated[0]!.evaluated],
      proof: hex(replies[0]!.proof),
      ...change,
    },
    expect,
  });
const order = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';
proof('proof', 'A keeper’s proof against its own commitment.', true, {});
proof('proof-other-keeper', 'A sound answer, but of another keeper.', false, { commitment: shares[1]!.commitment });
proof('proof-other-element', 'The proof is of another element.', false, { evaluated: [evaluated[1]!.evaluated] });
proof('proof-identity', 'The evaluated element is the identity.', false, { evaluated: ['00'.repeat(32)] });
proof('proof-non-canonical', 'An element that is not the canonical encoding of any (RFC 9496 A.3).', false, {
  evaluated: [`00${'ff'.repeat(31)}`],
});
proof('proof-scalar-too-large', 'c of the proof is the group’s order.', false, {
  proof: order + hex(replies[0]!.proof.subarray(32)),
});

const identifier = (name: string, comment: string, system: string, value: string, code?: string) =>
  write(name, {
    comment,
    what: 'identifier',
    input: { system, value },
    expect: code ?? { ...normalize(system, value), oprfInput: hex(oprfInput(system, value)) },
  });
identifier('identifier-idnp', 'A national number with the right check digit.', idnpSystem, '2004001020001');
identifier('identifier-idnp-spaced', 'The same number as people write it.', idnpSystem, ' 2004-001.020 001');
identifier(
  'identifier-idnp-fullwidth',
  'The same number in full-width digits.',
  idnpSystem,
  '２００４００１０２０００１',
);
identifier('identifier-idnp-wrong-digit', 'Accepted, but not as checked.', idnpSystem, '2004001020009');
identifier('identifier-other-system', 'A system without rules of its own.', 'urn:oid:1.2.3', 'ab-12');
identifier('identifier-empty', 'Nothing is left.', idnpSystem, ' - ', 'tags/identifier');
identifier('identifier-too-long', '201 characters.', idnpSystem, '1'.repeat(201), 'tags/identifier');
identifier('identifier-control', 'A control character.', idnpSystem, '12\u000034', 'tags/identifier');
identifier('identifier-system', 'The system is no URI.', 'idnp', '1', 'tags/system');

const persons = (name: string, comment: string, a: Demographics, b: Demographics) =>
  write(`persons-${name}`, { comment, what: 'persons', input: [a, b], expect: contradicts(a, b) });
const ion = { name: 'Popescu^Ion', birthDate: '19510203', sex: 'M' };
persons('birth-date', 'Born on other days.', ion, { ...ion, birthDate: '19840506' });
persons('other-name', 'No part in common.', { name: 'First^Anna' }, { name: 'Second^Boris' });
persons('twins', 'Only the surname in common.', ion, { ...ion, name: 'Popescu^Mihai' });
persons('married', 'Only the given name in common.', { name: 'Popescu^Maria' }, { name: 'Ionescu^Maria' });
persons('reversed', 'The other way round.', ion, { ...ion, name: 'Ion^Popescu' });
persons('russian', 'As Russian papers write it.', ion, { ...ion, name: 'Попеску^Иван' });
persons('placeholder', 'Nobody’s name and nobody’s birth date.', ion, { name: 'ANONYMOUS', birthDate: '19000101' });
persons('sex', 'Another sex alone.', ion, { ...ion, sex: 'F' });

const epoch = epochAt(Date.UTC(2026, 10, 22));
write('tag', {
  comment: 'The tag of a y in a generation and epoch, and the mark of a study.',
  what: 'tag',
  input: { y: hex(y), generation: 1, epoch, studyInstanceUid: '1.2.840.113619.2.1' },
  expect: { start: epochStart(epoch), tag: patientTag(y, 1, epoch), same: studyMark(y, '1.2.840.113619.2.1') },
});

const request = { key: '00112233445566778899aabbccddeeff', generation: 1, blinded: [blinded.blinded] };
const message = (name: string, comment: string, bytes: Uint8Array, expect: unknown) =>
  write(name, { comment, what: 'evaluate-request', input: hex(bytes), expect });
message('evaluate-request', 'One point.', evaluateRequest.encode(request), {
  ...request,
  blinded: [hex(blinded.blinded)],
});
message('evaluate-none', 'No point.', evaluateRequest.encode({ ...request, blinded: [] }), 'field/invalid');
message(
  'evaluate-too-many',
  '257 points.',
  evaluateRequest.encode({ ...request, blinded: Array(257).fill(unhex(order)) }),
  'field/invalid',
);
message(
  'evaluate-crit',
  'A field that must be understood and is not.',
  evaluateRequest.encode({ ...request, crit: ['epoch'] }),
  'crit/unknown',
);
message('evaluate-garbage', 'Not CBOR.', utf8('evaluate'), 'cbor/malformed');
