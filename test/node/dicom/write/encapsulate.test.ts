// Encapsulated documents, as dicom3tools and dcmtk see them.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readPart10 } from '../../../../node/dicom/read/read-dataset.ts';
import { type EncapsulatedMime, encapsulatedFile } from '../../../../node/dicom/write/encapsulate.ts';
import { bulkOf } from '../../../../node/dicom/write/write-part10.ts';
import { PeerError } from '../../../../protocol/errors.ts';
import { requires } from '../../../programs.ts';
import { documentContext } from './document-context.ts';

const dir = mkdtempSync(join(tmpdir(), 'dicomnet-document-'));
afterAll(() => rmSync(dir, { recursive: true }));

const stl = Buffer.alloc(84 + 50);
stl.writeUInt32LE(1, 80);
const documents: Record<EncapsulatedMime, Uint8Array> = {
  'application/pdf': Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF'),
  'text/xml': Buffer.from(
    '<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><typeId root="2.16.840.1.113883.1.3" extension="POCD"/>' +
      '<id root="1.2.3.4" extension="Bericht 7"/></ClinicalDocument>',
  ),
  'model/stl': stl,
};
const kinds = Object.entries(documents) as [EncapsulatedMime, Uint8Array][];
const write = (mime: EncapsulatedMime, bytes: Uint8Array, title = 'Brief der Röntgenabteilung') =>
  encapsulatedFile({ ...documentContext(), mime, bytes, title });

test.each(kinds)('%s comes out of its instance as it went in', (mime, bytes) => {
  const { json, dataset } = readPart10(write(mime, bytes));
  const { InlineBinary, BulkDataURI } = json['00420011']!;
  const value = BulkDataURI === undefined ? Buffer.from(InlineBinary!, 'base64') : bulkOf(dataset)(BulkDataURI);
  const length = json['00420015']!.Value![0] as number;
  expect(Buffer.from(value.subarray(0, length))).toEqual(Buffer.from(bytes));
  expect(json['00100010']).toEqual({ vr: 'PN', Value: [{ Alphabetic: 'Müller^Anna' }] });
  expect(json['0020000D']?.Value).toEqual(['1.2.3.4.5']);
});

test('the document id of a CDA stands beside it', () => {
  expect(readPart10(write('text/xml', documents['text/xml'])).json['0040E001']?.Value).toEqual(['1.2.3.4^Bericht 7']);
});

const dciodvfy = requires('dciodvfy');
if (dciodvfy) {
  test.each(kinds)('%s has no error for dciodvfy', (mime, bytes) => {
    const path = join(dir, 'one.dcm');
    writeFileSync(path, write(mime, bytes));
    const { stdout, stderr } = spawnSync(dciodvfy, [path], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toMatch(/^Encapsulated/m);
    expect(`${stdout}${stderr}`).not.toMatch(/^Error/m);
  });
}

const dcm2pdf = requires('dcm2pdf');
if (dcm2pdf) {
  test('dcm2pdf gives the PDF back', () => {
    const [file, pdf] = [join(dir, 'pdf.dcm'), join(dir, 'out.pdf')];
    writeFileSync(file, write('application/pdf', documents['application/pdf']));
    execFileSync(dcm2pdf, [file, pdf]);
    expect(readFileSync(pdf)).toEqual(documents['application/pdf']);
  });
}

test('what is not of its kind is refused', () => {
  const code = (mime: EncapsulatedMime, bytes: Uint8Array, title?: string): unknown => {
    try {
      return write(mime, bytes, title).length;
    } catch (error) {
      return error instanceof PeerError ? error.code : error;
    }
  };
  expect(code('application/pdf', Buffer.from('GIF89a'))).toBe('dicom/document');
  expect(code('application/pdf', new Uint8Array(0))).toBe('dicom/document');
  expect(code('text/xml', Buffer.from('<svg><id root="1"/></svg>'))).toBe('dicom/document');
  expect(code('model/stl', Buffer.from('solid text'))).toBe('dicom/document');
  expect(code('application/pdf', documents['application/pdf'], 'x'.repeat(2000))).toBe('dicom/unwritable');
});
