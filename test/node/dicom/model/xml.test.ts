import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../../node/dicom/model/json.ts';
import { dicomXml } from '../../../../node/dicom/model/xml.ts';
import { readPart10 } from '../../../../node/dicom/read/read-dataset.ts';
import { requires } from '../../../programs.ts';
import { samples } from '../samples.ts';

const xml = (json: DicomJson): string => [...dicomXml(json, (tag, place) => `http://h/${tag}/${place}?a&b`)].join('');
const body = (json: DicomJson): string => /xml:space="preserve">(.*)<\/NativeDicomModel>$/s.exec(xml(json))![1]!;

describe('the Native DICOM Model', () => {
  it('is a document of its namespace, attributes in ascending order', () => {
    const text = xml({ '20010010': { vr: 'LO', Value: ['Philips'] }, '00080060': { vr: 'CS', Value: ['CT'] } });
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">' +
        '<DicomAttribute tag="00080060" keyword="Modality" vr="CS"><Value number="1">CT</Value></DicomAttribute>' +
        '<DicomAttribute tag="20010010" vr="LO"><Value number="1">Philips</Value></DicomAttribute>' +
        '</NativeDicomModel>',
    );
  });

  it('has values in their places, empty ones too', () => {
    expect(
      body({ '00080008': { vr: 'CS', Value: ['ORIGINAL', null, 'AXIAL'] }, '00280010': { vr: 'US', Value: [512] } }),
    ).toBe(
      '<DicomAttribute tag="00080008" keyword="ImageType" vr="CS"><Value number="1">ORIGINAL</Value>' +
        '<Value number="2"></Value><Value number="3">AXIAL</Value></DicomAttribute>' +
        '<DicomAttribute tag="00280010" keyword="Rows" vr="US"><Value number="1">512</Value></DicomAttribute>',
    );
    expect(body({ '00100010': { vr: 'PN' } })).toBe('<DicomAttribute tag="00100010" keyword="PatientName" vr="PN"/>');
  });

  it('has names in groups and components', () => {
    const name = { Alphabetic: 'Yamada^Tarou^^Dr.', Ideographic: '山田^太郎' };
    expect(body({ '00100010': { vr: 'PN', Value: [name] } })).toContain(
      '<PersonName number="1"><Alphabetic><FamilyName>Yamada</FamilyName><GivenName>Tarou</GivenName>' +
        '<NamePrefix>Dr.</NamePrefix></Alphabetic><Ideographic><FamilyName>山田</FamilyName><GivenName>太郎</GivenName>' +
        '</Ideographic></PersonName>',
    );
  });

  it('has sequences, bulk data and binary values', () => {
    const json: DicomJson = {
      '00400275': { vr: 'SQ', Value: [{ '00400009': { vr: 'SH', Value: ['S1'] } }, {}] },
      '00420011': { vr: 'OB', InlineBinary: 'AAEC' },
      '7FE00010': { vr: 'OW', BulkDataURI: '12/34' },
    };
    expect(body(json)).toBe(
      '<DicomAttribute tag="00400275" keyword="RequestAttributesSequence" vr="SQ"><Item number="1">' +
        '<DicomAttribute tag="00400009" keyword="ScheduledProcedureStepID" vr="SH"><Value number="1">S1</Value>' +
        '</DicomAttribute></Item><Item number="2"></Item></DicomAttribute>' +
        '<DicomAttribute tag="00420011" keyword="EncapsulatedDocument" vr="OB"><InlineBinary>AAEC</InlineBinary>' +
        '</DicomAttribute><DicomAttribute tag="7FE00010" keyword="PixelData" vr="OW">' +
        '<BulkData uri="http://h/7FE00010/12/34?a&amp;b"/></DicomAttribute>',
    );
  });

  it('names private attributes by their creator', () => {
    const json: DicomJson = {
      '00191010': { vr: 'LO', Value: ['no creator'] },
      '00290011': { vr: 'LO', Value: ['A "B" <C>'] },
      '00291110': { vr: 'LO', Value: ['x'] },
    };
    expect(body(json)).toContain('<DicomAttribute tag="00191010" vr="LO">');
    expect(body(json)).toContain('<DicomAttribute tag="00290010" privateCreator="A &quot;B&quot; &lt;C&gt;" vr="LO">');
  });

  it('escapes, and replaces what XML cannot say', () => {
    const text = 'a<b>&"c"\r\nd\u0001\ud800\uffff';
    expect(body({ '00104000': { vr: 'LT', Value: [text] } })).toContain(
      '<Value number="1">a&lt;b&gt;&amp;"c"&#13;\nd\ufffd\ufffd\ufffd</Value>',
    );
  });
});

const dcm2xml = requires('dcm2xml');
const chosen = samples().filter(({ path }) =>
  /rtplan\.dcm|CT_small\.dcm|MR_small\.dcm|reportsi\.dcm|test-SR\.dcm|rtdose\.dcm|nested_priv_SQ\.dcm/.test(path),
);

describe.runIf(dcm2xml !== undefined && chosen.length > 0)('samples as XML', () => {
  it.each(chosen)('$path has what dcm2xml makes of it', async (sample) => {
    const { stdout } = await promisify(execFile)(dcm2xml!, ['-nat', sample.file], { maxBuffer: 64 << 20 });
    const theirs = told(stdout);
    const ours = told(xml(readPart10(sample.read()).json));
    expect(theirs.length).toBeGreaterThan(0);
    expect(ours).toEqual(theirs);
  });
});

/** Elements in order, as both write them: without the character set and what it changes, keywords and binary values. */
function told(document: string): string[] {
  const parts = [...document.matchAll(/<(DicomAttribute|Item|Value|\w+Name)\b([^>]*)>([^<]*)/g)];
  return parts.flatMap(([, name, attributes, content]) => {
    const of = (key: string) => new RegExp(`\\b${key}="([^"]*)"`).exec(attributes!)?.[1] ?? '';
    if (name === 'DicomAttribute') return [`${of('tag')} ${of('vr')} ${of('privateCreator')}`];
    const value = plain(content!).trim();
    const isNumber = value !== '' && !Number.isNaN(Number(value));
    return /^$|^ISO_IR/.test(value)
      ? []
      : [`${name} ${of('number')} ${isNumber ? Number(value).toPrecision(5) : value}`];
  });
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#10': '\n',
  '#13': '\r',
  '#39': "'",
  apos: "'",
};
const plain = (text: string): string =>
  text.replace(/&([^;]+);/g, (_, name: string) => entities[name]!).replace(/\P{ASCII}/gu, '\ufffd');
