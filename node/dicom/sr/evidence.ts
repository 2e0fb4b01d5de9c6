// The instances that a document is about, in the hierarchical form that all evidence sequences share (PS3.3 C.17.2.1).
import { attribute, itemsOf, sequenceOf, textOf } from '../model/attributes.ts';
import type { DicomJson, JsonAttribute } from '../model/json.ts';

/** An instance, found in its study and series. */
export interface Evidence {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** It has pixels that can be looked at. */
  readonly image?: boolean | undefined;
  /** Those of its frames that are meant, 1 is the first; all when absent. */
  readonly frames?: readonly number[] | undefined;
}

/** What a series' item says besides: where it can be had. */
export type SeriesExtra = (seriesUid: string) => DicomJson;

/** The sequence's items: by study, then by series, each instance once. */
export function evidenceSequence(evidence: readonly Evidence[], extra: SeriesExtra = () => ({})): JsonAttribute {
  const studies = Map.groupBy(evidence, ({ studyUid }) => studyUid);
  return sequenceOf(
    [...studies].map(([studyUid, ofStudy]) => ({
      '00081115': sequenceOf(
        [...Map.groupBy(ofStudy, ({ seriesUid }) => seriesUid)].map(([seriesUid, ofSeries]) => ({
          '0020000E': attribute('UI', seriesUid),
          '00081199': sequenceOf(once(ofSeries).map(referenceItem)),
          ...extra(seriesUid),
        })),
      ),
      '0020000D': attribute('UI', studyUid),
    })),
  );
}

const once = (evidence: readonly Evidence[]): Evidence[] => [
  ...new Map(evidence.map((each) => [each.sopInstanceUid, each])).values(),
];

const referenceItem = ({ sopClassUid, sopInstanceUid }: Evidence): DicomJson => ({
  '00081150': attribute('UI', sopClassUid),
  '00081155': attribute('UI', sopInstanceUid),
});

/** The instances of such a sequence. */
export function readEvidence(json: DicomJson, tag: string): Evidence[] {
  return itemsOf(json, tag).flatMap((study) =>
    itemsOf(study, '00081115').flatMap((series) =>
      itemsOf(series, '00081199').map((item) => ({
        studyUid: textOf(study, '0020000D') ?? '',
        seriesUid: textOf(series, '0020000E') ?? '',
        sopClassUid: textOf(item, '00081150') ?? '',
        sopInstanceUid: textOf(item, '00081155') ?? '',
      })),
    ),
  );
}
