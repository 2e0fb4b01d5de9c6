// The way in: brings back what a crash cost the index, drops what it cut off, and takes in what comes.
import type { Acts } from '../../audit/acts.ts';
import { Recent } from '../../flow/recent.ts';
import type { Kv } from '../../store/kv.ts';
import type { StudyRecord } from '../../store/records.ts';
import type { Store } from '../../store/start.ts';
import type { MachineParts } from '../../system/parts.ts';
import { Aside } from './aside.ts';
import { Importer } from './importer.ts';
import type { PatientOptions } from './patients.ts';
import { replayPacks } from './replay.ts';
import type { Routes } from './routed.ts';

export interface ImportStartParts extends MachineParts {
  readonly config: { readonly patientId: PatientOptions; readonly storage: { readonly minFreeBytes: number } };
  readonly kv: Kv;
  readonly store: Store;
  readonly acts: Acts;
  /** Where an instance goes on to; absent when nothing is routed. */
  readonly routes: Routes | undefined;
  /** Told of a study when more of it has become visible. Cheap: called for every instance. */
  readonly arrived: (study: StudyRecord) => void;
}

/** One audit entry covers what comes of a study within this time: a CT has a thousand instances. */
const noteMs = 5 * 60_000;
const studiesNoted = 10_000;

export async function openImport(parts: ImportStartParts) {
  const { config, kv, acts, routes, bulk, clock, random, events, log } = parts;
  const { index, objects, additions, keys, packs, packed } = parts.store;
  const aside = new Aside({ kv, clock, random });
  const replayed = await replayPacks({ rows: packed, packs, index, additions, keys, aside, bulk });
  if (replayed > 0) log.info({ instances: replayed }, 'instances came back from their packs after a crash');
  // what a crash cut off in the middle of an import was never acknowledged; transfers' files, with a dash, go on
  for (const name of await objects.partials()) {
    if (!name.includes('-')) await (await objects.partial(name)).discard();
  }

  const noted = new Recent<string, true>({ most: studiesNoted, lasting: { ms: noteMs, clock } });
  const note = async (study: StudyRecord): Promise<void> => {
    if (noted.has(study.id)) return;
    await acts.imported(study);
    noted.set(study.id, true);
  };
  const importer = new Importer(
    { ...config.patientId, minFreeBytes: config.storage.minFreeBytes },
    {
      ...{ objects, index, additions, keys, aside, routes, bulk, clock, random },
      early: () => packs.early(),
      note,
      changed: (studyUid) => {
        const study = index.study(studyUid);
        if (study === undefined) return;
        parts.arrived(study);
        events.studyChanged(studyUid);
      },
    },
  );
  return { importer, aside };
}
