// Orders as FHIR and HL7 say them, and whatever else is sent in their place.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fhirOrders, parseFhir } from '../../../node/worklist/fhir-orders.ts';
import { parseHl7 } from '../../../node/worklist/hl7.ts';
import { hl7Answer, hl7Orders } from '../../../node/worklist/hl7-orders.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { cyrillic, json, omi, orm, serviceRequest, text } from './messages.ts';

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof PeerError) return `${error.code} ${error.data.at ?? ''}`.trim();
    throw error;
  }
  return 'taken';
};
const ofHl7 = (message: string | Uint8Array) => hl7Orders(typeof message === 'string' ? text(message) : message).orders;
const ofFhir = (resource: unknown) =>
  fhirOrders(parseFhir(json(resource)), (system) => ({ 'urn:idnp': 'IDNP' })[system]);

describe('HL7 v2', () => {
  test('ORM^O01', () => {
    expect(ofHl7(orm())).toEqual([
      {
        key: 'hl7|RIS|SPITAL|P100',
        source: 'hl7',
        action: 'place',
        placer: 'P100',
        filler: 'F100',
        patient: { id: '2003000000017', issuer: 'IDNP', name: 'Ковальчук^Сергей^^Dr', birthDate: '19800229', sex: 'M' },
        accession: 'ACC100',
        procedureId: 'RP100',
        studyUid: '1.2.826.0.1.3680043.2.1.100',
        description: 'CT cap & gt',
        code: { value: 'CTH', scheme: '99MD', meaning: 'CT cap & gt' },
        reason: 'Cefalee',
        priority: 'ROUTINE',
        referring: 'Moraru^Elena',
        requesting: 'Țurcanu^Ștefan',
        ward: 'SECT1',
        steps: [
          {
            id: 'SPS100',
            modality: 'CT',
            station: 'CT1',
            start: { date: '20261201', time: '083000' },
            performer: undefined,
            description: 'CT cap & gt',
            protocol: { value: 'CTH', scheme: '99MD', meaning: 'CT cap & gt' },
          },
        ],
      },
    ]);
  });

  test('OMI^O23 with two steps, in ISO 8859-5', () => {
    const [order, ...more] = ofHl7(cyrillic(omi));
    expect(more).toEqual([]);
    expect(order).toMatchObject({
      patient: { name: 'Щербань^Юлия', sex: 'F', birthDate: undefined },
      accession: 'ACC7',
      priority: 'STAT',
      steps: [
        { id: 'SPS7A', modality: 'MR', station: 'MR1', stationName: 'MRSTATION', location: 'SALA2' },
        { id: 'SPS7B', modality: 'PT', station: 'PT1', start: { date: '20261203', time: '090000' } },
      ],
    });
  });

  test('its character set: declared, undeclared, in UTF-16, framed by MLLP', () => {
    const name = (message: Uint8Array) => ofHl7(message)[0]!.patient.name;
    expect(name(text(orm({ charset: '' })))).toBe('Ковальчук^Сергей^^Dr');
    expect(name(text(`\x0b${orm()}\x1c\r`))).toBe('Ковальчук^Сергей^^Dr');
    expect(name(cyrillic(orm({ charset: '8859/5' }).replace('Țurcanu^Ștefan', 'Turcanu')))).toBe(
      'Ковальчук^Сергей^^Dr',
    );
    expect(name(cyrillic(orm({ charset: '' }).replace('Țurcanu^Ștefan', 'Turcanu')))).toBe('Ковальчук^Сергей^^Dr');
    expect(name(Uint8Array.of(0xff, 0xfe, ...Buffer.from(orm({ charset: '' }), 'utf16le')))).toBe(
      'Ковальчук^Сергей^^Dr',
    );
    expect(refusal(() => ofHl7(orm({ charset: 'KLINGON' })))).toBe('order/hl7 MSH-18');
  });

  test('what is wrong is named, never quoted', () => {
    const without = (start: string) => orm().replace(new RegExp(`${start}[^\\r]*\\r`), '');
    expect(refusal(() => ofHl7(''))).toBe('order/hl7 MSH-2');
    expect(refusal(() => ofHl7('MSH||||'))).toBe('order/hl7 MSH-2');
    expect(refusal(() => ofHl7(orm().replace('ORM^O01', 'ADT^A01')))).toBe('order/hl7 MSH-9');
    expect(refusal(() => ofHl7(without('PID')))).toBe('order/hl7 PID');
    expect(refusal(() => ofHl7(without('ORC')))).toBe('order/hl7 ORC');
    expect(refusal(() => ofHl7(without('OBR')))).toBe('order/hl7 OBR');
    expect(refusal(() => ofHl7(orm({ name: '' })))).toBe('order/hl7 PID-5');
    expect(refusal(() => ofHl7(orm({ control: 'ZZ' })))).toBe('order/hl7 ORC-1');
    expect(refusal(() => ofHl7(orm({ accession: 'A'.repeat(17) })))).toBe('order/hl7 OBR-18');
    expect(refusal(() => ofHl7(orm().replace('1.2.826', '1..826')))).toBe('order/hl7 ZDS-1');
    expect(refusal(() => ofHl7(orm() + 'NTE|1||x\r'.repeat(limits.hl7Segments)))).toBe('order/hl7 MSH');
    expect(refusal(() => ofHl7(new Uint8Array(limits.orderBytes + 1)))).toBe('http/too-large');
  });

  test('delimiters and escapes of its own', () => {
    const [, segment] = parseHl7(text('MSH#*!?%#A#B\rOBX#x?F?y?S?z?T?w?R?v?E?u#a%b*c!d#""#?H?t?N?#half ?open\r'));
    expect(segment!.repetitions(1)).toEqual([['x#y*z%w!v?u']]);
    expect(segment!.repetitions(2)).toEqual([['a', 'c'], ['d']]);
    expect([segment!.text(3), segment!.text(4), segment!.text(5)]).toEqual(['', 't', 'half ?open']);
  });

  test('answers', () => {
    const answer = (message: string, error?: PeerError) =>
      new TextDecoder().decode(hl7Answer(text(message), { at: '20261122101530', id: 'X1' }, error)).split('\r');
    expect(answer(orm())).toEqual([
      'MSH|^~\\&|DICOMNET||RIS|SPITAL|20261122101530||ACK^O01|X1|P|2.5.1||||||UNICODE UTF-8',
      'MSA|AA|MSGP100',
      '',
    ]);
    const refused = answer('rubbish', new PeerError('order/hl7', { at: 'PID-3', message: 'is missing' }));
    expect(refused[1]).toBe('MSA|AE|');
    expect(refused[2]).toMatch(/^ERR\|\|PID\^1\^3\|/);
  });
});

