// user add: somebody who signs in.
import type { Command } from 'commander';
import { accounts } from '../../api/accounts.ts';
import type { Role } from '../../api/roles.ts';
import { type DataOptions, dataLeaf, does, group, type Run, roleOption } from '../command.ts';
import { withPeer } from '../running.ts';
import { t } from '../text.ts';

export function registerUser(program: Command, run: Run): void {
  const command = dataLeaf(group(program, 'user', 'user.about'), 'add', 'user.add.about')
    .argument('<name>')
    .addOption(roleOption());
  does<DataOptions & { role: Role }>(run, command, async ({ args, options: { data, role } }) => {
    const user = await withPeer(data, (peer) => peer.call(accounts.createUser, {}, { name: args[0]!, role }));
    return { json: user, human: () => t('user.add.done', user) };
  });
}
