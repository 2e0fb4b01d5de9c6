// audit show and verify: what was done with patient data, and that nothing of it was changed.
import type { Command } from 'commander';
import { PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { patients } from '../../api/patients.ts';
import type { PeerClient } from '../client.ts';
import { type DataOptions, dataLeaf, does, group, type Run, whole } from '../command.ts';
import { withPeer } from '../running.ts';
import { t } from '../text.ts';

interface ShowOptions extends DataOptions {
  readonly patient?: string;
  readonly from?: number;
}

interface Verified {
  readonly ok: boolean;
  readonly entries: number;
  readonly head: unknown;
}

export function registerAudit(program: Command, run: Run): void {
  const audit = group(program, 'audit', 'audit.about');
  const list = dataLeaf(audit, 'show', 'audit.show.about')
    .option('--patient <id>', t('audit.patient'))
    .option('--from <number>', t('audit.from'), whole(0, 2 ** 31));
  does<ShowOptions>(run, list, async ({ options: { data, patient, from } }) => {
    const entries = await withPeer(data, (peer) => show(peer, patient, from));
    return { json: entries, human: () => entries.map((each) => JSON.stringify(each)).join('\n') };
  });
  does<DataOptions>(run, dataLeaf(audit, 'verify', 'audit.verify.about'), async ({ options }) => {
    const found = await withPeer(options.data, (peer) => peer.get<Verified>('/audit/verify'));
    const head = typeof found.head === 'string' ? found.head : JSON.stringify(found.head);
    if (found.ok) return { json: found, human: () => t('audit.verify.ok', { ...found, head }) };
    return { json: found, failure: { code: 'audit/damaged', message: t('audit.verify.bad') } };
  });
}

interface ListedEntry {
  readonly index: number;
}

/** All entries, page by page. */
async function show(peer: PeerClient, patient: string | undefined, from = 0): Promise<ListedEntry[]> {
  const id = patient && (await recordOf(peer, patient));
  const all: ListedEntry[] = [];
  for (let next = from; ; next = all.at(-1)!.index + 1) {
    const page = await peer.get<ListedEntry[]>('/audit', { patient: id, from: String(next) });
    all.push(...page);
    if (page.length < limits.httpPageRows) return all;
  }
}

/** The id of the record with this identifier. @throws PeerError patient/unknown */
async function recordOf(peer: PeerClient, patient: string): Promise<string> {
  if (/^[0-9a-f]{32}$/.test(patient)) return patient;
  for await (const { id, identifiers } of peer.rows(patients.list)) {
    if (identifiers.some(({ value }) => value === patient)) return id;
  }
  throw new PeerError('patient/unknown');
}
