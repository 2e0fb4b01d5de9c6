// Files that are no DICOM made into proper objects of a chosen patient: documents and models encapsulated, pictures as
// Secondary Capture, videos as Video Photographic. The same file of the same patient gives the same SOP Instance UID,
// so that an upload that is repeated makes nothing twice.
import type { Bulk } from '../../../protocol/bulk.ts';
import { utf8 } from '../../../protocol/bytes.ts';
import { must } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Clock, Random } from '../../../protocol/ports.ts';
import { attribute, personName } from '../../dicom/model/attributes.ts';
import type { DicomJson } from '../../dicom/model/json.ts';
import { transferSyntax as layoutOf, uids } from '../../dicom/model/transfer-syntax.ts';
import { composeDataset, type LongValue } from '../../dicom/write/compose.ts';
import { encapsulate } from '../../dicom/write/encapsulate.ts';
import { type DocumentContext, documentAttributes } from '../../dicom/write/new-document.ts';
import { newUid } from '../../dicom/write/new-uid.ts';
import type { Index } from '../../store/index.ts';
import { isAnother } from '../../store/persons.ts';
import { dicomMoment } from '../../system/machine.ts';
import { type FileImported, receiveDataset } from '../import/from-file.ts';
import type { Importer } from '../import/importer.ts';
import { numberOf, type PatientOptions } from '../import/patients.ts';
import type { Spool } from './spool.ts';
import { jpegPicture, pngPicture, videoPicture, type WrappedImage } from './wrap-image.ts';

export type WrapKind = 'pdf' | 'stl' | 'jpeg' | 'png' | 'mp4';

/** As a person names a patient. */
export interface PatientChoice {
  /** The national identifier's system if absent. */
  readonly system?: string | undefined;
  readonly value: string;
  /** DICOM person name and `YYYYMMDD`, for a patient who is not known here yet. */
  readonly name?: string | undefined;
  readonly birthDate?: string | undefined;
  /** What the files are; of the study, and of each document. */
  readonly title?: string | undefined;
}

/** Whose the files of one upload are, and the one study that they become. */
export interface ChosenPatient {
  readonly identity: string;
  readonly patient: DicomJson;
  readonly study: DicomJson;
  readonly title: string;
  /** Series by modality: UID, number, and how many instances it has. */
  readonly series: Map<string, { readonly uid: string; readonly number: number; instances: number }>;
}

interface WrapOptions extends PatientOptions {
  /** The hospital's name. */
  readonly institution: string;
}

interface WrapParts {
  readonly importer: Importer;
  readonly index: Index;
  readonly bulk: Bulk;
  readonly clock: Clock;
  readonly random: Random;
}

/** A picture's or document's data set: short attributes, and the one long value. */
interface Wrapped {
  readonly json: DicomJson;
  readonly value: LongValue;
  readonly transferSyntax: string;
}

export class Wrapper {
  readonly #options: WrapOptions;
  readonly #parts: WrapParts;

