// Whether a value is what its VR says, and nothing else.
import type { Vr } from '../../model/vr.ts';

/** Four letters in a row. */
export function hasWord(bytes: Uint8Array): boolean {
  let run = 0;
  for (let i = 0; i < bytes.length && run < 4; i += 1) {
    const letter = bytes[i]! | 0x20;
    run = letter >= 0x61 && letter <= 0x7a ? run + 1 : 0;
  }
  return run === 4;
}

/** HIPAA's limit: who is older than 89 is one of a few. */
export function age(text: string): string {
  const found = /^(\d{3})([DWMY])$/.exec(text.trim());
  if (!found) return '';
  return found[2] === 'Y' && Number(found[1]) > 89 ? '090Y' : text.trim();
}

/** Whether the characters are those of the VR: a name in a coded or numeric field is neither code nor number. */
export function wellFormed(vr: Vr, text: string): boolean {
  if (vr === 'CS') return text.split('\\').every((each) => each.length <= 16 && /^[\x20-\x5d\x5f-\x7e]*$/.test(each));
  if (vr === 'DS' || vr === 'IS') return /^[-+0-9.eE \\]*$/.test(text);
  return true;
}
