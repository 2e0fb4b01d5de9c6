// Modality Performed Procedure Step as a provider (PS3.4 F.7): N-CREATE, N-SET.
import { must } from '../../protocol/errors.ts';
import type { Random } from '../../protocol/ports.ts';
import type { Acts } from '../audit/acts.ts';
import type { NormalizedAnswer, NormalizedService } from '../dicom/dimse/services.ts';
import { newUid } from '../dicom/write/new-uid.ts';
import type { PerformedSteps, SetOutcome } from './performed-steps.ts';

const performedProcedureStep = '1.2.840.10008.3.1.2.3.3';

const answers: Readonly<Record<SetOutcome, NormalizedAnswer>> = {
  changed: { status: 0x0000 },
  // attribute list error, a warning: what may not be changed was not
  partly: { status: 0x0107 },
  final: { status: 0x0110, errorComment: 'Performed Procedure Step Object may no longer be updated' },
};

export function performedStepService(parts: {
  readonly steps: Pick<PerformedSteps, 'create' | 'set'>;
  readonly random: Random;
  readonly acts: Pick<Acts, 'stepPerformed'>;
}): NormalizedService {
  const { steps, random, acts } = parts;
  return {
    sopClassUids: [performedProcedureStep],
    needs: 'worklist',
    create: async ({ sopInstanceUid = newUid(random), dataset = {}, caller }) => {
      await acts.stepPerformed(caller.aeTitle, 'create');
      await steps.create(sopInstanceUid, dataset);
      return { status: 0x0000, sopInstanceUid };
    },
    set: async ({ sopInstanceUid, dataset = {}, caller }) => {
      must(sopInstanceUid !== undefined, 'mpps/unknown');
      await acts.stepPerformed(caller.aeTitle, 'set');
      return { ...answers[await steps.set(sopInstanceUid, dataset)], sopInstanceUid };
    },
  };
}
