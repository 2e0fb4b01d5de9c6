// 97x, 106x, 107x: taking in objects and files, and what is kept aside.
import { conflict, type ErrorRow, malformed, notTaken, tooLong, unknown } from './row.ts';

export const imports = {
  'import/conflict': {
    wire: 973,
    http: 409,
    dimse: 0x0111,
    retry: false,
    text: 'Another object with this SOP Instance UID is stored already; the new one was kept aside as a conflict.',
  },
  'import/patient-differs': {
    wire: 974,
    ...conflict,
    text: 'The study belongs to another patient here; the object was kept aside for a person to decide.',
  },
  'import/not-dicom': { wire: 975, ...notTaken, text: 'This is not a DICOM file.' },
  'aside/unknown': {
    wire: 977,
    ...unknown,
    text: 'Nothing with this id is kept aside; see the list that quarantine list prints.',
  },
  'import/archive': { wire: 979, ...notTaken, text: 'Archives are not opened; unpack it and import the folder.' },
  'import/other-study': {
    wire: 1061,
    http: 409,
    dimse: 0xa900,
    retry: false,
    text: 'The instance belongs to another study than the one it was sent to; nothing of it was kept.',
  },
  'import/missing': { wire: 1062, ...unknown, text: 'The DICOMDIR names this file, but it is not there; look for it.' },
  'import/patient-system': {
    wire: 1063,
    ...malformed,
    text: 'No issuer stands for this identifier system; add one to patientId.issuers of the configuration.',
  },
  'import/replaced': {
    wire: 1064,
    http: 409,
    dimse: 0x0111,
    retry: false,
    text: 'Another object was put in its place by a person; it is kept until somebody drops it.',
  },
  'import/archive-damaged': {
    wire: 1065,
    ...malformed,
    text: 'The archive or this file in it is damaged, encrypted or packed in a way that is not opened; pack it again as zip.',
  },
  'import/archive-limit': {
    wire: 1066,
    ...tooLong,
    text: 'The archive holds more files, more bytes or more empty space than is allowed; unpack it and import the folder.',
  },
  'import/kind': {
    wire: 1067,
    ...notTaken,
    text: 'Only PDF, JPEG, PNG, MP4 and STL files become DICOM objects of a patient; convert it to one of these.',
  },
  'import/content': {
    wire: 1068,
    ...notTaken,
    text: 'The file is damaged or of a form that DICOM does not hold; convert it (JPEG baseline, PNG, MP4 with H.264 or H.265).',
  },
  'import/too-large': {
    wire: 1069,
    ...tooLong,
    text: 'The file is too long to become a DICOM object; make it smaller.',
  },
  'aside/action': {
    wire: 1070,
    ...conflict,
    text: 'This cannot be decided for what is kept aside for this reason; see quarantine show.',
  },
  'import/bulk-missing': {
    wire: 1071,
    ...malformed,
    text: 'The metadata name bulk data of which no part came, or more came than was named; send both.',
  },
  'import/study-full': {
    wire: 1073,
    ...tooLong,
    text: 'The study has as many series or instances as one study may have here; send what is new as another study.',
  },
  'import/broken-off': {
    wire: 1072,
    http: 400,
    dimse: 0xc000,
    retry: true,
    text: 'The sender broke off in the middle of it; send it again.',
  },
} as const satisfies Record<string, ErrorRow>;
