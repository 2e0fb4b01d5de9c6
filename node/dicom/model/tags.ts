// Tags that the reading of data sets itself needs, as numbers (group << 16 | element).

export const tags = {
  specificCharacterSet: 0x00080005,
  pixelRepresentation: 0x00280103,
  extendedOffsetTable: 0x7fe00001,
  extendedOffsetTableLengths: 0x7fe00002,
  floatPixelData: 0x7fe00008,
  doubleFloatPixelData: 0x7fe00009,
  pixelData: 0x7fe00010,
  item: 0xfffee000,
  itemEnd: 0xfffee00d,
  sequenceEnd: 0xfffee0dd,
} as const;

// The same few hundred tags name every attribute of every instance; a hostile data set may bring any, so it is bounded.
const names = new Map<number, string>();
const namesKept = 8192;

/** A tag as DICOM JSON writes it: eight upper-case hexadecimal digits. */
export function tagName(tag: number): string {
  const known = names.get(tag);
  if (known !== undefined) return known;
  const name = tag.toString(16).toUpperCase().padStart(8, '0');
  if (names.size < namesKept) names.set(tag, name);
  return name;
}

/** Whether a tag holds the pixels of the data set's image. */
export const isPixelData = (tag: number): boolean =>
  tag === tags.pixelData || tag === tags.floatPixelData || tag === tags.doubleFloatPixelData;
