// A peer's index of many studies, written through the real index: what searching is measured on.
import { join } from 'node:path';
import { readDataset } from '../../node/dicom/read/read-dataset.ts';
import { openData } from '../../node/setup/data-folder.ts';
import { Additions } from '../../node/store/additions.ts';
import { Index } from '../../node/store/index.ts';
import type { NewInstance } from '../../node/store/new-instance.ts';
import { openPackFiles } from '../../node/store/packs/pack-files.ts';
import { PackNumbers } from '../../node/store/packs/pack-numbers.ts';
import { PackedRows } from '../../node/store/packs/packed-rows.ts';
import { Packs } from '../../node/store/packs/packs.ts';
import { nativeBulk } from '../../node/system/bulk.ts';
import { utf8 } from '../../protocol/bytes.ts';
import { markedStudy, type SyntheticInstance } from '../../sim/studies/studies.ts';

export const instancesEach = 20;
const seriesEach = 2;
/** A patient has so many studies. */
const studiesEach = 3;

const families = `Ababii Balan Bejenaru Botnaru Bîrcă Caraman Ceban Cebotari Ciobanu Cojocaru Covalciuc Croitoru Dabija
  Donțu Florea Frunză Galben Gheorghiță Grosu Guțu Ionescu Josan Lungu Lupașcu Malai Mîndru Moraru Munteanu Negruță
  Olaru Plăcintă Popa Popescu Postică Rotaru Rusu Sandu Sîrbu Spînu Ștefănescu Țurcanu Ungureanu Ursu Vieru Zgardan
  Ковальчук Мельник Бондаренко Шевченко Иванов Петров Сидоров`.split(/\s+/);
const givens = `Ana Andrei Alexandru Cristina Daniela Doina Elena Gheorghe Ion Ilie Lidia Maria Mihai Natalia Nicolae
  Olga Petru Radu Sergiu Ștefan Tatiana Valentina Vasile Victor Сергей Юлия Ольга`.split(/\s+/);
const modalities = ['CT', 'MR', 'CR', 'US', 'DX', 'MG', 'XA', 'NM'];

/** A number below `below` that looks random and is the same for the same `n`. */
const mixed = (n: number, salt: number, below: number): number =>
  ((Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b)) >>> 0) % below;
const from = <T>(list: readonly T[], n: number, salt: number): T => list[mixed(n, salt, list.length)]!;
const two = (n: number): string => String(n).padStart(2, '0');

export interface Described {
  readonly patient: { readonly id: string; readonly name: string; readonly birthDate: string; readonly sex: 'M' | 'F' };
  readonly studyUid: string;
  readonly date: string;
  readonly accession: string;
  readonly modality: string;
}

/** The n-th study. */
export function described(n: number): Described {
  const p = Math.floor(n / studiesEach);
  return {
    patient: {
      id: String(2_000_000_000_000 + p * 7),
      name: `${from(families, p, 1)}^${from(givens, p, 2)}${mixed(p, 8, 4) === 0 ? `^${from(givens, p, 9)}` : ''}`,
      birthDate: `${1930 + mixed(p, 3, 90)}${two(1 + mixed(p, 4, 12))}${two(1 + mixed(p, 5, 28))}`,
      sex: mixed(p, 6, 2) === 0 ? 'F' : 'M',
    },
    studyUid: `1.2.826.0.1.3680043.10.1.${n + 1}`,
    date: `${2016 + mixed(n, 10, 10)}${two(1 + mixed(n, 11, 12))}${two(1 + mixed(n, 12, 28))}`,
    accession: `A${String(n).padStart(8, '0')}`,
    modality: from(modalities, n, 13),
  };
}

/** The n-th study as one small CT instance, for programs that are filled over the network. */
export function describedInstance(n: number): SyntheticInstance {
  const { patient, date } = described(n);
  const [instance] = markedStudy({ seed: n, patient, instances: 1, bytesEach: 1024, date });
  return instance!;
}

/** Fills the index of a peer that isn't running with so many studies. */
export async function fillIndex(dir: string, studies: number): Promise<void> {
  const { kv, vault } = await openData(dir);
  const files = await openPackFiles(join(dir, 'packs'));
  const packs = new Packs({ files, numbers: await PackNumbers.open(kv, files), sealer: vault, bulk: nativeBulk });
  const index = new Index({ kv, vault });
  await addStudies(new Additions({ index, kv, vault, packed: new PackedRows({ packs, kv }) }), studies);
  await packs.close();
  await kv.close();
}

/** Adds so many studies of 20 instances each, 200 studies a write. */
export async function addStudies(additions: Additions, studies: number): Promise<void> {
  const header = typicalHeader();
  const together = 200;
  for (let n = 0; n < studies; n += together) {
    const group = Array.from({ length: Math.min(together, studies - n) }, (_, i) => n + i);
    const added = await Promise.all(
      group.flatMap((each) => instancesOf(each, header)).map((each) => additions.add(each, async () => undefined)),
    );
    if (added.some((each) => each !== 'imported' && each !== 'duplicate')) throw new Error('an instance was not added');
  }
}

/** What a CT's header has, without its UIDs. */
function typicalHeader(): string {
  const { dataset, transferSyntax } = describedInstance(0);
  const { '00080018': _, ...json } = readDataset(dataset, transferSyntax);
  return JSON.stringify(json).slice(1);
}

const hexOf = (n: number, kind: string): string => `${kind}${n.toString(16).padStart(31, '0')}`;

function instancesOf(n: number, header: string): NewInstance[] {
  const { patient, studyUid, date, accession, modality } = described(n);
  const { id, ...person } = patient;
  const at = 1_700_000_000_000 + n;
  const times = { date, time: `${two(7 + mixed(n, 14, 12))}${two(mixed(n, 15, 60))}00` };
  const study = {
    ...{ id: hexOf(mixed(n, 20, 2 ** 32) * 2 ** 20 + n, '1'), ref: hexOf(n, '2'), uid: studyUid, ...times, accession },
    ...{ description: `${modality} ${from(['torace', 'abdomen', 'craniu', 'genunchi'], n, 16)}`, studyId: String(n) },
    ...{ referring: `${from(families, n, 17)}^${from(givens, n, 18)}`, origin: 'origin' as const },
    ...{ received: at, changed: at },
  };
  return Array.from({ length: instancesEach }, (_, i): NewInstance => {
    const number = 1 + (i % seriesEach);
    const seriesUid = `${studyUid}.${number}`;
    const sopInstanceUid = `${seriesUid}.${i}`;
    const classes = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', transferSyntax: '1.2.840.10008.1.2.1' };
    return {
      patient: {
        id: hexOf(Math.floor(n / studiesEach), '3'),
        identifiers: [{ system: 'urn:oid:2.16.498.1', value: id, status: 'checked' }],
        ...person,
      },
      study,
      series: { uid: seriesUid, modality, number, description: `serie ${number}`, bodyPart: 'CHEST', station: 'CT1' },
      instance: {
        ...{ sopInstanceUid, ...classes, seriesUid, study: study.id, generation: 1 },
        ...{ objectId: hexOf(n * instancesEach + i, '4').repeat(2), sealedLength: 525_000, plainLength: 524_288 },
        ...{ datasetOffset: 340, digest: hexOf(n * instancesEach + i, '5').repeat(2) },
        frames: { kind: 'native', offset: 1200, frameBits: 4_194_304, count: 1 },
        ...{ number: i + 1, rows: 512, columns: 512, received: at },
      },
      header: utf8(`{"00080018":{"vr":"UI","Value":["${sopInstanceUid}"]},${header}`),
      also: [],
    };
  });
}
