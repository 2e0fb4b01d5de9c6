// The attributes that the index, the searches over it (QIDO-RS, C-FIND) and manifests go by: each stands here once, by
// its keyword (PS3.6 6), at the level of patient, study, series or instance that it describes. Columns of the records,
// what is read of a header, and what is answered follow from this table.
import { tagOfKeyword, vrOfTag } from './keywords.ts';
import type { Vr } from './vr.ts';

export const levels = ['patient', 'study', 'series', 'instance'] as const;
export type Level = (typeof levels)[number];

export const depth = (level: Level): number => levels.indexOf(level);

interface Row {
  /** Its column in the record of its level, filled from every header. A new one needs a migration (store/migrations/steps.ts). */
  readonly column?: string;
  /** What a record has in it. One function for all columns would cost a search a fifth of its time. */
  readonly of?: (record: never) => string | number | undefined;
  /** The column holds a whole number (of an IS or US); else text. */
  readonly whole?: true;
  /** The column is for the peer itself: searches read the header. */
  readonly unsearched?: true;
  /** Without a column of its own: a search has it from the records (query/columns.ts). */
  readonly reckoned?: true;
  /** Many records have the same few values: a search compares each of them once. */
  readonly few?: true;
  /** In a result of QIDO-RS without being asked for (PS3.18 10.6.3.3), from the index or else from the header. */
  readonly qido?: true;
  /** What other nodes are asked for by C-FIND beside the keys that were named. */
  readonly cfind?: true;
  /** A manifest shows it for the whole study. */
  readonly manifest?: true;
}

type Holding<C extends string, V> = { readonly [K in C]?: V | undefined };

/** A column of text, and of whole numbers. */
const text = <C extends string>(column: C, of: (record: Holding<C, string>) => string | undefined) => ({ column, of });
const whole = <C extends string>(column: C, of: (record: Holding<C, number>) => number | undefined) => ({
  ...{ column, of },
  whole: true as const,
});

const table = {
  patient: {
    PatientName: { ...text('name', (r) => r.name), qido: true, cfind: true, manifest: true },
    PatientID: { reckoned: true, qido: true, cfind: true, manifest: true },
    IssuerOfPatientID: { cfind: true, manifest: true },
    PatientBirthDate: { ...text('birthDate', (r) => r.birthDate), qido: true, cfind: true, manifest: true },
    PatientSex: { ...text('sex', (r) => r.sex), qido: true, cfind: true, manifest: true },
    NumberOfPatientRelatedStudies: { reckoned: true },
    NumberOfPatientRelatedSeries: { reckoned: true },
    NumberOfPatientRelatedInstances: { reckoned: true },
  },
  study: {
    StudyInstanceUID: { reckoned: true, qido: true, cfind: true, manifest: true },
    StudyDate: { ...text('date', (r) => r.date), qido: true, cfind: true, manifest: true },
    StudyTime: { ...text('time', (r) => r.time), qido: true, cfind: true, manifest: true },
    AccessionNumber: { ...text('accession', (r) => r.accession), qido: true, cfind: true, manifest: true },
    ReferringPhysicianName: { ...text('referring', (r) => r.referring), few: true, qido: true, manifest: true },
    StudyDescription: {
      ...text('description', (r) => r.description),
      few: true,
      qido: true,
      cfind: true,
      manifest: true,
    },
    StudyID: { ...text('studyId', (r) => r.studyId), qido: true, cfind: true, manifest: true },
    ModalitiesInStudy: { reckoned: true, few: true, qido: true, cfind: true },
    SOPClassesInStudy: { reckoned: true },
    NumberOfStudyRelatedSeries: { reckoned: true, qido: true, cfind: true },
    NumberOfStudyRelatedInstances: { reckoned: true, qido: true, cfind: true },
  },
  series: {
    SeriesInstanceUID: { reckoned: true, qido: true, cfind: true },
    Modality: { ...text('modality', (r) => r.modality), few: true, qido: true, cfind: true },
    SeriesNumber: { ...whole('number', (r) => r.number), qido: true, cfind: true },
    SeriesDescription: { ...text('description', (r) => r.description), few: true, qido: true, cfind: true },
    BodyPartExamined: { ...text('bodyPart', (r) => r.bodyPart), few: true, qido: true, cfind: true },
    StationName: { ...text('station', (r) => r.station), few: true, qido: true },
    NumberOfSeriesRelatedInstances: { reckoned: true, qido: true, cfind: true },
    SeriesDate: { qido: true },
    SeriesTime: { qido: true },
    PerformedProcedureStepStartDate: { qido: true },
    PerformedProcedureStepStartTime: { qido: true },
    RequestAttributesSequence: { qido: true },
  },
  instance: {
    SOPInstanceUID: { reckoned: true, qido: true, cfind: true },
    SOPClassUID: { reckoned: true, qido: true, cfind: true },
    AvailableTransferSyntaxUID: { reckoned: true },
    InstanceNumber: { ...whole('number', (r) => r.number), qido: true, cfind: true },
    Rows: { ...whole('rows', (r) => r.rows), unsearched: true, qido: true },
    Columns: { ...whole('columns', (r) => r.columns), unsearched: true, qido: true },
    BitsAllocated: { qido: true },
    NumberOfFrames: { qido: true },
  },
} as const satisfies Record<Level, Record<string, Row>>;

