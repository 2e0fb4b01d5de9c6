// Padding taken off text that a device or somebody else made.

/**
 * The text without any of these characters at its end. Not by a regular expression: that begins anew at each of them, and
 * 64 KiB of blanks with a letter behind take it seconds.
 */
export function trimmedEnd(text: string, padding: string): string {
  let end = text.length;
  while (end > 0 && padding.includes(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}

/** Without the padding of DICOM's values: blanks, and the NULs that many write instead (PS3.5 6.2). */
export const unpadded = (text: string): string => trimmedEnd(text, '\0 ');
