// A DICOM archive for other programs to talk to: real stores in a fresh folder, the DIMSE server with all its services,
// and some studies of made-up patients.
import { execFile } from 'node:child_process';
import type { Guard } from '../../node/access/guard.ts';
import { studyReader } from '../../node/access/study-reader.ts';
import { actsOver } from '../../node/audit/acts.ts';
import { DimseServer, type DimseServerOptions } from '../../node/dicom/dimse/scp/server.ts';
import type { DicomJson, JsonAttribute } from '../../node/dicom/model/json.ts';
import { writePart10 } from '../../node/dicom/write/write-part10.ts';
import { storeInto } from '../../node/exchange/import/from-dimse.ts';
import { importFile } from '../../node/exchange/import/from-file.ts';
import { dicomServices } from '../../node/pacs/dicom-services.ts';
import { Remotes } from '../../node/pacs/remotes.ts';
import type { Config } from '../../node/setup/config.ts';
import { Events } from '../../node/system/events.ts';
import { systemClock, systemRandom, systemTimers, type Timers } from '../../node/system/machine.ts';
import { must } from '../../protocol/errors.ts';
import { recordingLog } from '../node/hospitals.ts';
import { freshDir, openStores, removeDir } from '../node/stores.ts';

export interface Instance {
  readonly patientId: string;
  readonly name: string;
  readonly study: string;
  readonly series: string;
  readonly uid: string;
  readonly modality: 'CT' | 'MR';
  readonly number: number;
  readonly date: string;
}

const classes = { CT: '1.2.840.10008.5.1.4.1.1.2', MR: '1.2.840.10008.5.1.4.1.1.4' } as const;

export const sopClassOf = ({ modality }: Instance): string => classes[modality];

const plan = [
  { patientId: '2003000000001', name: 'Ionescu^Ștefan', modality: 'CT', date: '20240110', series: 2, instances: 3 },
  { patientId: '2003000000001', name: 'Ionescu^Ștefan', modality: 'MR', date: '20250305', series: 1, instances: 2 },
  { patientId: '2003000000002', name: 'Мунтяну^Ион', modality: 'CT', date: '20250612', series: 1, instances: 1 },
  { patientId: '2003000000003', name: 'Popa^Maria', modality: 'MR', date: '20260101', series: 1, instances: 1 },
] as const;

/** All instances of the archive: four studies, three patients, ten instances. */
export const instances: readonly Instance[] = plan.flatMap((study, s) =>
  Array.from({ length: study.series }, (_, r) =>
    Array.from({ length: study.instances }, (_, i) => ({
      ...{ patientId: study.patientId, name: study.name, modality: study.modality, date: study.date },
      ...{ study: `1.2.826.0.1.${s + 1}`, series: `1.2.826.0.1.${s + 1}.${r + 1}`, number: i + 1 },
      uid: `1.2.826.0.1.${s + 1}.${r + 1}.${i + 1}`,
    })),
  ).flat(),
);

const one = (vr: string, value: string | number): JsonAttribute => ({ vr, Value: [value] }) as JsonAttribute;

/** The file of an instance. @param pixels bytes of pixel data */
export function fileOf(instance: Instance, pixels = 2048): Uint8Array {
  const json: DicomJson = {
    '00080016': one('UI', sopClassOf(instance)),
    '00080018': one('UI', instance.uid),
    '00080020': one('DA', instance.date),
    '00080030': one('TM', '101500'),
    '00080050': one('SH', `A${instance.study.slice(-1)}`),
    '00080060': one('CS', instance.modality),
    '00081030': one('LO', `${instance.modality} study`),
    '00100010': { vr: 'PN', Value: [{ Alphabetic: instance.name }] },
    '00100020': one('LO', instance.patientId),
    '00100030': one('DA', '19800101'),
    '0020000D': one('UI', instance.study),
    '0020000E': one('UI', instance.series),
    '00200011': one('IS', Number(instance.series.slice(-1))),
    '00200013': one('IS', instance.number),
    '00280002': one('US', 1),
    '00280004': one('CS', 'MONOCHROME2'),
    '00280010': one('US', 32),
    '00280011': one('US', pixels / 64),
    '00280100': one('US', 16),
    '00280101': one('US', 16),
    '00280102': one('US', 15),
    '00280103': one('US', 0),
    '7FE00010': { vr: 'OW', BulkDataURI: 'pixels' },
  };
  return writePart10(json, { bulk: () => new Uint8Array(pixels).fill(instance.number) });
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

type Remote = NonNullable<Config['dimse']['remotes']>[number];

interface Setting {
  readonly remotes?: readonly Remote[];
  readonly timers?: Timers;
}

export async function startArchive(
  options: Partial<DimseServerOptions> = {},
  { remotes = [], timers = systemTimers }: Setting = {},
) {
  const dir = await freshDir();
  const stores = await openStores(dir);
  const lines: string[] = [];
  const log = recordingLog(lines);
  const audited: Record<string, unknown>[] = [];
  const acts = actsOver({ append: async (entry) => ({ index: audited.push(entry) }) });
  const guard = {
    view: async (uid: string, person: object, kind: string) => {
      const study = stores.index.study(uid);
      must(study !== undefined, 'http/not-found');
      audited.push({ kind, person, study: uid });
      return studyReader(study, stores);
    },
  };
  const events = new Events({ log });
  const nodes = new Remotes({ aeTitle: 'PEER', port: 0, remotes: [...remotes] }, { timers: systemTimers, log });
  const { services, commitment } = dicomServices({
    ...{ index: stores.index, guard: guard as unknown as Guard, acts },
    ...{ kv: stores.kv, objects: stores.objects, remotes: nodes, log },
    ...{ clock: systemClock, random: systemRandom, timers },
  });
  await commitment.start();
  const server = new DimseServer(
    { host: '127.0.0.1', port: 0, aeTitle: 'PEER', ...options },
    { log, timers: systemTimers, store: storeInto(stores.importer, events), services },
  );
  const { port } = await server.listen();
  return {
    ...{ dir, port, stores, audited, lines, server, commitment },
    add: async (all: readonly Instance[], pixels?: number) => {
      for (const instance of all) {
        const imported = await importFile(stores.importer, once(fileOf(instance, pixels)), 'test');
        if (imported.outcome !== 'imported') throw new Error(`${instance.uid}: ${imported.outcome}`);
      }
    },
    close: async () => {
      await server.close();
      await commitment.stop();
      await stores.kv.close();
      await removeDir(dir);
    },
  };
}

export type Archive = Awaited<ReturnType<typeof startArchive>>;

/** Runs a program to its end. */
export const run = (program: string, args: string[], cwd?: string): Promise<{ code: number; output: string }> =>
  new Promise((done) => {
    const env = { ...process.env, TCP_NODELAY: '1' };
    execFile(program, args, { env, cwd, timeout: 20_000 }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, output: stdout + stderr }),
    );
  });
