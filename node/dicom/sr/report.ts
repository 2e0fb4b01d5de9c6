// A structured report as a plain tree (PS3.3 A.35, C.17, C.18): any SR or key object class, whatever its template.
import { must } from '../../../protocol/errors.ts';
import { itemsOf, textOf } from '../model/attributes.ts';
import type { DicomJson } from '../model/json.ts';
import { type CodedConcept, codeOf } from './codes.ts';
import { type ContentValue, contentValue } from './values.ts';

/** One content item (PS3.3 C.17.3). */
export interface ContentItem {
  /** How it belongs to its parent, as (0040,A010) says it: CONTAINS, HAS PROPERTIES...; absent at the root. */
  readonly relationship?: string | undefined;
  readonly name?: CodedConcept | undefined;
  readonly value: ContentValue;
  /** When it was observed, as DT, if it says so. */
  readonly observed?: string | undefined;
  /** Identifiers of the template that it follows (PS3.3 C.18.8). */
  readonly template?: string | undefined;
  readonly children: readonly ContentItem[];
}

export interface VerifyingObserver {
  readonly name: string;
  readonly organization?: string | undefined;
  /** DT. */
  readonly at?: string | undefined;
}

/** What was reported, as far as its readers need. */
export interface Report {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly title: string;
  /** COMPLETE or PARTIAL; key object selections have none. */
  readonly completion?: string | undefined;
  readonly completionDescription?: string | undefined;
  readonly verified: boolean;
  readonly verifiers: readonly VerifyingObserver[];
  /** DA and TM. */
  readonly date?: string | undefined;
  readonly time?: string | undefined;
  /** Names as PN. */
  readonly patient?: string | undefined;
  readonly patientId?: string | undefined;
  readonly referring?: string | undefined;
  readonly authors: readonly string[];
  readonly root: ContentItem;
}

/** Content items of one report: a CAD report of a chest CT has some thousands. */
const itemsMost = 100_000;
/** Deeper than any template (PS3.16) nests; `limits.dicomDepth` counts sequences. */
const depthMost = 64;

/** Whether the data set is a document with a content tree. */
export const isReport = (json: DicomJson): boolean => textOf(json, '0040A040') === 'CONTAINER';

/** Reads the content tree. Throws report/none, dicom/too-deep, dicom/too-many. */
export function readReport(json: DicomJson): Report {
  must(isReport(json), 'report/none');
  const root = new TreeReader().item(json, 0);
  const flag = textOf(json, '0040A493');
  return {
    sopClassUid: textOf(json, '00080016') ?? '',
    sopInstanceUid: textOf(json, '00080018') ?? '',
    studyUid: textOf(json, '0020000D') ?? '',
    title: root.name?.meaning ?? textOf(json, '0008103E') ?? 'Report',
    completion: textOf(json, '0040A491'),
    completionDescription: textOf(json, '0040A492'),
    verified: flag === 'VERIFIED',
    verifiers: itemsOf(json, '0040A073').map(verifier),
    date: textOf(json, '00080023'),
    time: textOf(json, '00080033'),
    patient: textOf(json, '00100010'),
    patientId: textOf(json, '00100020'),
    referring: textOf(json, '00080090'),
    authors: itemsOf(json, '0040A078').flatMap((author) => textOf(author, '0040A123') ?? []),
    root,
  };
}

const verifier = (item: DicomJson): VerifyingObserver => ({
  name: textOf(item, '0040A075') ?? '',
  organization: textOf(item, '0040A027'),
  at: textOf(item, '0040A030'),
});

class TreeReader {
  #items = 0;

  item(json: DicomJson, depth: number): ContentItem {
    this.#items += 1;
    must(this.#items <= itemsMost, 'dicom/too-many', { items: itemsMost });
    must(depth <= depthMost, 'dicom/too-deep', { depth });
    return {
      relationship: textOf(json, '0040A010'),
      name: codeOf(json, '0040A043'),
      value: contentValue(json),
      observed: textOf(json, '0040A032'),
      template: itemsOf(json, '0040A504').map((template) => textOf(template, '0040DB00'))[0],
      children: itemsOf(json, '0040A730').map((child) => this.item(child, depth + 1)),
    };
  }
}
