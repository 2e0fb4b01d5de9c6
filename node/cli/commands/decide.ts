// approve and deny: a person's decision on a request that came in.
import type { Command } from 'commander';
import { requests } from '../../api/requests.ts';
import { type DataOptions, dataLeaf, does, type Outcome, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { t, word } from '../text.ts';

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
