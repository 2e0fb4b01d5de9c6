// Documents inside DICOM (PS3.3 A.45, A.85): PDF, CDA, and STL models.
import { must, PeerError } from '../../../protocol/errors.ts';
import { attribute, sequence } from '../model/attributes.ts';
import { bulkUri, type DicomJson } from '../model/json.ts';
import { type DocumentContext, documentAttributes, shortText } from './new-document.ts';
import { newUid } from './new-uid.ts';
import { writePart10 } from './write-part10.ts';

export type EncapsulatedMime = 'application/pdf' | 'text/xml' | 'model/stl';

/** `title` is at most 1024 characters (PS3.3 C.24.2). */
export interface EncapsulateInput extends DocumentContext {
  readonly mime: EncapsulatedMime;
  readonly bytes: Uint8Array;
  readonly title: string;
}

interface Kind {
  readonly sopClassUid: string;
  readonly modality: string;
  /** As (0042,0012) says it. */
  readonly named: string;
  /** What it needs besides. Throws dicom/document when the bytes are none of its kind. */
  readonly more: (input: EncapsulateInput) => DicomJson;
}

const kinds: Readonly<Record<EncapsulatedMime, Kind>> = {
  'application/pdf': {
    sopClassUid: '1.2.840.10008.5.1.4.1.1.104.1',
    modality: 'DOC',
    named: 'application/pdf',
    more: ({ bytes }) => {
      // Readers take a PDF whose header stands within the first kilobyte (ISO 32000-1, H.3, note 13).
      must(head(bytes, 1024).includes('%PDF-'), 'dicom/document', { mime: 'application/pdf' });
      return { '00080064': attribute('CS', 'WSD') };
    },
  },
  'text/xml': {
    sopClassUid: '1.2.840.10008.5.1.4.1.1.104.2',
    modality: 'DOC',
    named: 'text/XML',
    more: ({ bytes }) => ({
      '00080064': attribute('CS', 'WSD'),
      '0040E001': attribute('ST', cdaIdentifier(bytes)),
    }),
  },
  'model/stl': {
    sopClassUid: '1.2.840.10008.5.1.4.1.1.104.3',
    modality: 'M3D',
    named: 'model/stl',
    more: ({ bytes, random }) => {
      must(isBinaryStl(bytes), 'dicom/document', { mime: 'model/stl' });
      return {
        '00200052': attribute('UI', newUid(random)),
        '00201040': attribute('LO'),
        // STL itself has no unit: millimetres, as manufacturing takes it (PS3.3 C.35.1.1 asks to say so).
        '004008EA': sequence({
          '00080100': attribute('SH', 'mm'),
          '00080102': attribute('SH', 'UCUM'),
          '00080104': attribute('LO', 'mm'),
        }),
      };
    },
  },
};

/**
 * The instance that carries the document: its JSON, and the bytes behind its one byte range, for `writePart10`.
 * Throws dicom/document when the bytes are not what `mime` says, dicom/unwritable for a title that is too long.
 */
export function encapsulate(input: EncapsulateInput): { json: DicomJson; bulk: (uri: string) => Uint8Array } {
  const { bytes, title, when } = input;
  const kind = kinds[input.mime];
  must(kind !== undefined && bytes.length > 0, 'dicom/document', { mime: input.mime });
  const json: DicomJson = {
    ...documentAttributes(input, kind.sopClassUid, kind.modality),
    '0008002A': attribute('DT', when.dateTime),
    '00280301': attribute('CS', 'YES'),
    '0040A043': sequence(),
    '00420010': attribute('ST', shortText(title, 1024)),
    '00420011': { vr: 'OB', BulkDataURI: bulkUri(0, bytes.length) },
    '00420012': attribute('LO', kind.named),
    '00420015': attribute('UL', bytes.length),
    ...kind.more(input),
  };
  return { json, bulk: () => bytes };
}

/** `encapsulate` as a whole Part 10 file, explicit VR little endian. */
export function encapsulatedFile(input: EncapsulateInput): Uint8Array {
  const { json, bulk } = encapsulate(input);
  return writePart10(json, { bulk });
}

const head = (bytes: Uint8Array, length: number): string => Buffer.from(bytes.subarray(0, length)).toString('latin1');

// 80 bytes of anything, a count, 50 bytes for each triangle; text STL is not allowed in DICOM (PS3.3 C.35.1).
function isBinaryStl(bytes: Uint8Array): boolean {
  if (bytes.length < 84) return false;
  const count = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(80, true);
  return bytes.length === 84 + 50 * count;
}

/** The document's id as HL7 Instance Identifier (0040,E001): `root` or `root^extension` (PS3.3 C.24.2). */
function cdaIdentifier(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 256 * 1024)).toString('utf8');
  const start = text.search(/<(?:[\w-]+:)?ClinicalDocument[\s>]/);
  // The header's order is fixed: the first id is the document's own.
  const id = start < 0 ? undefined : /<(?:[\w-]+:)?id\s([^<>]*)>/.exec(text.slice(start))?.[1];
  const root = id && /(?:^|\s)root\s*=\s*["']([\w.-]{1,64})["']/.exec(id)?.[1];
  if (!id || !root) throw new PeerError('dicom/document', { mime: 'text/xml', reason: 'no CDA document id' });
  const extension = /(?:^|\s)extension\s*=\s*["']([^"'\\]{0,255})["']/.exec(id)?.[1];
  return extension ? `${root}^${extension}` : root;
}
