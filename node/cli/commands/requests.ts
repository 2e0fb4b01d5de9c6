// requests: what was asked of us, and what we asked; approve and deny: a person's decision on what came in.
import type { Command } from 'commander';
import { requests } from '../../api/requests.ts';
import { type DataOptions, dataLeaf, does, type Outcome, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { moment, table } from '../terminal.ts';
import { t, word } from '../text.ts';

interface Directions extends DataOptions {
  readonly in?: boolean;
  readonly out?: boolean;
}

export function registerRequests(program: Command, run: Run): void {
  const command = dataLeaf(program, 'requests', 'requests.about')
    .option('--in', t('requests.in'))
    .option('--out', t('requests.out'));
  does<Directions>(run, command, async ({ options }) => {
    const direction = options.in === options.out ? undefined : options.in === true ? 'in' : 'out';
    const answer = await withPeer(options.data, (peer) => Array.fromAsync(peer.rows(requests.list, { direction })));
    const rows = answer.map((each) => [
      ...[each.id, word(each.direction), each.name, word(each.state), each.purpose],
      ...[each.reason, each.practitioner?.name, moment(each.at)],
    ]);
    return { json: answer, human: () => table(t('requests.head'), rows) };
  });
}

export function registerApprove(program: Command, run: Run): void {
  const command = dataLeaf(program, 'approve', 'approve.about').argument('<id>');
  does<DataOptions>(run, command, async ({ args, options: { data } }) =>
    shown(await withPeer(data, (peer) => peer.call(requests.approve, { id: args[0]! }))),
  );
}

export function registerDeny(program: Command, run: Run): void {
  const command = dataLeaf(program, 'deny', 'deny.about')
    .argument('<id>')
    .requiredOption('--reason <text>', t('option.reason'));
  does<DataOptions & { reason: string }>(run, command, async ({ args, options: { data, reason } }) =>
    shown(await withPeer(data, (peer) => peer.call(requests.deny, { id: args[0]! }, { reason }))),
  );
}

const shown = (decided: { id: string; state: string }): Outcome => ({
  json: decided,
  human: () => t('request.done', { id: decided.id, state: word(decided.state) }),
});
