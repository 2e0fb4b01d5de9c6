// What a QIDO-RS URL asks for (PS3.18 8.3.4, 10.6.1.2), read within bounds.
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { type Attribute, attributeNamed } from './attributes.ts';
import { type Matcher, matcher, uidList } from './matching.ts';

export interface Key {
  readonly tag: string;
  readonly matches: Matcher;
}

export interface SearchQuery {
  readonly keys: readonly Key[];
  /** Tags of attributes to be answered beyond the usual ones. */
  readonly include: 'all' | ReadonlySet<string>;
  readonly limit: number | undefined;
  readonly offset: number;
  /** SOP Instance UIDs, when the query names them: they needn't be searched for. */
  readonly instances: readonly string[] | undefined;
  /** The query's text, for the audit log. */
  readonly text: string;
}

const sopInstanceUid = '00080018';

/** Reads the part of the URL behind its `?`. @throws PeerError http/invalid, http/too-large */
export function parseSearch(url: string): SearchQuery {
  const text = url.slice(url.indexOf('?') + 1 || url.length);
  must(text.length <= limits.httpQueryBytes, 'http/too-large', { at: 'query' });
  const pairs = [...new URLSearchParams(text)];
  must(pairs.length <= limits.httpQueryKeys, 'http/invalid', { at: 'query', message: 'has too many parameters' });
  const options = new Map<string, string>();
  const fields: string[] = [];
  const wanted: [Attribute, string][] = [];
  for (const [name, value] of pairs) {
    if (name === 'includefield') fields.push(...value.split(','));
    else if (name === 'limit' || name === 'offset' || name === 'fuzzymatching') options.set(name, value);
    else wanted.push([named(name), value]);
  }
  const fuzzy = options.get('fuzzymatching') === 'true';
  const named18 = wanted.find(([{ tag }, value]) => tag === sopInstanceUid && value !== '');
  return {
    keys: wanted.map(([attribute, value]) => ({ tag: attribute.tag, matches: matcher(attribute, value, fuzzy) })),
    include: fields.includes('all') ? 'all' : new Set(fields.filter((field) => field !== '').map(included)),
    limit: count('limit', options.get('limit')),
    offset: count('offset', options.get('offset')) ?? 0,
    instances: named18 === undefined ? undefined : uidList(sopInstanceUid, named18[1]),
    text,
  };
}

function named(name: string): Attribute {
  const attribute = attributeNamed(name);
  must(attribute !== undefined, 'http/invalid', { at: 'query', message: 'names an attribute that is not known' });
  return attribute;
}

/** An attribute inside a sequence brings the whole sequence. */
const included = (field: string): string => named(field.split('.')[0]!).tag;

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  must(/^\d{1,9}$/.test(text), 'http/invalid', { at: name, message: 'is not a count' });
  return Number(text);
}
