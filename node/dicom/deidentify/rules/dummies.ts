// A value that says nothing and is valid for its VR (PS3.15 E.1.1: D is "a non-zero length value that may be a dummy").
import type { Vr } from '../../model/vr.ts';

const removed = 'REMOVED';

const texts: Readonly<Record<Vr, string>> = {
  ...{ AE: removed, AS: '000D', CS: removed, LO: removed, SH: removed, ST: removed, LT: removed, UT: removed },
  ...{ PN: removed, UC: removed, UR: 'urn:uuid:00000000-0000-0000-0000-000000000000' },
  ...{ DA: '20000101', DT: '20000101000000', TM: '000000', DS: '0', IS: '1', UI: '2.25.0' },
};

const widths: Readonly<Record<Vr, number>> = {
  ...{ US: 2, SS: 2, OW: 2, OB: 2, UN: 2, UL: 4, SL: 4, FL: 4, AT: 4, OF: 4, OL: 4, FD: 8, OD: 8, OV: 8, SV: 8, UV: 8 },
};

/** The dummy for a value of so many parts, padded. */
export function dummyValue(vr: Vr, parts = 1): Uint8Array {
  const text = texts[vr];
  if (text === undefined) return new Uint8Array(widths[vr] ?? 2);
  return padded(vr, Array.from({ length: parts }, () => text).join('\\'));
}

/** The bytes of an ASCII value, of even length (PS3.5 6.2). */
export function padded(vr: Vr, text: string): Uint8Array {
  const pad = vr === 'UI' ? '\0' : ' ';
  return new Uint8Array(Buffer.from(text.length % 2 === 0 ? text : text + pad, 'latin1'));
}
