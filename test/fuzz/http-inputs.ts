// Inputs at the HTTP port: files, multipart bodies, archives, metadata, orders.
import type { ImportReport } from '../../node/exchange/upload/upload.ts';
import * as orders from '../node/worklist/messages.ts';
import type { Chance } from './chance.ts';
import { another, headOf, type Material, metadata, patient, zipped } from './materials.ts';
import { mutated, mutatedJson } from './mutate.ts';
import type { Answered, Posted, Target } from './target.ts';

type Body = Pick<Posted, 'path' | 'type' | 'body'>;

/** Posted whole, or now and then cut off in its middle. */
function posted(chance: Chance, body: Body): Posted {
  return chance.oneIn(20) ? { ...body, cutAt: chance.below(body.body.length) } : body;
}

const nameOf = (answer: Answered | undefined): string => answer?.status.toString() ?? 'cut';

/** What an upload's report says, in a few words. */
function reportOf(answer: Answered | undefined): string {
  if (answer?.status !== 200) return nameOf(answer);
  const { imported, duplicates, conflicts, refused } = JSON.parse(answer.text) as ImportReport;
  const counts = { imported, duplicates, conflicts, refused: refused.length };
  return Object.entries(counts)
    .flatMap(([name, count]) => (count > 0 ? name : []))
    .join(' ');
}

const utf8 = (text: string) => Buffer.from(text, 'utf8');

/** One DICOM file. */
export async function file(chance: Chance, target: Target, materials: readonly Material[]): Promise<string> {
  const body = mutated(another(chance.pick(materials), chance).part10, chance, {
    from: chance.oneIn(4) ? 0 : 128,
    head: 700,
  });
  const answer = await target.post(posted(chance, { path: '/api/v1/import', type: 'application/dicom', body }));
  if (answer?.status !== 200) return nameOf(answer);
  const { outcome } = JSON.parse(answer.text) as { outcome: string };
  const head = headOf(body);
  const taken = outcome === 'imported' || outcome === 'duplicate';
  if (taken && head !== undefined) target.promised(body.subarray(head.datasetOffset));
  return outcome;
}

const part = (header: string, body: Uint8Array) =>
  Buffer.concat([utf8(`--b\r\n${header}\r\n\r\n`), body, utf8('\r\n')]);

/** STOW-RS of files: the multipart body itself is changed, or what stands in it. */
export async function stow(chance: Chance, target: Target, materials: readonly Material[]): Promise<string> {
  const inside = chance.oneIn(2);
  const parts = Array.from({ length: 1 + chance.below(3) }, () => {
    const { part10 } = another(chance.pick(materials), chance);
    return part('Content-Type: application/dicom', inside ? mutated(part10, chance, { from: 128 }) : part10);
  });
  const whole = Buffer.concat([...parts, utf8('--b--\r\n')]);
  const type = chance.oneIn(20)
    ? chance.pick(['multipart/related', 'multipart/related; boundary=', 'multipart/related; boundary="a\\"'])
    : 'multipart/related; type="application/dicom"; boundary=b';
  const body = inside ? whole : mutated(whole, chance, { head: 60 });
  return nameOf(await target.post(posted(chance, { path: '/dicom-web/studies', type, body })));
}

/** Arrays in arrays, more than a recursion has room for. */
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

/** STOW-RS of metadata with bulk data. */
export async function stowMetadata(chance: Chance, target: Target): Promise<string> {
  const given = JSON.stringify(chance.oneIn(4) ? metadata : mutatedJson(metadata, chance));
  const written = given.replaceAll('2.25.7701', `2.25.${1_000_000 + chance.below(100_000_000)}`);
  const json = utf8(chance.oneIn(20) ? written.replace('"Value":[', `"Value":[${deep},`) : written);
  const pixels = part('Content-Type: application/octet-stream\r\nContent-Location: pixels', chance.bytes(32));
  const described = part('Content-Type: application/dicom+json', chance.oneIn(4) ? mutated(json, chance) : json);
  const whole = Buffer.concat([described, pixels, utf8('--b--')]);
  const body = chance.oneIn(4) ? mutated(whole, chance, { head: 100 }) : whole;
  const type = 'multipart/related; type="application/dicom+json"; boundary=b';
  return nameOf(await target.post(posted(chance, { path: '/dicom-web/studies', type, body })));
}

