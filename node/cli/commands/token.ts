// token create: for a program that calls the API.
import type { Command } from 'commander';
import { roles } from '../../api/roles.ts';
import { type DataOptions, dataLeaf, does, group, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { t } from '../text.ts';

interface TokenOptions extends DataOptions {
  readonly role: string;
  readonly name: string;
}

export function registerToken(program: Command, run: Run): void {
  const command = dataLeaf(group(program, 'token', 'token.about'), 'create', 'token.create.about')
    .requiredOption('--role <role>', roles.join(', '))
    .requiredOption('--name <name>', t('token.name'));
  does<TokenOptions>(run, command, async ({ options: { data, name, role } }) => {
    const made = await withPeer(data, (peer) => peer.post<{ token: string }>('/tokens', { name, role }));
    return { json: made, human: () => t('token.create.done', made) };
  });
}
