// 5xx: sealing and manifests.
import { conflict, damaged, denied, type ErrorRow, malformed, tooLong, unknown } from './row.ts';

export const seal = {
  'seal/header': {
    wire: 501,
    ...malformed,
    text: 'This is not a sealed object, or its header is damaged; fetch it again.',
  },
  'seal/encoding': {
    wire: 502,
    http: 501,
    dimse: 0x0122,
    retry: false,
    text: 'The object is packed in a way that this version cannot open; update it.',
  },
  'seal/commitment': { wire: 503, ...denied, text: 'The key is not the one that the object was sealed with.' },
  'seal/chunk': { wire: 504, ...damaged, text: 'A part of the sealed object was altered or moved; fetch it again.' },
  'seal/truncated': { wire: 505, ...damaged, text: 'The sealed object ends too early; fetch the rest.' },
  'seal/trailing': { wire: 506, ...damaged, text: 'The sealed object is longer than its header says; fetch it again.' },
  'seal/object-id': {
    wire: 507,
    ...damaged,
    text: 'The sealed object is not the one that was asked for; fetch it again.',
  },
  'seal/too-long': { wire: 508, ...tooLong, text: 'The instance is longer than a sealed object may be.' },
  'seal/range': {
    wire: 509,
    http: 416,
    dimse: 0xc000,
    retry: false,
    text: 'The object does not have the bytes that were asked for.',
  },
  'seal/state': {
    wire: 510,
    http: 500,
    dimse: 0x0110,
    retry: false,
    text: 'The kept state of a transfer is damaged; the object is fetched from its start.',
  },
  'manifest/id': { wire: 520, ...damaged, text: 'The manifest is not the one that the grant names; fetch it again.' },
  'manifest/invalid': {
    wire: 521,
    ...damaged,
    text: 'The manifest contradicts itself; ask its owner for a new version.',
  },
  'manifest/too-long': {
    wire: 522,
    ...tooLong,
    text: 'The study has more or larger instances than one manifest holds.',
  },
  'manifest/series-unknown': { wire: 523, ...unknown, text: 'The manifest does not have this series.' },
  'manifest/amended': {
    wire: 524,
    http: 501,
    dimse: 0x0122,
    retry: false,
    text: 'The study carries corrections that this version cannot apply; update it before using the study.',
  },
  'manifest/unknown': { wire: 978, http: 404, dimse: 0xa700, retry: false, text: 'The manifest is not kept here.' },
  'manifest/foreign': {
    wire: 1093,
    ...damaged,
    text: 'The manifest was made by another system: it lists a study, but its objects cannot be fetched by it.',
  },
  'manifest/not-ours': {
    wire: 1094,
    ...conflict,
    text: 'The study is a copy; ask the hospital that it came from for its manifest.',
  },
} as const satisfies Record<string, ErrorRow>;
