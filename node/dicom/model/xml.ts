// The Native DICOM Model (PS3.19 A.1): what DICOM JSON says, as XML 1.0.
import type { DicomJson, JsonAttribute, JsonPersonName, JsonValue } from './json.ts';
import { keywordOf } from './keywords.ts';

/** `uriOf` gets the tag and `bulkUri`'s placeholder. */
type UriOf = (tag: string, placeholder: string) => string;

/** One data set as a document, attribute by attribute, in ascending order. */
export function* dicomXml(json: DicomJson, uriOf: UriOf): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">';
  yield* attributes(json, uriOf);
  yield '</NativeDicomModel>';
}

function* attributes(json: DicomJson, uriOf: UriOf): Generator<string> {
  for (const tag of Object.keys(json).sort()) {
    const attribute = json[tag]!;
    const head = `<DicomAttribute${named(tag, json)} vr="${attributeText(attribute.vr)}"`;
    if (isEmpty(attribute)) {
      yield `${head}/>`;
      continue;
    }
    yield `${head}>`;
    yield* values(tag, attribute, uriOf);
    yield '</DicomAttribute>';
  }
}

const isEmpty = ({ Value, InlineBinary, BulkDataURI }: JsonAttribute): boolean =>
  (Value === undefined || Value.length === 0) && InlineBinary === undefined && BulkDataURI === undefined;

/** Of a private attribute the block that its creator has reserved doesn't count: it is called by its creator. */
function named(tag: string, json: DicomJson): string {
  const [group, element] = [tag.slice(0, 4), tag.slice(4)];
  const isPrivate = Number.parseInt(group.at(-1)!, 16) % 2 === 1;
  const creator = isPrivate && element > '00FF' ? json[`${group}00${element.slice(0, 2)}`]?.Value?.[0] : undefined;
  if (typeof creator === 'string')
    return ` tag="${group}00${element.slice(2)}" privateCreator="${attributeText(creator)}"`;
  const keyword = keywordOf(tag);
  return keyword === undefined ? ` tag="${tag}"` : ` tag="${tag}" keyword="${keyword}"`;
}

function* values(tag: string, { vr, Value = [], InlineBinary, BulkDataURI }: JsonAttribute, uriOf: UriOf) {
  if (BulkDataURI !== undefined) yield `<BulkData uri="${attributeText(uriOf(tag, BulkDataURI))}"/>`;
  else if (InlineBinary !== undefined) yield `<InlineBinary>${InlineBinary}</InlineBinary>`;
  else
    for (const [i, value] of Value.entries()) {
      if (vr === 'SQ') yield* item(i + 1, value as DicomJson | null, uriOf);
      else if (vr === 'PN') yield personName(i + 1, value);
      else yield `<Value number="${i + 1}">${value === null ? '' : text(String(value))}</Value>`;
    }
}

function* item(number: number, value: DicomJson | null, uriOf: UriOf): Generator<string> {
  yield `<Item number="${number}">`;
  if (value !== null) yield* attributes(value, uriOf);
  yield '</Item>';
}

const forms = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;
const components = ['FamilyName', 'GivenName', 'MiddleName', 'NamePrefix', 'NameSuffix'] as const;

function personName(number: number, value: JsonValue): string {
  const name: JsonPersonName =
    typeof value === 'object' ? ((value ?? {}) as JsonPersonName) : { Alphabetic: String(value) };
  const groups = forms.map((form) => {
    const whole = name[form];
    if (typeof whole !== 'string' || whole === '') return '';
    const parts = whole.split('^');
    const all = components.map((component, i) => (parts[i] ? `<${component}>${text(parts[i])}</${component}>` : ''));
    return `<${form}>${all.join('')}</${form}>`;
  });
  return `<PersonName number="${number}">${groups.join('')}</PersonName>`;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};
/** What XML 1.0 has no way to say: controls, halves of characters, U+FFFE and U+FFFF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these can't stand in XML
const unsayable = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

const sayable = (value: string): string => value.toWellFormed().replace(unsayable, '\ufffd');
// a carriage return would be read as a line feed
const text = (value: string): string => sayable(value).replace(/[&<>\r]/g, (letter) => escapes[letter]!);
const attributeText = (value: string): string => sayable(value).replace(/[&<>"\r\n\t]/g, (letter) => escapes[letter]!);
