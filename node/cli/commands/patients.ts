// patients: the records here, and which of their studies nobody can find; patient link: adds an identifier by hand.
import type { Command } from 'commander';
import { type Patient, patients } from '../../api/patients.ts';
import { type DataOptions, dataLeaf, does, group, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { table, yesNo } from '../terminal.ts';
import { t } from '../text.ts';

/** A record's identifiers, for people. */
const identifiersOf = ({ identifiers }: Pick<Patient, 'identifiers'>): string =>
  identifiers.map(({ system, value }) => `${value} (${system})`).join(', ');

export function registerPatients(program: Command, run: Run): void {
  does<DataOptions>(run, dataLeaf(program, 'patients', 'patients.about'), async ({ options }) => {
    const answer = await withPeer(options.data, (peer) => Array.fromAsync(peer.rows(patients.list)));
    const rows = answer.map((each) => [each.id, identifiersOf(each), yesNo(each.findable), each.studies]);
    return { json: answer, human: () => table(t('patients.head'), rows) };
  });
}

interface LinkOptions extends DataOptions {
  readonly system: string;
  readonly value: string;
}

export function registerPatient(program: Command, run: Run): void {
  const command = dataLeaf(group(program, 'patient', 'patient.about'), 'link', 'patient.link.about')
    .argument('<id>')
    .requiredOption('--system <uri>', t('federation.create.system'))
    .requiredOption('--value <value>', t('option.patient'));
  does<LinkOptions>(run, command, async ({ args, options: { data, system, value } }) => {
    const linked = await withPeer(data, (peer) => peer.call(patients.link, { id: args[0]! }, { system, value }));
    return { json: linked, human: () => t('patient.link.done', { id: linked.id, identifiers: identifiersOf(linked) }) };
  });
}