describe('FHIR', () => {
  test('words that JavaScript has for itself are no words of FHIR', () => {
    for (const word of ['constructor', '__proto__', 'toString']) {
      const request = serviceRequest({ priority: word, code: { coding: [{ system: word, code: 'X', display: 'x' }] } });
      const { contained } = request as { contained: [{ gender: string }] };
      const [patient, ...others] = contained;
      const [order] = ofFhir({ ...request, contained: [{ ...patient, gender: word }, ...others] });
      expect(order).toMatchObject({ priority: 'ROUTINE', code: { scheme: '99LOCAL' }, patient: { sex: undefined } });
    }
    const [, segment] = parseHl7(text('MSH|^~\\&|A\rOBX|a\\constructor\\b\r'));
    expect(segment!.text(1)).toBe('ab');
  });

  test('ServiceRequest with contained resources', () => {
    expect(ofFhir(serviceRequest())).toEqual([
      {
        key: 'fhir||P200',
        source: 'fhir',
        action: 'place',
        placer: 'P200',
        filler: undefined,
        accession: 'ACC200',
        procedureId: undefined,
        studyUid: undefined,
        patient: {
          id: '2003000000033',
          issuer: 'IDNP',
          name: 'Țurcanu^Ștefan^Ion^Dl',
          birthDate: '19750506',
          sex: 'M',
        },
        description: 'CT abdomen',
        code: { value: '77477000', scheme: 'SCT', meaning: 'CT' },
        reason: 'Durere',
        priority: 'HIGH',
        referring: 'Elena Moraru',
        requesting: 'Elena Moraru',
        ward: undefined,
        steps: [
          {
            id: undefined,
            modality: 'CT',
            station: 'CT2',
            location: undefined,
            start: { date: '20261202', time: '101500' },
            performer: 'Popa^Maria',
            description: 'CT abdomen',
            protocol: { value: '77477000', scheme: 'SCT', meaning: 'CT' },
          },
        ],
      },
    ]);
  });

  test('Bundle: patients by fullUrl or by type and id', () => {
    const { contained } = serviceRequest() as { contained: object[] };
    const bundle = (reference: string) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl: 'urn:uuid:1', resource: { ...contained[0], id: 'p1' } },
        { resource: serviceRequest({ subject: { reference }, contained: undefined }) },
      ],
    });
    for (const reference of ['urn:uuid:1', 'Patient/p1']) {
      expect(ofFhir(bundle(reference))[0]!.patient.id).toBe('2003000000033');
    }
    expect(refusal(() => ofFhir(bundle('Patient/other')))).toBe('order/fhir Patient.identifier');
  });

  test('what is wrong is named', () => {
    expect(refusal(() => parseFhir(text('{')))).toBe('order/fhir');
    for (const resource of [null, 7, [], {}, { resourceType: 'Patient' }, { resourceType: 'Bundle', entry: 'x' }]) {
      expect(refusal(() => ofFhir(resource))).toBe('order/fhir resourceType');
    }
    expect(refusal(() => ofFhir(serviceRequest({ status: 'completed' })))).toBe('order/fhir ServiceRequest.status');
    expect(refusal(() => ofFhir(serviceRequest({ subject: {} })))).toBe('order/fhir Patient.identifier');
    expect(refusal(() => ofFhir(serviceRequest({ occurrenceDateTime: '2026-13-45' })))).toBe(
      'order/fhir ServiceRequest.occurrence',
    );
    expect(refusal(() => ofFhir(serviceRequest({ id: undefined, identifier: [] })))).toBe(
      'order/fhir ServiceRequest.identifier',
    );
  });
});

