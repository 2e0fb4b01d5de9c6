// user add: somebody who signs in; token create: for a program that calls the API.
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

interface TokenOptions extends DataOptions {
  readonly role: Role;
  readonly name: string;
}

export function registerToken(program: Command, run: Run): void {
  const command = dataLeaf(group(program, 'token', 'token.about'), 'create', 'token.create.about')
    .addOption(roleOption())
    .requiredOption('--name <name>', t('token.name'));
  does<TokenOptions>(run, command, async ({ options: { data, name, role } }) => {
    const made = await withPeer(data, (peer) => peer.call(accounts.createToken, {}, { name, role }));
    return { json: made, human: () => t('token.create.done', made) };
  });
}
