// A manifest as an extended key object selection (IHE RAD MADO 1.1: TID 2010 with the image library of TID 1600), and back.

import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Manifest } from '../../../protocol/manifest/manifest.ts';
import { attribute, itemsOf, sequence, sequenceOf, textOf } from '../../dicom/model/attributes.ts';
import type { DicomJson } from '../../dicom/model/json.ts';
import { readPart10 } from '../../dicom/read/read-dataset.ts';
import { type CodedConcept, dcm } from '../../dicom/sr/codes.ts';
import type { Evidence } from '../../dicom/sr/evidence.ts';
import { keyObjectClass } from '../../dicom/sr/key-objects.ts';
import {
  codeContent,
  container,
  dateItem,
  instanceItem,
  numberItem,
  rootContainer,
  textItem,
  timeItem,
  uidItem,
  withChildren,
} from '../../dicom/sr/write-content.ts';
import { type DocumentContext, documentAttributes } from '../../dicom/write/new-document.ts';
import { writePart10 } from '../../dicom/write/write-part10.ts';
import { type Retrieve, type SeriesContents, seriesContents, studyAttributes } from './contents.ts';
import { assembleManifest, documentRest, instanceRest, seriesRest } from './rest.ts';

export interface KosInput extends Pick<DocumentContext, 'equipment' | 'when' | 'random'> {
  readonly retrieve?: Retrieve | undefined;
}

/**
 * Our private block (PS3.5 7.8), in the data set, in each item of Referenced Series Sequence and in each item of
 * Referenced SOP Sequence: (0099,xx01) UT, the JSON text of what has no other place (rest.ts).
 */
const privateCreator = 'DICOM NETWORK MANIFEST 1';
const privateRest = '00991001';
const rested = (text: string): DicomJson => ({
  '00990010': attribute('LO', privateCreator),
  [privateRest]: attribute('UT', text),
});

/** Codes that MADO uses until DICOM has its own (CP 2595). */
const ihe = (value: string, meaning: string): CodedConcept => ({ value, scheme: '99IHE', meaning });
const ucum = (value: string, meaning: string): CodedConcept => ({ value, scheme: 'UCUM', meaning });

/** The selection as a Part 10 file. */
export const manifestToKos = (manifest: Manifest, input: KosInput): Uint8Array =>
  writePart10(manifestKos(manifest, input));

function manifestKos(manifest: Manifest, { retrieve = {}, ...context }: KosInput): DicomJson {
  const study = studyAttributes(manifest);
  const contents = manifest.series.map(seriesContents);
  const series = { description: 'Manifest' };
  return {
    ...documentAttributes({ ...context, patient: study, study, series }, keyObjectClass, 'KO'),
    '00081111': sequence(),
    '0040A375': sequence({
      '00081115': sequenceOf(manifest.series.map((each) => referencedSeries(each, retrieve))),
      '0020000D': attribute('UI', manifest.studyUid),
    }),
    ...rested(documentRest(manifest)),
    ...rootContainer(ihe('MADOTEMP001', 'Manifest with Description'), '2010', [
      ...manifest.series.flatMap((each, i) => references(manifest.studyUid, each, contents[i]!)),
      imageLibrary(manifest, contents),
    ]),
  };
}

type Series = Manifest['series'][number];

const referencedSeries = (series: Series, { url, locationUid }: Retrieve): DicomJson => ({
  '0020000E': attribute('UI', series.uid),
  ...(url === undefined ? {} : { '00081190': attribute('UR', url) }),
  ...(locationUid === undefined ? {} : { '0040E011': attribute('UI', locationUid) }),
  '00081199': sequenceOf(
    series.instances.map((instance) => ({
      '00081150': attribute('UI', instance.sopClassUid),
      '00081155': attribute('UI', instance.sopInstanceUid),
      ...rested(instanceRest(instance)),
    })),
  ),
  ...rested(seriesRest(series)),
});

const evidence = (studyUid: string, series: Series, contents: SeriesContents): Evidence[] =>
  series.instances.map(({ sopClassUid, sopInstanceUid }, i) => ({
    ...{ studyUid, sopClassUid, sopInstanceUid },
    seriesUid: series.uid,
    image: contents.instances[i]!.image,
  }));