// A message with pieces replaced, dropped or doubled.
const mutated = (seed: Uint8Array) =>
  fc
    .array(fc.record({ at: fc.nat(seed.length - 1), drop: fc.nat(8), put: fc.uint8Array({ maxLength: 8 }) }), {
      minLength: 1,
      maxLength: 8,
    })
    .map((changes) => {
      let bytes = [...seed];
      for (const { at, drop, put } of changes) bytes = [...bytes.slice(0, at), ...put, ...bytes.slice(at + drop)];
      return Uint8Array.from(bytes);
    });

describe('mutated input is taken or refused by a code', () => {
  test('HL7', () => {
    const property = fc.property(fc.oneof(mutated(text(orm())), mutated(cyrillic(omi))), (bytes) => {
      expect(refusal(() => hl7Orders(bytes))).toMatch(/^(taken|order\/hl7|http\/too-large)/);
      expect(hl7Answer(bytes, { at: '', id: '' }).length).toBeGreaterThan(20);
    });
    fc.assert(property, { seed: 3, numRuns: 2000 });
  });

  test('FHIR', () => {
    const bytes = fc.property(mutated(json(serviceRequest())), (each) => {
      expect(refusal(() => fhirOrders(parseFhir(each), () => undefined))).toMatch(/^(taken|order\/fhir)/);
    });
    fc.assert(bytes, { seed: 3, numRuns: 1000 });
    const keys = Object.keys(serviceRequest());
    const shapes = fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue(), { maxKeys: 4 }), (change) => {
      expect(refusal(() => ofFhir(serviceRequest(change)))).toMatch(/^(taken|order\/fhir)/);
    });
    fc.assert(shapes, { seed: 3, numRuns: 1000 });
  });
});
