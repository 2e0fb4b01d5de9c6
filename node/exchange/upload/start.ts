// Where uploads go: what wraps pictures and documents, and what takes a body apart.
import type { Index } from '../../store/index.ts';
import type { ObjectStore } from '../../store/objects.ts';
import type { MachineParts } from '../../system/parts.ts';
import type { Importer } from '../import/importer.ts';
import type { PatientOptions } from '../import/patients.ts';
import { Intake } from './upload.ts';
import { type PatientChoice, Wrapper } from './wrap.ts';

export interface UploadStartParts extends Pick<MachineParts, 'bulk' | 'clock' | 'random'> {
  readonly config: {
    readonly name: string;
    readonly patientId: PatientOptions;
    readonly storage: { readonly minFreeBytes: number };
  };
  readonly index: Index;
  readonly objects: ObjectStore & { freshName(): string };
  readonly importer: Importer;
}

export function openUploads({ config, index, objects, importer, bulk, clock, random }: UploadStartParts) {
  const spool = { objects, bulk, random };
  const { minFreeBytes } = config.storage;
  const wrapper = new Wrapper(
    { ...config.patientId, institution: config.name },
    { importer, index, bulk, random, clock },
  );
  return {
    spool,
    choosePatient: (choice: PatientChoice) => wrapper.choose(choice),
    intake: (from: string) => new Intake({ from, minFreeBytes }, { ...spool, importer, wrapper }),
  };
}