const disposition = (rest: string) => `Content-Disposition: form-data; ${rest}`;
const pdf = utf8('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');

/** A form with fields of a patient, a document and a file. */
export async function upload(chance: Chance, target: Target, materials: readonly Material[]): Promise<string> {
  const { part10 } = another(chance.pick(materials), chance);
  const whole = Buffer.concat([
    part(disposition('name="patient"'), utf8(patient.id)),
    part(disposition('name="name"'), utf8(patient.name)),
    part(`${disposition('name="file"; filename="a.pdf"')}\r\nContent-Type: application/pdf`, pdf),
    part(disposition('name="file"; filename="b.dcm"'), mutated(part10, chance, { from: 128 })),
    part(disposition('name="file"; filename="c.bin"'), chance.bytes(100)),
    utf8('--b--\r\n'),
  ]);
  const body = chance.oneIn(3) ? whole : mutated(whole, chance, { head: 500 });
  return nameOf(
    await target.post(posted(chance, { path: '/api/v1/upload', type: 'multipart/form-data; boundary=b', body })),
  );
}

/** An archive: of changed files, or with its own records changed, those at its end most of all; also one in another. */
export async function archive(chance: Chance, target: Target, materials: readonly Material[]): Promise<string> {
  const files = Array.from({ length: 1 + chance.below(3) }, (_, i) => {
    const { part10 } = another(chance.pick(materials), chance);
    return [`images/${i}`, chance.oneIn(3) ? mutated(part10, chance, { from: 128 }) : part10] as const;
  });
  const inner = await zipped(files);
  const zip = chance.oneIn(4) ? await zipped([['inner.zip', broken(inner, chance)], ...files]) : inner;
  const body = chance.oneIn(4) ? zip : broken(zip, chance);
  return reportOf(await target.post(posted(chance, { path: '/api/v1/upload', type: 'application/zip', body })));
}

const broken = (zip: Buffer, chance: Chance): Buffer =>
  mutated(zip, chance, chance.oneIn(2) ? { from: Math.max(0, zip.length - 200), head: 200 } : { head: 80 });

const service = (chance: Chance) => JSON.stringify(mutatedJson(orders.serviceRequest(), chance));

/** An order as FHIR or HL7. */
export async function order(chance: Chance, target: Target): Promise<string> {
  const fhir = chance.oneIn(2);
  const type = fhir ? 'application/fhir+json' : 'x-application/hl7-v2+er7';
  const given = fhir
    ? utf8(chance.oneIn(20) ? `{"resourceType":"Bundle","entry":${deep}}` : service(chance))
    : Buffer.from(chance.pick([orders.text(orders.orm()), orders.cyrillic(orders.omi)]));
  const body = fhir && !chance.oneIn(4) ? given : mutated(given, chance, { head: given.length });
  return nameOf(await target.post(posted(chance, { path: '/api/v1/orders', type, body })));
}

const queries = [
  'studies?PatientName=Zeb*&StudyDate=20200101-20301231&limit=20&offset=1&includefield=all&fuzzymatching=true',
  'studies?ModalitiesInStudy=CT%2CMR&00080020=-20260101&includefield=00081030,00080061',
  'studies/2.25.77002/series?Modality=SR&0040A730.0040A160=x',
  'instances?SOPInstanceUID=2.25.77001,2.25.77012&limit=5',
  'studies/2.25.77002/rendered?viewport=64,64,0,0,8,8&window=40,400,linear&quality=50',
  'wado-uri?requestType=WADO&studyUID=2.25.77002&seriesUID=2.25.77003&objectUID=2.25.77011&contentType=image/png&rows=9',
];

/** A search, or a question for a picture, whose URL is changed. */
export async function query(chance: Chance, target: Target): Promise<string> {
  const changed = mutated(utf8(chance.pick(queries)), chance, { head: 160 });
  const path = changed.toString('latin1').replace(/[^!-~]/g, encodeURIComponent);
  const { status, body } = await target.get(`/dicom-web/${path}`, chance.pick(['*/*', 'application/dicom+json']));
  if (status >= 500) throw new Error(`${path} answered ${status}: ${body.subarray(0, 300)}`);
  return String(status);
}
