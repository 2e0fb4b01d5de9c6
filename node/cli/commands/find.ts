// find: which hospitals have what of a patient.
import type { Command } from 'commander';
import { type FindQuery, type FindResult, find } from '../../api/find.ts';
import { type DataOptions, dataLeaf, does, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { size, table } from '../terminal.ts';
import { t, word } from '../text.ts';

interface FindOptions extends DataOptions {
  readonly patient: string;
  readonly system?: string;
  readonly purpose: FindQuery['purpose'];
  readonly reason: string;
}

/** Options that say which patient, and for what. A reason that nobody gave is recorded as just that. */
export const patientOptions = (command: Command): Command =>
  command
    .requiredOption('--patient <value>', t('option.patient'))
    .option('--system <uri>', t('option.system'))
    .option('--purpose <code>', t('option.purpose'), 'TREAT')
    .option('--reason <text>', t('option.reason'), 'not stated');

export function registerFind(program: Command, run: Run): void {
  const command = patientOptions(dataLeaf(program, 'find', 'find.about'));
  does<FindOptions>(run, command, async ({ options }) => {
    const { patient: value, system, purpose, reason } = options;
    const query = { system, value, purpose, reason };
    const found = await withPeer(options.data, (peer) => peer.call(find.find, {}, query));
    return { json: found, human: () => shown(found) };
  });
}

function shown({ hospitals, complete, unreachable, ms }: FindResult): string {
  const rows = hospitals.flatMap(({ name, state, studies }) =>
    studies.length === 0
      ? [[name, word(state)]]
      : studies.map((each) => [
          ...[name, word(state), each.date, each.modalities.join(' '), each.description ?? each.bodyPart],
          ...[each.instances, size(each.bytes), each.ref],
        ]),
  );
  const list = rows.length === 0 ? t('find.none') : table(t('find.head'), rows);
  return `${list}\n${t(complete ? 'find.complete' : 'find.incomplete', { ms, unreachable: unreachable.join(', ') })}`;
}
