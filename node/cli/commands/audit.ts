// audit show and verify: what was done with patient data, and that nothing of it was changed.
import type { Command } from 'commander';
import { PeerError } from '../../../protocol/errors.ts';
import { audit as definitions } from '../../api/audit.ts';
import { patients } from '../../api/patients.ts';
import type { PeerClient } from '../client.ts';
import { type DataOptions, dataLeaf, does, group, type Run, whole } from '../command.ts';
import { withPeer } from '../running.ts';
import { t } from '../text.ts';

interface ShowOptions extends DataOptions {
  readonly patient?: string;
  readonly from?: number;
}

export function registerAudit(program: Command, run: Run): void {
  const audit = group(program, 'audit', 'audit.about');
  const list = dataLeaf(audit, 'show', 'audit.show.about')
    .option('--patient <id>', t('audit.patient'))
    .option('--from <number>', t('audit.from'), whole(0, 2 ** 31));
  does<ShowOptions>(run, list, async ({ options: { data, patient, from } }) => {
    const entries = await withPeer(data, async (peer) => {
      const id = patient === undefined ? undefined : await recordOf(peer, patient);
      return Array.fromAsync(peer.rows(definitions.list, { patient: id, from: from?.toString() }));
    });
    return { json: entries, human: () => entries.map((each) => JSON.stringify(each)).join('\n') };
  });
  does<DataOptions>(run, dataLeaf(audit, 'verify', 'audit.verify.about'), async ({ options }) => {
    const found = await withPeer(options.data, (peer) => peer.call(definitions.verify));
    const head = JSON.stringify(found.head);
    if (found.ok) return { json: found, human: () => t('audit.verify.ok', { ...found, head }) };
    return { json: found, failure: { code: 'audit/damaged', message: t('audit.verify.bad') } };
  });
}

/** The id of the record with this identifier. @throws PeerError patient/unknown */
async function recordOf(peer: PeerClient, patient: string): Promise<string> {
  if (/^[0-9a-f]{32}$/.test(patient)) return patient;
  for await (const { id, identifiers } of peer.rows(patients.list)) {
    if (identifiers.some(({ value }) => value === patient)) return id;
  }
  throw new PeerError('patient/unknown');
}
