// patients: the records here, and which of their studies nobody can find; patient link: adds an identifier by hand;
// patient merge, apart, wrong-number, undo: who somebody is whose number another one has.
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
    const rows = answer.map((each) => [
      each.id,
      identifiersOf(each),
      yesNo(each.findable),
      each.studies,
      each.doubt?.with ?? '',
    ]);
    return { json: answer, human: () => table(t('patients.head'), rows) };
  });
}

interface LinkOptions extends DataOptions {
  readonly system: string;
  readonly value: string;
}

export function registerPatient(program: Command, run: Run): void {
  const patient = group(program, 'patient', 'patient.about');
  registerLink(patient, run);
  for (const [name, route] of Object.entries(decisions)) {
    const command = dataLeaf(patient, name, `patient.${name as keyof typeof decisions}.about`).argument('<id>');
    does<DataOptions>(run, command, async ({ args, options }) => {
      const left = await withPeer(options.data, (peer) => peer.call(route, { id: args[0]! }));
      return { json: left, human: () => t('patient.link.done', { id: left.id, identifiers: identifiersOf(left) }) };
    });
  }
}

/** What is decided where two persons have the same number. */
const decisions = {
  ...{ merge: patients.merge, apart: patients.apart, 'wrong-number': patients.wrongNumber, undo: patients.undo },
};

function registerLink(patient: Command, run: Run): void {
  const command = dataLeaf(patient, 'link', 'patient.link.about')
    .argument('<id>')
    .requiredOption('--system <uri>', t('federation.create.system'))
    .requiredOption('--value <value>', t('option.patient'));
  does<LinkOptions>(run, command, async ({ args, options: { data, system, value } }) => {
    const linked = await withPeer(data, (peer) => peer.call(patients.link, { id: args[0]! }, { system, value }));
    return { json: linked, human: () => t('patient.link.done', { id: linked.id, identifiers: identifiersOf(linked) }) };
  });
}
