// 102x: de-identification.
import { conflict, damaged, type ErrorRow, malformed, tooLong } from './row.ts';

export const deidentify = {
  'deid/profile': {
    wire: 1020,
    ...malformed,
    text: 'This is no de-identification profile; write basic, then any options, as in basic+dates+characteristics.',
  },
  'deid/burned-in': {
    wire: 1021,
    ...conflict,
    text: 'Text may be burned into the pixels; name the regions to blank, leave such images out, or say that a person inspected them.',
  },
  'deid/compressed': {
    wire: 1022,
    ...damaged,
    text: 'Regions of these compressed pixels cannot be blanked here; leave the image out, or send it uncompressed.',
  },
  'deid/regions': { wire: 1023, ...malformed, text: 'A region to blank does not lie within the image.' },
  'deid/pixels': {
    wire: 1024,
    ...damaged,
    text: 'Pixels laid out in this way cannot be blanked; leave the image out.',
  },
  'deid/too-large': {
    wire: 1025,
    ...tooLong,
    text: 'The header is too long to be de-identified; leave the instance out.',
  },
  'deid/document': {
    wire: 1096,
    ...conflict,
    text: 'An encapsulated document (a PDF, a CDA, a model) cannot be cleaned of its patient; leave such objects out.',
  },
} as const satisfies Record<string, ErrorRow>;
