// user add: somebody who signs in.
import type { Command } from 'commander';
import { roles } from '../../api/roles.ts';
import { type DataOptions, dataLeaf, does, group, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { t } from '../text.ts';

export function registerUser(program: Command, run: Run): void {
  const command = dataLeaf(group(program, 'user', 'user.about'), 'add', 'user.add.about')
    .argument('<name>')
    .requiredOption('--role <role>', roles.join(', '));
  does<DataOptions & { role: string }>(run, command, async ({ args, options: { data, role } }) => {
    const user = await withPeer(data, (peer) =>
      peer.post<{ username: string; password: string }>('/users', { name: args[0], role }),
    );
    return { json: user, human: () => t('user.add.done', user) };
  });
}
