// user: people who sign in; token: what programs, and people who have signed in, call the API with.
import type { Command } from 'commander';
import { limits } from '../../../protocol/limits.ts';
import { accounts } from '../../api/accounts.ts';
import { type GivenRole, givenRoles } from '../../api/roles.ts';
import { type DataOptions, dataLeaf, does, group, type Run, roleOption, whole, wordOf } from '../command.ts';
import { withPeer } from '../running.ts';
import { moment, plain, table } from '../terminal.ts';
import { t } from '../text.ts';

interface UserOptions extends DataOptions {
  readonly role: GivenRole;
  readonly also?: readonly GivenRole[];
}

export function registerUser(program: Command, run: Run): void {
  const user = group(program, 'user', 'user.about');
  const role = wordOf(givenRoles);
  const add = dataLeaf(user, 'add', 'user.add.about')
    .argument('<name>')
    .addOption(roleOption())
    .option('--also <role...>', t('user.add.also'), (text, before: GivenRole[] = []) => [...before, role(text)]);
  does<UserOptions>(run, add, async ({ args, options: { data, ...given } }) => {
    const { role, also } = given;
    const made = await withPeer(data, (peer) => peer.call(accounts.createUser, {}, { name: args[0]!, role, also }));
    return { json: made, human: () => t('user.add.done', made) };
  });
  does<DataOptions>(run, dataLeaf(user, 'list', 'user.list.about'), async ({ options }) => {
    const all = await withPeer(options.data, (peer) => Array.fromAsync(peer.rows(accounts.users)));
    const rows = all.map(({ name, role, also = [], disabled }) => [
      ...[plain(name), [role, ...also].join(', '), disabled ? t('user.disabled') : ''],
    ]);
    return { json: all, human: () => table(t('user.head'), rows) };
  });
  registerStates(user, run);
}

function registerStates(user: Command, run: Run): void {
  const disable = dataLeaf(user, 'disable', 'user.disable.about').argument('<name>');
  does<DataOptions>(run, disable, async ({ args, options: { data } }) => {
    const name = args[0]!;
    const answer = await withPeer(data, (peer) => peer.call(accounts.disableUser, { name }));
    return { json: answer, human: () => t('user.disable.done', { name, ...answer }) };
  });
  const enable = dataLeaf(user, 'enable', 'user.enable.about').argument('<name>');
  does<DataOptions>(run, enable, async ({ args, options: { data } }) => {
    const answer = await withPeer(data, (peer) => peer.call(accounts.enableUser, { name: args[0]! }));
    return { json: answer, human: () => t('user.enable.done', answer) };
  });
  const password = dataLeaf(user, 'password', 'user.password.about').argument('<name>');
  does<DataOptions>(run, password, async ({ args, options: { data } }) => {
    const answer = await withPeer(data, (peer) => peer.call(accounts.resetPassword, { name: args[0]! }));
    return { json: answer, human: () => t('user.add.done', answer) };
  });
}

interface TokenOptions extends DataOptions {
  readonly role: GivenRole;
  readonly name: string;
  readonly days?: number;
}

export function registerToken(program: Command, run: Run): void {
  const token = group(program, 'token', 'token.about');
  const create = dataLeaf(token, 'create', 'token.create.about')
    .addOption(roleOption())
    .requiredOption('--name <name>', t('token.name'))
    .option('--days <days>', t('token.days'), whole(1, limits.tokenDays));
  does<TokenOptions>(run, create, async ({ options: { data, name, role, days } }) => {
    const made = await withPeer(data, (peer) => peer.call(accounts.createToken, {}, { name, role, days }));
    return { json: made, human: () => t('token.create.done', made) };
  });
  does<DataOptions>(run, dataLeaf(token, 'list', 'token.list.about'), async ({ options }) => {
    const all = await withPeer(options.data, (peer) => Array.fromAsync(peer.rows(accounts.tokens)));
    const rows = all.map(({ id, name, role, created, used, expires }) => [
      ...[id, plain(name), role, moment(created), used, expires === undefined ? '' : moment(expires)],
    ]);
    return { json: all, human: () => table(t('token.head'), rows) };
  });
  const end = dataLeaf(token, 'end', 'token.end.about').argument('<id>');
  does<DataOptions>(run, end, async ({ args, options: { data } }) => {
    const ended = await withPeer(data, (peer) => peer.call(accounts.endToken, { token: args[0]! }));
    return { json: ended, human: () => t('token.end.done', ended) };
  });
}
