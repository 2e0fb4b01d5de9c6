// A manifest as the FHIR imaging study manifest of IHE RAD MADO (FHIR R4, a document Bundle), and back.
import { must } from '../../../protocol/errors.ts';
import type { Manifest } from '../../../protocol/manifest/manifest.ts';
import type { Random } from '../../../protocol/ports.ts';
import { textOf } from '../../dicom/model/attributes.ts';
import type { DicomJson } from '../../dicom/model/json.ts';
import { newUid } from '../../dicom/write/new-uid.ts';
import type { DicomMoment } from '../../system/machine.ts';
import { type Retrieve, type SeriesContents, seriesContents, studyAttributes } from './contents.ts';
import { type BundleEntry, fhirDate, fhirDateTime, narrative, patientResource, urnUuid } from './fhir-resources.ts';
import { assembleManifest, documentRest, instanceRest, seriesRest } from './rest.ts';

export interface FhirInput {
  readonly retrieve?: Retrieve | undefined;
  /** Who makes it. */
  readonly organization: string;
  readonly when: DicomMoment;
  readonly random: Random;
}

/** Ours: a string, the JSON text of what FHIR has no field for (rest.ts), of ImagingStudy, its series and instances. */
const restExtension = 'urn:oid:2.25.316782918669020433432054519678349001947';
const ihe = 'https://profiles.ihe.net/RAD/MADO/StructureDefinition';
const dcm = 'http://dicom.nema.org/resources/ontology/DCM';
const rest = (text: string) => ({ url: restExtension, valueString: text });

/** The Bundle, as an object for JSON. */
export function manifestToFhir(manifest: Manifest, input: FhirInput): Record<string, unknown> {
  const { random, when } = input;
  const study = studyAttributes(manifest);
  const identifier = { system: 'urn:dicom:uid', value: newUid(random) };
  const at = fhirDateTime(when.dateTime)!;
  const [composition, imaging, patient, endpoint, device, organization] = Array.from({ length: 6 }, () =>
    urnUuid(random),
  ) as [string, string, string, string, string, string];
  const title = textOf(study, '00081030') ?? 'Imaging study manifest';
  const type = { coding: [{ system: 'http://loinc.org', code: '18748-4', display: 'Diagnostic imaging study' }] };
  const resources: BundleEntry[] = [
    [
      composition,
      {
        resourceType: 'Composition',
        text: narrative([title, `${manifest.series.length} series`, manifest.studyUid]),
        identifier,
        status: 'final',
        type,
        category: [type],
        subject: { reference: patient },
        date: at,
        author: [{ reference: device }, { reference: organization }],
        title,
        event: [{ detail: [{ reference: imaging }] }],
      },
    ],
    [imaging, imagingStudy(manifest, study, { patient, endpoint })],
    [patient, patientResource(study)],
    [endpoint, endpointResource(input.retrieve ?? {})],
    [
      device,
      {
        resourceType: 'Device',
        type: {
          coding: [{ system: 'https://profiles.ihe.net/RAD/MADO/CodeSystem/MadoDeviceType', code: 'mado-creator' }],
        },
        manufacturer: 'DICOM Network',
        owner: { reference: organization },
      },
    ],
    [organization, { resourceType: 'Organization', name: input.organization }],
  ];
  return {
    resourceType: 'Bundle',
    meta: { profile: [`${ihe}/MadoFhirBundle`] },
    identifier,
    type: 'document',
    timestamp: at,
    entry: resources.map(([fullUrl, resource]) => ({ fullUrl, resource })),
  };
}

