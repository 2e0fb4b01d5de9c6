// Orders as other systems send them, for tests: made-up patients.

/** A segment by the numbers of its fields. */
const segment = (name: string, fields: Readonly<Record<number, string>>): string => {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, i) => fields[i + 1] ?? '')].join('|');
};

export const orm = (change: Readonly<Record<string, string>> = {}): string => {
  const given = { control: 'NW', placer: 'P100', charset: 'UNICODE UTF-8', name: 'Ковальчук^Сергей^^^Dr', ...change };
  const {
    accession = 'ACC100',
    step = 'SPS100',
    modality = 'CT',
    station = 'CT1',
    start = '20261201083000',
  } = given as Record<string, string>;
  return [
    `MSH|^~\\&|RIS|SPITAL|PEER|SPITAL|20261122101500||ORM^O01|MSG${given.placer}|P|2.3.1||||||${given.charset}`,
    `PID|||2003000000017^^^IDNP||${given.name}||19800229|M`,
    segment('PV1', { 2: 'I', 3: 'SECT1', 8: '77^Moraru^Elena' }),
    segment('ORC', {
      1: given.control,
      2: `${given.placer}^RIS`,
      3: 'F100^RIS',
      7: `^^^${start}^^R`,
      12: '88^Țurcanu^Ștefan',
    }),
    segment('OBR', {
      ...{ 1: '1', 2: `${given.placer}^RIS`, 3: 'F100^RIS', 4: 'CTH^CT cap \\T\\ g\\X E2\\t^99MD' },
      ...{ 18: accession, 19: 'RP100', 20: step, 21: station, 24: modality, 31: '^Cefalee' },
    }),
    'ZDS|1.2.826.0.1.3680043.2.1.100^RIS^Application^DICOM',
  ]
    .map((each) => `${each}\r`)
    .join('');
};

export const omi = [
  'MSH|^~\\&|RIS|SPITAL|PEER|SPITAL|20261122101500||OMI^O23^OMI_O23|MSG7|P|2.5.1||||||8859/5',
  'PID|||2003000000025^^^IDNP||Щербань^Юлия||1991|F',
  'ORC|NW|P7|F7',
  'TQ1|||||||20261203090000||S',
  'OBR|1|P7|F7|MRH^RMN cap^99MD',
  'IPC|ACC7|RP7|1.2.826.0.1.3680043.2.1.7|SPS7A|MR|P1^Protocol 1^99MD|MRSTATION|SALA2|MR1',
  'IPC|ACC7|RP7|1.2.826.0.1.3680043.2.1.7|SPS7B|PT|P2^Protocol 2^99MD|||PT1',
]
  .map((each) => `${each}\r`)
  .join('');

/** Text in ISO 8859-5, as `omi` says it is. */
export function cyrillic(text: string): Uint8Array {
  const decoder = new TextDecoder('iso-8859-5');
  const all = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte] as const));
  return Uint8Array.from(text, (letter) => all.get(letter) ?? 0x3f);
}

export const serviceRequest = (change: object = {}): object => ({
  resourceType: 'ServiceRequest',
  id: 'sr-1',
  status: 'active',
  intent: 'order',
  identifier: [
    { type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }] }, value: 'P200' },
    { type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' }] }, value: 'ACC200' },
  ],
  priority: 'urgent',
  code: { coding: [{ system: 'http://snomed.info/sct', code: '77477000', display: 'CT' }], text: 'CT abdomen' },
  category: [{ coding: [{ system: 'http://dicom.nema.org/resources/ontology/DCM', code: 'CT' }] }],
  subject: { reference: '#patient' },
  requester: { display: 'Elena Moraru' },
  performer: [{ identifier: { system: 'urn:dicomnet:ae-title', value: 'CT2' } }, { reference: '#radiologist' }],
  occurrenceDateTime: '2026-12-02T10:15:00+02:00',
  reasonCode: [{ text: 'Durere' }],
  contained: [
    {
      resourceType: 'Patient',
      id: 'patient',
      identifier: [{ system: 'urn:idnp', value: '2003000000033' }],
      name: [{ use: 'official', family: 'Țurcanu', given: ['Ștefan', 'Ion'], prefix: ['Dl'] }],
      gender: 'male',
      birthDate: '1975-05-06',
    },
    { resourceType: 'Practitioner', id: 'radiologist', name: [{ family: 'Popa', given: ['Maria'] }] },
  ],
  ...change,
});

export const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
