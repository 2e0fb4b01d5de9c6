// audit show and verify: what was done with patient data, and that nothing of it was changed.
import type { Command } from 'commander';
import { type DataOptions, dataLeaf, does, group, type Run } from './command.ts';
import { withPeer } from './running.ts';
import { t } from './text.ts';

interface ShowOptions extends DataOptions {
  readonly patient?: string;
  readonly from?: string;
}

interface Verified {
  readonly ok: boolean;
  readonly entries: number;
  readonly head: unknown;
}

export function registerAudit(program: Command, run: Run): void {
  const audit = group(program, 'audit', 'audit.about');
  const show = dataLeaf(audit, 'show', 'audit.show.about')
    .option('--patient <value>', t('option.patient'))
    .option('--from <date>', t('audit.from'));
  does<ShowOptions>(run, show, async ({ options: { data, patient, from } }) => {
    const answer = await withPeer(data, (peer) => peer.get<unknown[]>('/audit', { patient, from }));
    return { json: answer, human: () => JSON.stringify(answer, null, 2) };
  });
  does<DataOptions>(run, dataLeaf(audit, 'verify', 'audit.verify.about'), async ({ options }) => {
    const found = await withPeer(options.data, (peer) => peer.get<Verified>('/audit/verify'));
    const head = typeof found.head === 'string' ? found.head : JSON.stringify(found.head);
    if (found.ok) return { json: found, human: () => t('audit.verify.ok', { ...found, head }) };
    return { json: found, failure: { code: 'audit/damaged', message: t('audit.verify.bad') } };
  });
}
