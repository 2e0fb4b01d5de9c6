// approve and deny: a person's decision on a request that came in.
import type { Command } from 'commander';
import { type DataOptions, dataLeaf, does, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { state, t } from '../text.ts';

interface Decided {
  readonly id: string;
  readonly state: string;
}

const decide = async (data: string, id: string, decision: 'approve' | 'deny', body: object) => {
  const path = `/requests/${encodeURIComponent(id)}/${decision}`;
  const decided = await withPeer(data, (peer) => peer.post<Decided>(path, body));
  return { json: decided, human: () => t('request.done', { id: decided.id, state: state(decided.state) }) };
};

export function registerApprove(program: Command, run: Run): void {
  const command = dataLeaf(program, 'approve', 'approve.about').argument('<id>');
  does<DataOptions>(run, command, ({ args, options }) => decide(options.data, args[0]!, 'approve', {}));
}

export function registerDeny(program: Command, run: Run): void {
  const command = dataLeaf(program, 'deny', 'deny.about')
    .argument('<id>')
    .requiredOption('--reason <text>', t('option.reason'));
  does<DataOptions & { reason: string }>(run, command, ({ args, options: { data, reason } }) =>
    decide(data, args[0]!, 'deny', { reason }),
  );
}