type Table = typeof table;
type ColumnOf<R> = R extends { readonly column: infer C extends string } ? C : never;

/** The columns of a level's record that headers fill. */
export type Columns<L extends Level> = {
  readonly [K in keyof Table[L] as ColumnOf<Table[L][K]>]:
    | (Table[L][K] extends { readonly whole: true } ? number : string)
    | undefined;
};

/**
 * Whose a study is by its own instances: columns of a study beside its patient's record, by keyword. Searches compare
 * and show them at the level of the patient (store/own-person.ts).
 */
export const personColumns = {
  PatientName: 'patientName',
  PatientID: 'patientId',
  IssuerOfPatientID: 'patientIssuer',
  PatientBirthDate: 'patientBirthDate',
  PatientSex: 'patientSex',
} as const;

/** The person that a study's headers name. */
export type PersonColumns = { readonly [K in (typeof personColumns)[keyof typeof personColumns]]: string | undefined };

/** Keywords of all attributes that have a column. */
export type ColumnKeyword = {
  [L in Level]: { [K in keyof Table[L]]: Table[L][K] extends { readonly column: string } ? K : never }[keyof Table[L]];
}[Level];

/** Keywords of a level that a search has from the records without a column. */
export type Reckoned<L extends Level> = {
  [K in keyof Table[L]]: Table[L][K] extends { readonly reckoned: true } ? K : never;
}[keyof Table[L]];

export interface IndexAttribute extends Row {
  readonly keyword: string;
  readonly level: Level;
  readonly tag: string;
  readonly vr: Vr;
}

const attributesAt = (level: Level): IndexAttribute[] =>
  Object.entries<Row>(table[level]).map(([keyword, row]) => ({
    ...{ keyword, level, tag: tagOfKeyword(keyword), vr: vrOfTag(tagOfKeyword(keyword)) },
    ...row,
  }));

/** The table as a list for each level. */
export const indexAttributesOf: Readonly<Record<Level, readonly IndexAttribute[]>> = {
  patient: attributesAt('patient'),
  study: attributesAt('study'),
  series: attributesAt('series'),
  instance: attributesAt('instance'),
};

/** Whether searches have it from the index; from a header if not. */
export const isIndexed = ({ column, unsearched, reckoned }: IndexAttribute): boolean =>
  reckoned === true || (column !== undefined && unsearched !== true);

const keywords = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * Attributes that only headers have and that are the same in all instances of a study or a series (the modules of PS3.3
 * A.1.3, A.1.4). Institution and department are the equipment's, but one study's are as a rule one, and are asked for
 * there.
 */
export const shared = {
  study: keywords(`
    IssuerOfAccessionNumberSequence ConversionType InstitutionName InstitutionAddress InstitutionCodeSequence
    ReferringPhysicianAddress ReferringPhysicianIdentificationSequence ConsultingPhysicianName
    ConsultingPhysicianIdentificationSequence ProcedureCodeSequence InstitutionalDepartmentName PhysiciansOfRecord
    PhysiciansOfRecordIdentificationSequence NameOfPhysiciansReadingStudy PhysiciansReadingStudyIdentificationSequence
    AdmittingDiagnosesDescription AdmittingDiagnosesCodeSequence ReferencedStudySequence PatientAge PatientSize
    PatientWeight Occupation AdditionalPatientHistory 00201070 RequestedProcedureID ReasonForTheRequestedProcedure
    ReasonForPerformedProcedureCodeSequence PlacerOrderNumberImagingServiceRequest
    FillerOrderNumberImagingServiceRequest`),
  series: keywords(`
    PresentationIntentType Manufacturer SeriesDescriptionCodeSequence InstitutionalDepartmentTypeCodeSequence
    PerformingPhysicianName PerformingPhysicianIdentificationSequence OperatorsName OperatorIdentificationSequence
    ManufacturerModelName ReferencedPerformedProcedureStepSequence ReferencedSeriesSequence RelatedSeriesSequence
    SourceImageSequence ContrastBolusAgent DeviceSerialNumber SoftwareVersions ProtocolName SpatialResolution
    DateOfLastCalibration TimeOfLastCalibration PatientPosition FrameOfReferenceUID Laterality
    PositionReferenceIndicator SmallestPixelValueInSeries LargestPixelValueInSeries PerformedStationAETitle
    PerformedStationName PerformedProcedureStepEndDate PerformedProcedureStepEndTime PerformedProcedureStepID
    PerformedProcedureStepDescription PerformedProtocolCodeSequence CommentsOnThePerformedProcedureStep
    AcquisitionContextSequence PatientOrientationCodeSequence`),
} as const;
