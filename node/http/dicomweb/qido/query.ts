// What a QIDO-RS URL asks for (PS3.18 8.3.4, 10.6.1.2), read within bounds.
import { must } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { DicomJson, JsonAttribute } from '../../../dicom/model/json.ts';
import { type Attribute, attributeNamed } from '../../../dicom/model/keywords.ts';

export interface SearchQuery {
  /** What is matched, by path: attributes in sequences stand in the sequence's only item. */
  readonly keys: DicomJson;
  /** Attributes to be answered beyond the usual ones, in the same way; a sequence without an item is answered whole. */
  readonly include: 'all' | DicomJson;
  readonly fuzzy: boolean;
  readonly limit: number | undefined;
  readonly offset: number;
  /** The media types in the URL, which stand for those of the header. */
  readonly accept: string | undefined;
  /** The query's text, for the audit log. */
  readonly text: string;
}

const options = new Set([
  ...['limit', 'offset', 'fuzzymatching', 'accept', 'charset'],
  // both are always done
  ...['emptyvaluematching', 'multiplevaluematching'],
]);

/** Reads the part of the URL behind its `?`. @throws PeerError http/invalid, http/too-large */
export function parseSearch(url: string): SearchQuery {
  const text = url.slice(url.indexOf('?') + 1 || url.length);
  must(text.length <= limits.httpQueryBytes, 'http/too-large', { at: 'query' });
  const pairs = [...new URLSearchParams(text)];
  must(pairs.length <= limits.httpQueryKeys, 'http/invalid', { at: 'query', message: 'has too many parameters' });
  const given = new Map<string, string>();
  const [keys, include]: [DicomJson, DicomJson] = [{}, {}];
  let all = false;
  for (const [name, value] of pairs) {
    if (options.has(name)) given.set(name, value);
    else if (name !== 'includefield') addKey(keys, name, value);
    else
      for (const field of value.split(',')) {
        all ||= field === 'all';
        if (field !== 'all' && field !== '') put(include, path(field), undefined);
      }
  }
  return {
    keys,
    include: all ? 'all' : include,
    fuzzy: given.get('fuzzymatching') === 'true',
    limit: count('limit', given.get('limit')),
    offset: count('offset', given.get('offset')) ?? 0,
    accept: given.get('accept'),
    text,
  };
}

const single = new Set(['LT', 'ST', 'UT', 'UR']);
const listed = new Set(['UI', 'CS']);

/** Values stand apart by backslashes; UIDs and codes, which have no commas, also by those (8.3.4.1). */
function addKey(keys: DicomJson, name: string, value: string): void {
  const way = path(name);
  const { tag, vr } = way.at(-1)!;
  must(vr !== 'SQ' || value === '', 'query/key', { at: tag, message: 'is a sequence; name an attribute in it' });
  const values = single.has(vr) ? [value] : value.split(listed.has(vr) ? /[\\,]/ : '\\');
  const known = values.map((each) => each.trim()).filter((each) => each !== '');
  must(known.length > 0 || value === '', 'query/key', { at: tag, message: 'has no value' });
  put(keys, way, known);
}

/** `00400275.00400009`: an attribute, or one in a sequence, by keywords or tags. */
function path(name: string): Attribute[] {
  const names = name.split('.');
  must(names.length <= 8, 'http/invalid', { at: 'query', message: 'names a path that is too long' });
  const way = names.map(named);
  const isPath = way.slice(0, -1).every(({ vr }) => vr === 'SQ');
  must(isPath, 'http/invalid', { at: 'query', message: 'looks into what is no sequence' });
  return way;
}

function named(name: string): Attribute {
  const attribute = attributeNamed(name);
  must(attribute !== undefined, 'http/invalid', { at: 'query', message: 'names an attribute that is not known' });
  return attribute;
}

/** Adds values at a path; `undefined` only names it. Of a parameter that comes twice either value will do. */
function put(json: DicomJson, [first, ...rest]: readonly Attribute[], values: readonly string[] | undefined): void {
  const { tag, vr } = first!;
  const before: JsonAttribute | undefined = json[tag];
  if (rest.length === 0) {
    json[tag] = vr === 'SQ' || values === undefined ? { vr } : { vr, Value: [...(before?.Value ?? []), ...values] };
    return;
  }
  if (before !== undefined && before.Value === undefined && values === undefined) return; // it is asked for whole
  const item = (before?.Value?.[0] ?? {}) as DicomJson;
  json[tag] = { vr, Value: [item] };
  put(item, rest, values);
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  must(/^\d{1,9}$/.test(text), 'http/invalid', { at: name, message: 'is not a count' });
  return Number(text);
}
