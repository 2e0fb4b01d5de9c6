// What becomes of objects that are kept aside: decided by a person, or taken in once more.
import type { Acts } from '../../audit/acts.ts';
import type { Index } from '../../store/index.ts';
import type { Kv } from '../../store/kv.ts';
import type { ObjectStore } from '../../store/objects.ts';
import type { Identifier } from '../../store/records.ts';
import type { StudyKeys } from '../../store/study-keys.ts';
import type { MachineParts } from '../../system/parts.ts';
import type { Aside } from '../import/aside.ts';
import type { Importer } from '../import/importer.ts';
import type { PatientOptions } from '../import/patients.ts';
import { AsideDecisions } from './decisions.ts';
import { PatientDecisions } from './patient-decisions.ts';
import { retryAside } from './retry.ts';

export interface AsideStartParts extends Pick<MachineParts, 'bulk' | 'clock' | 'random'> {
  readonly config: { readonly patientId: PatientOptions };
  readonly kv: Kv;
  readonly store: { readonly index: Index; readonly objects: ObjectStore; readonly keys: StudyKeys };
  readonly imports: { readonly importer: Importer; readonly aside: Aside };
  readonly acts: Acts;
  /** A patient's studies are others now. */
  readonly touch: (patient: string, formerly?: readonly Identifier[]) => void;
}

export function openAside({ config, kv, store, imports, acts, touch, bulk, clock, random }: AsideStartParts) {
  const parts = { ...store, ...imports, acts, bulk, clock, random };
  const moved = (from: string, to: string): void => {
    touch(from);
    touch(to);
  };
  return {
    decisions: new AsideDecisions(config.patientId, { ...parts, moved }),
    patients: new PatientDecisions({ ...parts, touch, bucket: kv.bucket('patientDecision') }),
    retryAside: (id: string) => retryAside(parts, id),
  };
}
