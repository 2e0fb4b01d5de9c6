// 93x, 94x: reading DICOM (PS3.5, PS3.10); 105x: searching; 109x: writing, reports.
import { conflict, type ErrorRow, malformed, notTaken, tooLong } from './row.ts';

export const dicom = {
  'dicom/not-dicom': { wire: 930, ...notTaken, text: 'This is not a DICOM file or data set.' },
  'dicom/truncated': {
    wire: 931,
    ...malformed,
    text: 'The data set ends in the middle of an element; send it again whole.',
  },
  'dicom/length': { wire: 932, ...malformed, text: 'An element is longer than the item or sequence that holds it.' },
  'dicom/too-deep': { wire: 933, ...malformed, text: 'Sequences are nested deeper than is allowed.' },
  'dicom/too-many': {
    wire: 934,
    http: 413,
    dimse: 0xc000,
    retry: false,
    text: 'The data set has more elements or fragments than is allowed.',
  },
  'dicom/malformed': { wire: 935, ...malformed, text: 'The data set has a delimiter or element where none may be.' },
  'dicom/transfer-syntax': {
    wire: 936,
    ...notTaken,
    text: 'The transfer syntax is missing, invalid or not that of the data.',
  },
  'dicom/deflate': { wire: 937, ...malformed, text: 'The deflated data set cannot be inflated; send it again.' },
  'dicom/inflates-too-far': {
    wire: 938,
    http: 413,
    dimse: 0xc000,
    retry: false,
    text: 'The deflated data set inflates to more than is allowed.',
  },
  'dicom/uid-missing': {
    wire: 939,
    ...malformed,
    text: 'The SOP class, SOP instance, study or series UID is missing.',
  },
  'dicom/uid-invalid': {
    wire: 940,
    ...malformed,
    text: 'A UID is not digits and dots of at most 64 characters (PS3.5 9).',
  },
  'dicom/sop-mismatch': {
    wire: 941,
    http: 409,
    dimse: 0xa900,
    retry: false,
    text: 'The data set is of another SOP class or instance than was announced.',
  },
  'dicom/directory': {
    wire: 942,
    ...notTaken,
    text: 'This is a DICOMDIR, not an instance; import the folder it lies in.',
  },
  'dicom/meta': { wire: 943, ...malformed, text: 'The file meta header is broken or too long.' },
  'query/key': {
    wire: 1050,
    http: 400,
    dimse: 0xa900,
    retry: false,
    text: 'The query asks by an attribute or a value that cannot be matched; correct what is named.',
  },
  'query/hierarchy': {
    wire: 1051,
    http: 400,
    dimse: 0xa900,
    retry: false,
    text: 'The query lacks the unique key of a level above its own; name the patient, study or series.',
  },
  'query/too-broad': {
    wire: 1052,
    ...tooLong,
    text: 'The search would have to read too many instances; narrow it by patient, study, date or modality.',
  },
  'dicom/unwritable': {
    wire: 1090,
    ...malformed,
    text: 'An attribute has a value that cannot be written as DICOM; correct what is named.',
  },
  'dicom/document': {
    wire: 1091,
    ...notTaken,
    text: 'The document is not of the kind that it is said to be, or not one that DICOM can carry.',
  },
  'report/none': {
    wire: 1092,
    ...notTaken,
    text: 'The instance is no structured report; nothing in it can be shown as one.',
  },
  'report/not-kept': {
    wire: 1095,
    ...conflict,
    text: 'The document could not be filed in its study and was kept aside; look into the quarantine.',
  },
} as const satisfies Record<string, ErrorRow>;
