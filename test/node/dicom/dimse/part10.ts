// Just enough of PS3.10 to take a file's data set out of it, for tests.

export interface Part10 {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntax: string;
  readonly dataSet: Buffer;
}

/** The file meta information's UIDs and the data set's bytes, or undefined for a file without proper meta information. */
export function splitPart10(file: Buffer): Part10 | undefined {
  if (file.length < 144 || file.toString('latin1', 128, 132) !== 'DICM' || file.readUInt32LE(132) !== 0x00000002)
    return;
  const end = 144 + file.readUInt32LE(140);
  if (end > file.length) return undefined;
  const uids = new Map<number, string>();
  for (let at = 144; at + 8 <= end; ) {
    const long = ['OB', 'OW', 'UN', 'SQ', 'UT'].includes(file.toString('latin1', at + 4, at + 6));
    const length = long ? file.readUInt32LE(at + 8) : file.readUInt16LE(at + 6);
    const start = at + (long ? 12 : 8);
    if (start + length > end) return undefined;
    uids.set(file.readUInt16LE(at + 2), file.toString('latin1', start, start + length).replace(/\0$/, ''));
    at = start + length;
  }
  const [sopClassUid, sopInstanceUid, transferSyntax] = [uids.get(2), uids.get(3), uids.get(0x10)];
  if (sopClassUid === undefined || sopInstanceUid === undefined || transferSyntax === undefined) return undefined;
  return { sopClassUid, sopInstanceUid, transferSyntax, dataSet: file.subarray(end) };
}
