// patient link: adds an identifier to a record by hand.
import type { Command } from 'commander';
import { patients } from '../../api/patients.ts';
import { type DataOptions, dataLeaf, does, group, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { t } from '../text.ts';
import { identifiersOf } from './patients.ts';

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
