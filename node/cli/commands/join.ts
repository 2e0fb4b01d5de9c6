// join: hands a roster file to the peer, whether it runs or not.
import type { Command } from 'commander';
import { limits } from '../../../protocol/limits.ts';
import { peer as definitions, type Joined } from '../../api/peer.ts';
import { readLimited } from '../../system/files.ts';
import { absolute, type DataOptions, dataLeaf, does, type Run } from '../command.ts';
import { runningPeer } from '../running.ts';
import { t } from '../text.ts';

export function registerJoin(program: Command, run: Run): void {
  const command = dataLeaf(program, 'join', 'join.about').argument('<roster>');
  does<DataOptions>(run, command, async ({ args, options }) => {
    const bundle = await readLimited(absolute(args[0]!), limits.bundleBytes);
    const { federation, number } = await join(options.data, bundle);
    const { federationFingerprint } = await import('../../../protocol/federation/join.ts');
    const human = () => t('join.done', { number, fingerprint: federationFingerprint(federation) });
    return { json: { federation, number }, human };
  });
}

async function join(dir: string, bundle: Uint8Array): Promise<Joined> {
  const peer = await runningPeer(dir);
  if (peer === undefined) {
    const { joinData } = await import('../../setup/join.ts');
    return joinData(dir, bundle);
  }
  try {
    return await peer.upload(definitions.join, bundle, definitions.join.body.types[0]);
  } finally {
    peer.close();
  }
}
