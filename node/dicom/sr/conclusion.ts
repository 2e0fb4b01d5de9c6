// A person's conclusion about a study as a report: Basic Text SR or Comprehensive SR after TID 2000 (PS3.16).
import { must } from '../../../protocol/errors.ts';
import { attribute, sequence } from '../model/attributes.ts';
import type { DicomJson } from '../model/json.ts';
import { type DocumentContext, documentAttributes } from '../write/new-document.ts';
import { type CodedConcept, dcm, loinc } from './codes.ts';
import { type Evidence, evidenceSequence } from './evidence.ts';
import {
  cleanName,
  container,
  instanceItem,
  languageItem,
  observerItems,
  rootContainer,
  textItem,
} from './write-content.ts';

export interface ConclusionInput extends DocumentContext {
  readonly form?: 'basic' | 'comprehensive' | undefined;
  readonly title?: CodedConcept | undefined;
  readonly findings?: string | undefined;
  readonly impression?: string | undefined;
  readonly conclusion: string;
  /** A language tag (RFC 5646). */
  readonly language?: string | undefined;
  /** `name` as PN. */
  readonly observer: { readonly name: string; readonly organization: string };
  /** The observer answers for it. */
  readonly verified: boolean;
  /** What it is about; of other studies too. */
  readonly references: readonly Evidence[];
}

const classes = {
  basic: '1.2.840.10008.5.1.4.1.1.88.11',
  comprehensive: '1.2.840.10008.5.1.4.1.1.88.33',
} as const;

/** CID 7000's most general title. */
const usualTitle = loinc('18748-4', 'Diagnostic Imaging Report');

/** The report as a data set for `writePart10`. Throws dicom/unwritable when nothing is concluded, or for the language. */
export function conclusion(input: ConclusionInput): DicomJson {
  const { form = 'basic', title = usualTitle, language, observer, verified, references, when } = input;
  must(input.conclusion.trim() !== '', 'dicom/unwritable', { reason: 'nothing is concluded' });
  const document = documentAttributes(input, classes[form], 'SR');
  const ofStudy = document['0020000D']!.Value![0];
  const here = references.filter(({ studyUid }) => studyUid === ofStudy);
  const elsewhere = references.filter(({ studyUid }) => studyUid !== ofStudy);
  return {
    ...document,
    '00081111': sequence(),
    '0040A372': sequence(),
    ...(here.length === 0 ? {} : { '0040A375': evidenceSequence(here) }),
    ...(elsewhere.length === 0 ? {} : { '0040A385': evidenceSequence(elsewhere) }),
    '0040A078': sequence(author(observer)),
    '0040A491': attribute('CS', 'COMPLETE'),
    '0040A493': attribute('CS', verified ? 'VERIFIED' : 'UNVERIFIED'),
    ...(verified ? { '0040A073': sequence(verifier(observer, when.dateTime)) } : {}),
    ...rootContainer(title, '2000', [
      ...(language === undefined ? [] : [languageItem(language)]),
      ...observerItems(observer.name, observer.organization),
      ...sections(input),
    ]),
  };
}

/** Of CID 7003. There are viewers that fail at a reference without a purpose. */
const illustration = dcm('121080', 'Best illustration of finding');

/** Sections of CID 7001 with their texts by CID 7002. */
function sections({ findings, impression, conclusion: concluded, references }: ConclusionInput): DicomJson[] {
  const found = findings?.trim() ? [textItem('CONTAINS', dcm('121071', 'Finding'), findings)] : [];
  const images = references.map((each) => instanceItem('CONTAINS', each, illustration));
  const below = [...found, ...images];
  return [
    ...(below.length > 0 ? [container(dcm('121070', 'Findings'), below)] : []),
    ...(impression?.trim()
      ? [container(dcm('121072', 'Impressions'), [textItem('CONTAINS', dcm('121073', 'Impression'), impression)])]
      : []),
    container(dcm('121076', 'Conclusions'), [textItem('CONTAINS', dcm('121077', 'Conclusion'), concluded)]),
  ];
}

type Observer = ConclusionInput['observer'];
const nameAttribute = ({ name }: Observer) => attribute('PN', { Alphabetic: cleanName(name) });
const organizationAttribute = ({ organization }: Observer) =>
  attribute('LO', organization.replaceAll('\\', ' ').slice(0, 64));

const author = (observer: Observer): DicomJson => ({
  '00080080': organizationAttribute(observer),
  '00080082': sequence(),
  '0040A084': attribute('CS', 'PSN'),
  '0040A123': nameAttribute(observer),
  '00401101': sequence(),
});

const verifier = (observer: Observer, at: string): DicomJson => ({
  '0040A027': organizationAttribute(observer),
  '0040A030': attribute('DT', at),
  '0040A075': nameAttribute(observer),
  '0040A088': sequence(),
});
