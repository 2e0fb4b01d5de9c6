// Attributes by keyword and by tag (PS3.6 6, from dcmjs).
import { dictionary } from 'dcmjs/dictionary';
import { dictionaryVr, type Vr } from './vr.ts';

export interface Attribute {
  /** Eight upper-case hexadecimal digits. */
  readonly tag: string;
  readonly vr: Vr;
}

function loadKeywords(): Map<string, string> {
  const tags = new Map<string, string>();
  for (const [key, { name }] of Object.entries(dictionary)) {
    const match = /^\(([0-9A-F]{4}),([0-9A-F]{4})\)$/i.exec(key);
    if (match) tags.set(name, `${match[1]}${match[2]}`.toUpperCase());
  }
  return tags;
}

const keywords = loadKeywords();
const byTag = new Map([...keywords].map(([keyword, tag]) => [tag, keyword]));

/** The attribute that a query names, by keyword or tag (PS3.18 8.3.4); undefined when there is none of that name. */
export function attributeNamed(name: string): Attribute | undefined {
  const tag = /^[0-9a-fA-F]{8}$/.test(name) ? name.toUpperCase() : keywords.get(name);
  return tag === undefined ? undefined : { tag, vr: vrOfTag(tag) };
}

/** The VR of a tag by PS3.6, UN for what it doesn't name. */
export function vrOfTag(tag: string): Vr {
  const vr = dictionaryVr(Number.parseInt(tag, 16));
  return vr === 'xs' ? 'US' : vr;
}

/** The keyword of a tag (PS3.6 6); undefined for private ones and what isn't known. */
export const keywordOf = (tag: string): string | undefined => byTag.get(tag);

/** The tag of a keyword, or the tag itself. @throws Error for a keyword that PS3.6 doesn't have: a mistake in the program */
export function tagOfKeyword(name: string): string {
  const attribute = attributeNamed(name);
  if (attribute === undefined) throw new Error(`PS3.6 has no attribute ${name}`);
  return attribute.tag;
}
