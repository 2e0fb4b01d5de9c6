// patients: the records here, and which of their studies nobody can find.
import type { Command } from 'commander';
import { type Patient, patients } from '../../api/patients.ts';
import { type DataOptions, dataLeaf, does, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { table, yesNo } from '../terminal.ts';
import { t } from '../text.ts';

/** A record's identifiers, for people. */
export const identifiersOf = ({ identifiers }: Pick<Patient, 'identifiers'>): string =>
  identifiers.map(({ system, value }) => `${value} (${system})`).join(', ');

export function registerPatients(program: Command, run: Run): void {
  does<DataOptions>(run, dataLeaf(program, 'patients', 'patients.about'), async ({ options }) => {
    const answer = await withPeer(options.data, (peer) => Array.fromAsync(peer.rows(patients.list)));
    const rows = answer.map((each) => [each.id, identifiersOf(each), yesNo(each.findable), each.studies]);
    return { json: answer, human: () => table(t('patients.head'), rows) };
  });
}