function imagingStudy(
  manifest: Manifest,
  study: DicomJson,
  { patient, endpoint }: Record<'patient' | 'endpoint', string>,
) {
  const contents = manifest.series.map(seriesContents);
  const accession = textOf(study, '00080050');
  return {
    resourceType: 'ImagingStudy',
    extension: [rest(documentRest(manifest))],
    identifier: [
      {
        type: { coding: [{ system: dcm, code: '110180', display: 'Study Instance UID' }] },
        system: 'urn:dicom:uid',
        value: manifest.studyUid,
      },
    ],
    status: 'available',
    modality: [...new Set(contents.map(({ modality }) => modality))].map((code) => ({ system: dcm, code })),
    subject: { reference: patient },
    started: fhirDate(textOf(study, '00080020'), textOf(study, '00080030'), textOf(study, '00080201')),
    basedOn: accession && [{ type: 'ServiceRequest', identifier: accessionIdentifier(accession) }],
    numberOfSeries: new Set(contents.map(({ uid }) => uid)).size,
    numberOfInstances: manifest.series.reduce((sum, { instances }) => sum + instances.length, 0),
    procedureCode: [{ text: textOf(study, '00081030') ?? 'Imaging study' }],
    description: textOf(study, '00081030'),
    series: manifest.series.map((series, i) => ({
      extension: [rest(seriesRest(series))],
      ...seriesFields(contents[i]!, study),
      endpoint: [{ reference: endpoint }],
      instance: series.instances.map((instance, j) => ({
        extension: [rest(instanceRest(instance)), ...framesExtension(contents[i]!.instances[j]!.frames)],
        uid: instance.sopInstanceUid,
        sopClass: { system: 'urn:ietf:rfc:3986', code: `urn:oid:${instance.sopClassUid}` },
        number: unsigned(contents[i]!.instances[j]!.number),
      })),
    })),
  };
}

const accessionIdentifier = (value: string) => ({
  type: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' },
      { system: dcm, code: '121022', display: 'Accession Number' },
    ],
  },
  value,
});

const framesExtension = (frames: number | undefined) =>
  frames === undefined ? [] : [{ url: `${ihe}/MadoNumberOfFrames`, valueInteger: frames }];

// FHIR's numbers here are unsigned; DICOM's need not be.
const unsigned = (number: number | undefined) => (number !== undefined && number >= 0 ? number : undefined);

const seriesFields = (
  { uid, number, modality, description, bodyPart, date, time, instances }: SeriesContents,
  study: DicomJson,
) => ({
  uid,
  number: unsigned(number),
  modality: { system: dcm, code: modality },
  description,
  numberOfInstances: instances.length,
  bodySite: bodyPart === undefined ? undefined : { display: bodyPart },
  started: fhirDate(date, time, textOf(study, '00080201')),
});

function endpointResource({ url, locationUid }: Retrieve) {
  const absent = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' };
  return {
    resourceType: 'Endpoint',
    extension:
      locationUid === undefined
        ? undefined
        : [{ url: `${ihe}/MadoRetrieveLocationUIDExtension`, valueString: locationUid }],
    status: 'active',
    connectionType: {
      system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
      code: 'dicom-wado-rs',
    },
    payloadType: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/endpoint-payload-type', code: 'none' }],
        text: 'DICOM WADO-RS',
      },
    ],
    // MADO's placeholder for an address that has to be looked up.
    address: url ?? 'http://notspecified',
    _address: url === undefined ? { extension: [absent] } : undefined,
  };
}

/**
 * The manifest that such a Bundle was made from. Throws manifest/foreign for another system's, manifest/invalid or field/*
 * for a damaged one.
 */
export function manifestFromFhir(bundle: unknown): Manifest {
  const studies = listOf(bundle, 'entry')
    .map((entry) => fieldOf(entry, 'resource'))
    .filter((resource) => fieldOf(resource, 'resourceType') === 'ImagingStudy');
  must(studies.length === 1, 'manifest/foreign');
  const [study] = studies;
  const uid = listOf(study, 'identifier').find((each) => fieldOf(each, 'system') === 'urn:dicom:uid');
  return assembleManifest({
    studyUid: stringOf(uid, 'value').replace(/^urn:oid:/, ''),
    rest: restOf(study),
    series: listOf(study, 'series').map((series) => ({
      uid: stringOf(series, 'uid'),
      rest: restOf(series),
      instances: listOf(series, 'instance').map((instance) => ({
        sopInstanceUid: stringOf(instance, 'uid'),
        sopClassUid: stringOf(fieldOf(instance, 'sopClass'), 'code').replace(/^urn:oid:/, ''),
        rest: restOf(instance),
      })),
    })),
  });
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;

function listOf(value: unknown, name: string): unknown[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list : [];
}

function stringOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}

function restOf(value: unknown): string | undefined {
  const own = listOf(value, 'extension').find((each) => fieldOf(each, 'url') === restExtension);
  return own === undefined ? undefined : stringOf(own, 'valueString');
}
