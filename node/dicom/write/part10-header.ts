// The file meta header that we write in front of every data set that we keep or hand out (PS3.10 7.1).
import { must } from '../../../protocol/errors.ts';
import { isUid } from '../model/uid.ts';

/** Ours: an arc under 2.25 (ISO/IEC 9834-8), from a random UUID made once for this project. */
export const fileImplementationClassUid = '2.25.297873835237035038967984367628683360470';
const implementationVersionName = 'DICOMNET_0';

export interface MetaFields {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
  /** AE title of who sent it, at most 16 characters. */
  readonly sourceAe?: string;
}

/** Zeroed preamble, DICM and the meta header. Throws dicom/uid-invalid, dicom/transfer-syntax, dicom/meta. */
export function writePart10Header(fields: MetaFields): Uint8Array {
  must(isUid(fields.sopClassUid), 'dicom/uid-invalid', { name: 'SOPClassUID' });
  must(isUid(fields.sopInstanceUid), 'dicom/uid-invalid', { name: 'SOPInstanceUID' });
  must(isUid(fields.transferSyntax), 'dicom/transfer-syntax');
  const sourceAe = fields.sourceAe?.trim() ?? '';
  must(/^[\x20-\x5b\x5d-\x7e]{0,16}$/.test(sourceAe), 'dicom/meta', { name: 'SourceApplicationEntityTitle' });
  const elements = [
    element(0x0001, 'OB', Uint8Array.of(0, 1)),
    element(0x0002, 'UI', text(fields.sopClassUid, '\0')),
    element(0x0003, 'UI', text(fields.sopInstanceUid, '\0')),
    element(0x0010, 'UI', text(fields.transferSyntax, '\0')),
    element(0x0012, 'UI', text(fileImplementationClassUid, '\0')),
    element(0x0013, 'SH', text(implementationVersionName, ' ')),
    ...(sourceAe === '' ? [] : [element(0x0016, 'AE', text(sourceAe, ' '))]),
  ];
  const length = elements.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const groupLength = Buffer.alloc(4);
  groupLength.writeUInt32LE(length);
  const whole = [Buffer.alloc(128), Buffer.from('DICM'), element(0x0000, 'UL', groupLength), ...elements];
  return new Uint8Array(Buffer.concat(whole));
}

const text = (value: string, pad: '\0' | ' '): Uint8Array =>
  Buffer.from(value.length % 2 === 0 ? value : value + pad, 'latin1');

function element(number: number, vr: 'OB' | 'UI' | 'SH' | 'AE' | 'UL', value: Uint8Array): Uint8Array {
  const size = vr === 'OB' ? 12 : 8;
  const head = Buffer.alloc(size);
  head.writeUInt16LE(0x0002, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  if (size === 12) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}
