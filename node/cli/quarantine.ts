// quarantine list, show and retry: what came in and could not be taken.
import type { Command } from 'commander';
import { type DataOptions, dataLeaf, does, group, type Run } from './command.ts';
import { withPeer } from './running.ts';
import { moment, size, table } from './terminal.ts';
import { t } from './text.ts';

interface Kept {
  readonly id: string;
  readonly kind: string;
  readonly reason: string;
  readonly bytes: number;
  readonly at: number;
}

const at = (id: string): string => `/quarantine/${encodeURIComponent(id)}`;

export function registerQuarantine(program: Command, run: Run): void {
  const quarantine = group(program, 'quarantine', 'quarantine.about');
  does<DataOptions>(run, dataLeaf(quarantine, 'list', 'quarantine.list.about'), async ({ options }) => {
    const answer = await withPeer(options.data, (peer) => peer.get<Kept[]>('/quarantine'));
    const rows = answer.map((each) => [...[each.id, each.kind, each.reason, size(each.bytes), moment(each.at)]]);
    return { json: answer, human: () => table(t('quarantine.head'), rows) };
  });
  const show = dataLeaf(quarantine, 'show', 'quarantine.show.about').argument('<id>');
  does<DataOptions>(run, show, async ({ args, options }) => {
    const answer = await withPeer(options.data, (peer) => peer.get(at(args[0]!)));
    return { json: answer, human: () => JSON.stringify(answer, null, 2) };
  });
  const retry = dataLeaf(quarantine, 'retry', 'quarantine.retry.about').argument('<id>');
  does<DataOptions>(run, retry, async ({ args, options }) => {
    const answer = await withPeer(options.data, (peer) => peer.post<{ outcome?: string }>(`${at(args[0]!)}/retry`));
    return { json: answer, human: () => t('quarantine.retry.done', { id: args[0], outcome: answer.outcome }) };
  });
}