const references = (studyUid: string, series: Series, contents: SeriesContents): DicomJson[] =>
  evidence(studyUid, series, contents).map((each) => instanceItem('CONTAINS', each));

/** TID 1600: one group for each series, one entry for each instance. */
function imageLibrary({ studyUid, series }: Manifest, contents: readonly SeriesContents[]): DicomJson {
  const modalities = [...new Set(contents.map(({ modality }) => modality))];
  const count = new Set(series.map(({ uid }) => uid)).size;
  return container(dcm('111028', 'Image Library'), [
    ...modalities.map((modality) => modalityItem(modality)),
    numberItem(
      'HAS ACQ CONTEXT',
      ihe('MADOTEMP009', 'Number of Study Related Series'),
      count,
      ucum('{series}', 'series'),
    ),
    ...series.map((each, i) => libraryGroup(evidence(studyUid, each, contents[i]!), contents[i]!)),
  ]);
}

const modalityItem = (modality: string): DicomJson =>
  codeContent('HAS ACQ CONTEXT', dcm('121139', 'Modality'), dcm(modality, modality));

/** TID 1602 of the series, then TID 1601 for each of its instances. */
function libraryGroup(entries: readonly Evidence[], contents: SeriesContents): DicomJson {
  const { uid, modality, number, description, bodyPart, date, time, instances } = contents;
  const context = 'HAS ACQ CONTEXT';
  return container(dcm('126200', 'Image Library Group'), [
    modalityItem(modality),
    ...(date === undefined ? [] : [dateItem(context, ihe('MADOTEMP003', 'Series Date'), date)]),
    ...(time === undefined ? [] : [timeItem(context, ihe('MADOTEMP004', 'Series Time'), time)]),
    ...(description === undefined ? [] : [textItem(context, ihe('MADOTEMP002', 'Series Description'), description)]),
    ...(number === undefined ? [] : [textItem(context, dcm('113607', 'Series Number'), String(number))]),
    ...(bodyPart === undefined ? [] : [textItem(context, dcm('123014', 'Target Region'), bodyPart)]),
    uidItem(context, dcm('112002', 'Series Instance UID'), uid),
    textItem(context, ihe('MADOTEMP007', 'Number of Series Related Instances'), String(instances.length)),
    ...entries.map((entry, i) => libraryEntry(entry, instances[i]!)),
  ]);
}

const libraryEntry = (entry: Evidence, { number, frames }: SeriesContents['instances'][number]): DicomJson =>
  withChildren(instanceItem('CONTAINS', entry), [
    ...(number === undefined ? [] : [textItem('HAS ACQ CONTEXT', dcm('113609', 'Instance Number'), String(number))]),
    ...(frames === undefined
      ? []
      : [numberItem('HAS ACQ CONTEXT', dcm('121140', 'Number of Frames'), frames, ucum('{frames}', 'frames'))]),
  ]);

/**
 * The manifest that such a file was made from. Throws manifest/foreign for a selection of another system, manifest/invalid
 * or field/* for a damaged one, report/none for another class, dicom/... for what cannot be read.
 */
export function manifestFromKos(file: Uint8Array): Manifest {
  const { json } = readPart10(file, { jsonBytes: 4 * limits.manifestBytes });
  must(textOf(json, '00080016') === keyObjectClass, 'report/none');
  const [study, ...more] = itemsOf(json, '0040A375');
  must(study !== undefined && more.length === 0, 'manifest/foreign');
  return assembleManifest({
    studyUid: textOf(study, '0020000D') ?? '',
    rest: restOf(json),
    series: itemsOf(study, '00081115').map((series) => ({
      uid: textOf(series, '0020000E') ?? '',
      rest: restOf(series),
      instances: itemsOf(series, '00081199').map((instance) => ({
        sopInstanceUid: textOf(instance, '00081155') ?? '',
        sopClassUid: textOf(instance, '00081150') ?? '',
        rest: restOf(instance),
      })),
    })),
  });
}

/** Our element, wherever another writer has moved the block to (PS3.5 7.8.1). */
function restOf(json: DicomJson): string | undefined {
  for (let block = 0x10; block <= 0xff; block++) {
    const name = block.toString(16).toUpperCase();
    if (textOf(json, `009900${name}`) === privateCreator) return textOf(json, `0099${name}01`);
  }
  return undefined;
}
