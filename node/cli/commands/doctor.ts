// doctor: what is wrong with this peer, and what to do about it.
import type { Command } from 'commander';
import { PeerError } from '../../../protocol/errors.ts';
import { type Check, peer as definitions } from '../../api/peer.ts';
import { type DataOptions, dataLeaf, does, type Run } from '../command.ts';
import { failureOf } from '../failure.ts';
import { withPeer } from '../running.ts';
import { table, yesNo } from '../terminal.ts';
import { t } from '../text.ts';

export function registerDoctor(program: Command, run: Run): void {
  does<DataOptions>(run, dataLeaf(program, 'doctor', 'doctor.about'), async ({ options }) => {
    const { checks } = await examine(options.data);
    const rows = checks.map(({ name, ok, advice }) => [nameOf(name), yesNo(ok), advice]);
    return { json: { checks }, human: () => table(t('doctor.head'), rows) };
  });
}

const names = ['running', 'ports', 'clock', 'disk', 'roster', 'reachability', 'keepers', 'records'] as const;

/** A check's name in this language; that of a newer peer as it is. */
function nameOf(name: string): string {
  const known = names.find((each) => each === name);
  return known === undefined ? name : t(`doctor.${known}`);
}

/** That it does not run is a finding too. */
async function examine(dir: string): Promise<{ checks: readonly Check[] }> {
  try {
    return await withPeer(dir, (peer) => peer.call(definitions.doctor));
  } catch (error) {
    if (!(error instanceof PeerError && error.code === 'peer/not-running')) throw error;
    return { checks: [{ name: 'running', ok: false, advice: failureOf(error).message }] };
  }
}
