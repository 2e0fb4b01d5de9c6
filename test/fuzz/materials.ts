// What is mutated: files of many transfer syntaxes and kinds, made up and, where there are any, samples; requests of every
// DIMSE service; orders.
import { statSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import { type Command, commandFields, encodeCommand } from '../../node/dicom/dimse/command.ts';
import { queryModel } from '../../node/dicom/dimse/query-models.ts';
import { commitmentClass, commitmentInstance } from '../../node/dicom/dimse/scu/commitment.ts';
import { verification } from '../../node/dicom/dimse/uids.ts';
import type { DicomJson } from '../../node/dicom/model/json.ts';
import { uids } from '../../node/dicom/model/transfer-syntax.ts';
import { type FileHead, readFileHead } from '../../node/dicom/read/part10.ts';
import { writePart10Header } from '../../node/dicom/write/part10-header.ts';
import { writeDataset } from '../../node/dicom/write/write-dataset.ts';
import { writePart10 } from '../../node/dicom/write/write-part10.ts';
import { PeerError } from '../../protocol/errors.ts';
import { markedStudy } from '../../sim/studies/studies.ts';
import * as by from '../node/dicom/helpers.ts';
import { samples } from '../node/dicom/samples.ts';
import type { Chance } from './chance.ts';

/** Whoever finds one of these in a log has found a patient. */
export const patient = { id: '2000000000008', name: 'Zebulon^Marcaj', birthDate: '19330303', sex: 'M' } as const;
export const secrets = ['Zebulon', 'Marcaj', patient.id, '19330303'];

const ui = (value: string) => ({ vr: 'UI' as const, Value: [value] });
const text = (vr: 'LO' | 'CS' | 'DA' | 'TM' | 'SH' | 'AE', value: string) => ({ vr, Value: [value] });
const person: DicomJson = {
  '00100010': { vr: 'PN', Value: [{ Alphabetic: patient.name }] },
  '00100020': text('LO', patient.id),
  '00100030': text('DA', patient.birthDate),
};
const dicomdir = '1.2.840.10008.1.3.10';
const report: DicomJson = {
  ...person,
  '00080016': ui('1.2.840.10008.5.1.4.1.1.88.11'),
  '00080018': ui('2.25.77001'),
  '0020000D': ui('2.25.77002'),
  '0020000E': ui('2.25.77003'),
  '00080060': text('CS', 'SR'),
  '0040A040': text('CS', 'CONTAINER'),
  '0040A730': {
    vr: 'SQ',
    Value: [{ '0040A040': text('CS', 'TEXT'), '0040A160': { vr: 'UT', Value: ['Fără modificări '.repeat(20)] } }],
  },
};

export interface Material {
  readonly part10: Uint8Array;
  readonly dataset: Uint8Array;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
}

/** What a file's header says; undefined where it has none that can be read. */
export function headOf(part10: Uint8Array): FileHead | undefined {
  try {
    return readFileHead(part10, true);
  } catch (error) {
    if (error instanceof PeerError) return undefined;
    throw error;
  }
}

/** A material of a file; undefined where its header doesn't say what it is, or it is a DICOMDIR. */
function material(part10: Uint8Array): Material | undefined {
  const head = headOf(part10);
  const { sopClassUid, sopInstanceUid, transferSyntax } = head ?? {};
  if (head === undefined || sopClassUid === undefined || sopInstanceUid === undefined) return undefined;
  if (transferSyntax === undefined || sopClassUid === dicomdir) return undefined;
  return { part10, dataset: part10.subarray(head.datasetOffset), sopClassUid, sopInstanceUid, transferSyntax };
}

/** The same as another instance: of ten thousand changes to one instance, all but the first would be conflicts alone. */
export function another({ part10, dataset, ...rest }: Material, chance: Chance): Material {
  const old = Buffer.from(rest.sopInstanceUid);
  const fresh = Buffer.from(old);
  for (let at = fresh.length - 1; at > 0 && at >= fresh.length - 8 && fresh[at] !== 0x2e; at--) {
    fresh[at] = 0x31 + chance.below(9);
  }
  const file = Buffer.from(part10);
  for (let at = file.indexOf(old); at >= 0; at = file.indexOf(old, at + old.length)) fresh.copy(file, at);
  const from = part10.length - dataset.length;
  return { ...rest, sopInstanceUid: fresh.toString(), part10: file, dataset: file.subarray(from) };
}

function made(transferSyntax: string, sopInstanceUid: string, dataset: Uint8Array): Material {
  const sopClassUid = '1.2.840.10008.5.1.4.1.1.7';
  const part10 = Buffer.concat([writePart10Header({ sopClassUid, sopInstanceUid, transferSyntax }), dataset]);
  return { part10, dataset, sopClassUid, sopInstanceUid, transferSyntax };
}

/** Of up to 12 KB, so that ten thousand fit; found when a test file is read, which says then whether there are any. */
const small = samples().filter(({ file }) => statSync(file).size < 12_000);

/** The files. */
export function materials(): Material[] {
  const images = [...markedStudy({ seed: 5, patient, instances: 3, bytesEach: 1024 })];
  const jpeg = '1.2.840.10008.1.2.4.50';
  const fragments = by.bytes(
    by.dataset([0x00100010, 'PN', patient.name], [0x00280010, 'US', [8]], [0x00280011, 'US', [8]]),
    by.encapsulated([], [0xff, 0xd8, 0xff, 0xd9]),
  );
  const named = by.dataset([0x00080018, 'UI', '1.2.3.5'], [0x00100010, 'PN', patient.name]);
  const written = (transferSyntax: string) => material(writePart10(report, { transferSyntax }))!;
  return [
    ...images,
    made(jpeg, '1.2.3.4', fragments),
    made('1.2.840.10008.1.2.1.99', '1.2.3.5', deflateRawSync(named)),
    written(uids.explicitLittleEndian),
    written(uids.implicitLittleEndian),
    ...small.flatMap((each) => material(each.read()) ?? []),
  ];
}

export interface Message {
  readonly abstractSyntax: string;
  readonly command: Uint8Array;
  readonly dataset: Uint8Array;
}

const message = (abstractSyntax: string, command: Omit<Command, 'hasDataSet'>, dataset: DicomJson | undefined) => ({
  abstractSyntax,
  command: encodeCommand({ ...command, messageId: 5, priority: 0, hasDataSet: dataset !== undefined }),
  dataset: dataset === undefined ? new Uint8Array() : writeDataset(dataset, { encoding: 'explicit-le' }),
});
const affected = (commandField: number, affectedSopClassUid: string, more: Partial<Command> = {}) => ({
  ...{ commandField, affectedSopClassUid },
  ...more,
});

const worklist = '1.2.840.10008.5.1.4.31';
const mpps = '1.2.840.10008.3.1.2.3.3';
const query = (level: string, more: DicomJson = {}): DicomJson => ({
  '00080052': text('CS', level),
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zeb*' }] },
  '00080020': text('DA', '20200101-20301231'),
  '0020000D': ui('2.25.77002'),
  ...more,
});
const step: DicomJson = {
  '00400001': text('AE', 'CT1'),
  '00400002': text('DA', '20261201-'),
  '00080060': text('CS', 'CT'),
};
const performed: DicomJson = {
  ...person,
  '00400252': text('CS', 'IN PROGRESS'),
  '00400253': text('SH', 'PPS1'),
  '00400244': text('DA', '20261201'),
  '00400245': text('TM', '083000'),
  '00400241': text('AE', 'CT1'),
  '00080060': text('CS', 'CT'),
  '00400270': { vr: 'SQ', Value: [{ '0020000D': ui('1.2.3'), '00080050': text('SH', 'ACC100') }] },
};
const commitment: DicomJson = {
  '00081195': ui('1.2.3'),
  '00081199': { vr: 'SQ', Value: [{ '00081150': ui('1.2.840.10008.5.1.4.1.1.2'), '00081155': ui('2.25.77001') }] },
};
const [findIn, moveIn, getIn] = (['find', 'move', 'get'] as const).map((each) => queryModel('study', each)) as [
  string,
  string,
  string,
];

/** One request of every service. */
export const messages: readonly Message[] = [
  message(verification, affected(commandFields.cEchoRq, verification), undefined),
  message(findIn, affected(commandFields.cFindRq, findIn), query('STUDY')),
  message(
    findIn,
    affected(commandFields.cFindRq, findIn),
    query('IMAGE', { '00080018': { vr: 'UI', Value: ['2.25.77001', '1.2.3'] } }),
  ),
  message(moveIn, affected(commandFields.cMoveRq, moveIn, { moveDestination: 'NOBODY' }), query('STUDY')),
  message(getIn, affected(commandFields.cGetRq, getIn), query('SERIES', { '0020000E': ui('2.25.77003') })),
  message(worklist, affected(commandFields.cFindRq, worklist), { ...person, '00400100': { vr: 'SQ', Value: [step] } }),
  message(mpps, affected(commandFields.nCreateRq, mpps, { affectedSopInstanceUid: '1.2.3.9' }), performed),
  message(
    mpps,
    { commandField: commandFields.nSetRq, requestedSopClassUid: mpps, requestedSopInstanceUid: '1.2.3.9' },
    { '00400252': text('CS', 'COMPLETED') },
  ),
  message(
    commitmentClass,
    {
      ...{ commandField: commandFields.nActionRq, requestedSopClassUid: commitmentClass },
      ...{ requestedSopInstanceUid: commitmentInstance, actionTypeId: 1 },
    },
    commitment,
  ),
];

/** The metadata of STOW-RS; pixel data stand in a part of their own. */
export const metadata: readonly DicomJson[] = [
  {
    ...report,
    '00080016': ui('1.2.840.10008.5.1.4.1.1.7'),
    '00080018': ui('2.25.77011'),
    '00280010': { vr: 'US', Value: [4] },
    '00280011': { vr: 'US', Value: [4] },
    '7FE00010': { vr: 'OW', BulkDataURI: 'pixels' },
  },
  { ...report, '00080018': ui('2.25.77012') },
];

export async function zipped(files: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, bytes] of files) file.addBuffer(Buffer.from(bytes), name, { compress: true });
  file.end();
  const pieces: Buffer[] = [];
  for await (const piece of file.outputStream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
