// A manifest's study as KOS and FHIR both describe it: attributes that people search and sort by.
import { attributesOf, framesOf, type Manifest } from '../../../protocol/manifest/manifest.ts';
import { numbersOf, textOf } from '../../dicom/model/attributes.ts';
import type { DicomJson } from '../../dicom/model/json.ts';

type Series = Manifest['series'][number];
type Instance = Series['instances'][number];

/** Where the study can be had (DICOMweb base URL), and the location's UID if it has one. */
export interface Retrieve {
  readonly url?: string | undefined;
  readonly locationUid?: string | undefined;
}

export interface SeriesContents {
  readonly uid: string;
  readonly modality: string;
  readonly number: number | undefined;
  readonly description: string | undefined;
  readonly bodyPart: string | undefined;
  /** DA and TM. */
  readonly date: string | undefined;
  readonly time: string | undefined;
  readonly instances: readonly {
    readonly number: number | undefined;
    readonly frames: number | undefined;
    readonly image: boolean;
  }[];
}

/** Attributes of patient and study in the DICOM JSON model. */
export const studyAttributes = ({ study, studyUid }: Manifest): DicomJson => ({
  ...(study as DicomJson),
  '0020000D': { vr: 'UI', Value: [studyUid] },
});

export function seriesContents(series: Series): SeriesContents {
  const shared = series.attributes as DicomJson;
  return {
    uid: series.uid,
    modality: series.modality ?? textOf(shared, '00080060') ?? 'OT',
    number: wholeNumber(shared, '00200011'),
    description: textOf(shared, '0008103E'),
    bodyPart: textOf(shared, '00180015'),
    date: textOf(shared, '00080021'),
    time: textOf(shared, '00080031'),
    instances: series.instances.map((instance) => instanceContents(series, instance)),
  };
}

function instanceContents(series: Series, instance: Instance) {
  const attributes = attributesOf(series, instance) as DicomJson;
  const frames = wholeNumber(attributes, '00280008');
  return {
    number: wholeNumber(attributes, '00200013'),
    frames: frames !== undefined && frames > 1 ? frames : undefined,
    image: framesOf(instance).kind !== 'none' || attributes['00280010'] !== undefined,
  };
}

function wholeNumber(json: DicomJson, tag: string): number | undefined {
  const [value] = numbersOf(json, tag);
  return Number.isInteger(value) ? value : undefined;
}
