// What a result shows: from the index first, since patients are merged and named anew there and headers stay as they came.
import { depth, type Level } from '../dicom/model/index-attributes.ts';
import type { DicomJson, JsonAttribute } from '../dicom/model/json.ts';
import { tagOfKeyword } from '../dicom/model/keywords.ts';
import type { Index } from '../store/index.ts';
import { columnAttribute, columnLevel, type Row } from './columns.ts';
import { levelOf } from './levels.ts';

/** What is the same for everything kept here. */
export const constant: DicomJson = { [tagOfKeyword('InstanceAvailability')]: { vr: 'CS', Value: ['ONLINE'] } };

/** Whether results of a level have this attribute: theirs or one from above. */
export const isOf = (level: Level, tag: string): boolean =>
  constant[tag] !== undefined || depth(levelOf(tag)) <= depth(level);

/**
 * These attributes of a row; those that it doesn't have are left out.
 * @param header the row's, where any of them isn't in the index
 * @param keys names of sequences what to show of their items, by an item; everything if it has none
 */
export function shown(
  row: Row,
  tags: readonly string[],
  header: DicomJson,
  keys: DicomJson,
  index: Pick<Index, 'studiesOf'>,
): DicomJson {
  const all: DicomJson = {};
  for (const tag of tags) {
    const value = constant[tag] ?? columnAttribute(row, tag, index) ?? header[tag];
    if (value !== undefined) all[tag] = columnLevel(tag) === undefined ? returnKey(value, keys[tag]) : value;
  }
  return all;
}

function returnKey(value: JsonAttribute, key: JsonAttribute | undefined): JsonAttribute {
  const wanted = key?.Value?.[0];
  if (value.vr !== 'SQ' || value.Value === undefined || typeof wanted !== 'object' || wanted === null) return value;
  const keys = Object.entries(wanted as DicomJson);
  if (keys.length === 0) return value;
  const items = (value.Value as DicomJson[]).map((item) =>
    Object.fromEntries(keys.flatMap(([tag, inner]) => (item[tag] ? [[tag, returnKey(item[tag], inner)]] : []))),
  );
  return { vr: 'SQ', Value: items };
}
