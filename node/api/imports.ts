// Files into the peer: one DICOM file, or whatever somebody drops.
import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { closed, oneOf } from './schemas.ts';

const outcomes = ['imported', 'duplicate', 'aside', 'refused'] as const;

/** What became of one file. */
export const FileImported = closed({
  outcome: oneOf(outcomes),
  study: Type.Optional(Type.String({ description: 'Study Instance UID.' })),
  kind: Type.Optional(oneOf(['quarantine', 'conflict'], { description: 'Of what was kept aside.' })),
  reason: Type.Optional(Type.String({ description: 'A code of the error catalogue.' })),
});
export type FileImported = Static<typeof FileImported>;

const UploadReport = closed({
  imported: Type.Integer(),
  duplicates: Type.Integer(),
  conflicts: Type.Integer(),
  refused: Type.Array(
    closed({
      path: Type.String({ description: 'As the sender named it; of a file in an archive, below the archive’s name.' }),
      reason: Type.String({ description: 'A code of the error catalogue.' }),
    }),
  ),
  refusedMore: Type.Integer({ description: 'How many more were refused than are listed.' }),
  studies: Type.Array(Type.String(), { description: 'Study Instance UIDs of what is here now.' }),
});
export type UploadReport = Static<typeof UploadReport>;

/** Text fields of a form, before the files that they are about. */
export const uploadFields = ['patient', 'system', 'name', 'birthDate', 'title'] as const;
export const formType = 'multipart/form-data';
export const zipTypes = ['application/zip', 'application/x-zip-compressed'] as const;

const tag = 'import';

export const imports = {
  file: defineRoute({
    method: 'POST',
    path: '/api/v1/import',
    needs: 'import',
    tag,
    summary: 'Imports one DICOM file; durable when it answers.',
    headers: Type.Object({
      'x-source-name': Type.Optional(
        Type.String({ maxLength: 200, description: 'Where it comes from, for the operator; nothing about a patient.' }),
      ),
    }),
    body: { types: ['application/dicom', 'application/octet-stream'], about: 'The file.' },
    answer: FileImported,
  }),
};

export const uploads = {
  files: defineRoute({
    method: 'POST',
    path: '/api/v1/upload',
    needs: 'import',
    tag,
    summary: 'Imports files, zip archives and, for a patient named by fields before them, PDF, JPEG, PNG, MP4 and STL.',
    description: `Fields of the form, before the files: ${uploadFields.join(', ')}. Durable when it answers.`,
    body: { types: [formType, ...zipTypes], about: 'The files.' },
    answer: UploadReport,
  }),
};