  constructor(options: WrapOptions, parts: WrapParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** @throws PeerError import/patient-system, tags/identifier, tags/system, field/invalid */
  choose({ system = this.#options.defaultSystem, value, name, birthDate, title = '' }: PatientChoice): ChosenPatient {
    const { index, random, clock } = this.#parts;
    const id = numberOf(system, value).value;
    must(id.length <= 64, 'tags/identifier', { length: id.length });
    must(birthDate === undefined || /^\d{8}$/.test(birthDate), 'field/invalid', { at: 'birthDate' });
    must(name === undefined || (name.length <= 256 && !/[\\\p{Cc}]/u.test(name)), 'field/invalid', { at: 'name' });
    const known = index.patientsBy(system, id).find((each) => !isAnother({ name, birthDate }, each));
    const issuer = this.#issuerOf(system);
    const when = dicomMoment(clock.now());
    const called = known?.name ?? name;
    return {
      identity: `${system}|${id}`,
      title: title === '' ? 'Document' : title.slice(0, 64),
      patient: {
        ...(called !== undefined && { '00100010': attribute('PN', namedBy(called)) }),
        '00100020': attribute('LO', id),
        ...(issuer !== '' && { '00100021': attribute('LO', issuer) }),
        '00100030': attribute('DA', known?.birthDate ?? birthDate),
        '00100040': attribute('CS', known?.sex),
      },
      study: {
        '00080020': attribute('DA', when.date),
        '00080030': attribute('TM', when.time),
        ...(title !== '' && { '00081030': attribute('LO', title.slice(0, 64)) }),
        '0020000D': attribute('UI', newUid(random)),
      },
      series: new Map(),
    };
  }

  /** The longest file of a kind. */
  mostBytes(kind: WrapKind): number {
    return kind === 'mp4' ? 0xfffffffe : limits.wrapBytes;
  }

  /** Makes the object and imports it. @throws PeerError import/content, import/too-large, dicom/document, store/* */
  async wrap(kind: WrapKind, file: Spool, chosen: ChosenPatient, from: string): Promise<FileImported> {
    const { importer, index } = this.#parts;
    const sopInstanceUid = this.#uidOf(file, chosen.identity);
    const before = await index.instance(sopInstanceUid);
    const study = before && index.studyById(before.study);
    if (study !== undefined) return { outcome: 'duplicate', study: study.uid };
    const { json, value, transferSyntax } =
      kind === 'pdf' || kind === 'stl'
        ? await this.#document(kind, file, chosen)
        : this.#picture(await pictureOf(kind, file), file, chosen);
    const dataset = composeDataset({ ...json, '00080018': attribute('UI', sopInstanceUid) }, [value]);
    const received = await receiveDataset(importer, dataset, { transferSyntax, from });
    return received.finish();
  }

  async #document(kind: 'pdf' | 'stl', file: Spool, chosen: ChosenPatient): Promise<Wrapped> {
    const mime = kind === 'pdf' ? 'application/pdf' : 'model/stl';
    const bytes = await file.bytes();
    const context = this.#context(chosen, kind === 'pdf' ? 'DOC' : 'M3D');
    const { json } = encapsulate({ ...context, mime, bytes, title: chosen.title });
    const value: LongValue = { tag: '00420011', vr: 'OB', pieces: [pieceOf(file)], encapsulated: false };
    return { json, value, transferSyntax: uids.explicitLittleEndian };
  }

  #picture(picture: WrappedImage, file: Spool, chosen: ChosenPatient): Wrapped {
    const { sopClassUid, modality, transferSyntax, attributes, pixels, pixelVr } = picture;
    const context = this.#context(chosen, modality);
    const json = { ...documentAttributes(context, sopClassUid, modality), ...attributes };
    const piece = pixels === undefined ? pieceOf(file) : { length: pixels.length, bytes: () => one(pixels) };
    const { encapsulated } = layoutOf(transferSyntax);
    return { json, value: { tag: '7FE00010', vr: pixelVr, pieces: [piece], encapsulated }, transferSyntax };
  }

  #context(chosen: ChosenPatient, modality: string): DocumentContext {
    const { random, clock } = this.#parts;
    const { institution } = this.#options;
    const fresh = () => ({ uid: newUid(random), number: chosen.series.size + 1, instances: 0 });
    const series = chosen.series.get(modality) ?? fresh();
    series.instances += 1;
    chosen.series.set(modality, series);
    return {
      patient: chosen.patient,
      study: chosen.study,
      series: { uid: series.uid, number: series.number, description: chosen.title },
      instanceNumber: series.instances,
      equipment: { institution },
      when: dicomMoment(clock.now()),
      random,
    };
  }

  /** Of the file's content and whose it is. */
  #uidOf(file: Spool, identity: string): string {
    const digest = this.#parts.bulk.blake3Stream();
    digest.update(utf8(`dicomnet/1/wrapped ${identity} ${file.digest()}`));
    const hash = digest.digest();
    return newUid((length) => hash.subarray(0, length));
  }

  /** What stands as Issuer of Patient ID for a system, so that it is understood as that system when it is read. */
  #issuerOf(system: string): string {
    const { issuers } = this.#options;
    const named = Object.entries(issuers).find(([, each]) => each === system)?.[0];
    if (named !== undefined) return named;
    if (system === 'urn:dicomnet:local' && issuers[''] === undefined) return '';
    const local = /^urn:dicomnet:local:(.{1,64})$/.exec(system)?.[1];
    must(local !== undefined && issuers[local] === undefined, 'import/patient-system');
    return local;
  }
}

const pictureOf = (kind: Exclude<WrapKind, 'pdf' | 'stl'>, file: Spool): Promise<WrappedImage> =>
  kind === 'jpeg' ? jpegPicture(file) : kind === 'png' ? pngPicture(file) : videoPicture(file);

const pieceOf = (file: Spool) => ({ length: file.length, bytes: () => file.read() });

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The component groups of a name as the record keeps it. */
function namedBy(text: string) {
  const [alphabetic = '', ideographic, phonetic] = text.split('=');
  return {
    ...personName(alphabetic),
    ...(ideographic && { Ideographic: ideographic }),
    ...(phonetic && { Phonetic: phonetic }),
  };
}
