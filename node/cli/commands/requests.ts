// requests: what was asked of us, and what we asked.
import type { Command } from 'commander';
import { type DataOptions, dataLeaf, does, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { moment, table } from '../terminal.ts';
import { state, t } from '../text.ts';

/** A request as the API shows it. */
export interface RequestView {
  readonly id: string;
  readonly direction: string;
  readonly name: string;
  readonly state: string;
  readonly purpose: string;
  readonly reason: string;
  readonly practitioner?: { readonly name: string };
  readonly at: number;
  readonly code?: string;
  readonly transfer?: string;
}

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
    const answer = await withPeer(options.data, (peer) => peer.get<RequestView[]>('/requests', { direction }));
    const rows = answer.map((each) => [
      ...[each.id, state(each.direction), each.name, state(each.state), each.purpose],
      ...[each.reason, each.practitioner?.name, moment(each.at)],
    ]);
    return { json: answer, human: () => table(t('requests.head'), rows) };
  });
}
