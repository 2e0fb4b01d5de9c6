// Reports of a study: read, written; and the study's manifest for other systems.
import { type Static, Type } from 'typebox';
import { limits } from '../../protocol/limits.ts';
import { defineRoute } from './route.ts';
import { closed, oneOf, Text, Uid } from './schemas.ts';

const params = closed({ study: Uid });
const Written = closed({ study: Uid, series: Uid, instance: Uid });

const Reference = closed({
  instance: Uid,
  frames: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }), { minItems: 1, maxItems: 1000 }),
  ),
});
const references = (minItems: number) => Type.Array(Reference, { minItems, maxItems: limits.reportReferences });

const Language = Type.String({
  pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$',
  maxLength: 16,
  description: 'As de-DE.',
});

const Conclusion = closed({
  title: Type.Optional(closed({ code: Text(16), meaning: Text(64) })),
  findings: Type.Optional(Text(limits.reportTextChars)),
  impression: Type.Optional(Text(limits.reportTextChars)),
  conclusion: Text(limits.reportTextChars),
  language: Type.Optional(Language),
  references: Type.Optional(references(0)),
  verified: Type.Optional(Type.Boolean({ description: 'The writer answers for it; needs the permission verify.' })),
});

/** Titles of key object selections (PS3.16 CID 7010). */
const titles = [
  'of-interest',
  'for-referring-provider',
  'for-surgery',
  'for-teaching',
  'for-conference',
  'for-therapy',
  'for-patient',
  'for-peer-review',
  'for-research',
  'for-printing',
  'for-report-attachment',
  'for-litigation',
  'manifest',
  'complete-study-content',
] as const;

const KeyObjects = closed({
  title: oneOf(titles),
  instances: references(1),
  note: Type.Optional(Text(limits.reportTextChars)),
  language: Type.Optional(Language),
});
export type KeyObjects = Static<typeof KeyObjects>;

/** The forms in which a report is given. */
export const reportForms = ['application/json', 'text/html', 'text/plain'] as const;

const tag = 'reports';
const study = '/api/v1/studies/:study';

export const reports = {
  read: defineRoute({
    method: 'GET',
    path: `${study}/instances/:instance/report`,
    needs: 'view',
    tag,
    summary: 'A structured report to be read.',
    params: closed({ study: Uid, instance: Uid }),
    answer: { types: reportForms, about: 'The report: its tree, a page, or text' },
  }),
  conclude: defineRoute({
    method: 'POST',
    path: `${study}/conclusions`,
    needs: 'report',
    tag,
    summary: 'Writes a conclusion into the study.',
    params,
    body: Conclusion,
    answer: Written,
    status: 201,
  }),
  selectKeyObjects: defineRoute({
    method: 'POST',
    path: `${study}/key-objects`,
    needs: 'report',
    tag,
    summary: 'Writes a selection of instances into the study.',
    params,
    body: KeyObjects,
    answer: Written,
    status: 201,
  }),
  manifest: defineRoute({
    method: 'GET',
    path: `${study}/manifest`,
    needs: 'export',
    tag,
    summary: 'What the study consists of: a DICOM key object selection or a FHIR Bundle after IHE MADO.',
    params,
    query: closed({ format: oneOf(['kos', 'fhir']) }),
    answer: { types: ['application/dicom', 'application/fhir+json'], about: 'The manifest' },
  }),
};
