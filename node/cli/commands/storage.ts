// storage: the folders that a peer stores in. adopt takes over what has lost its mark; the peer must be stopped.
import { Argument, type Command } from 'commander';
import type { StoreFolder } from '../../setup/marks.ts';
import { type DataOptions, dataLeaf, does, group, type Run } from '../command.ts';
import { t } from '../text.ts';

interface AdoptOptions extends DataOptions {
  readonly incomplete?: boolean;
}

const folders: readonly StoreFolder[] = ['db', 'packs', 'objects', 'audit'];

export function registerStorage(program: Command, run: Run): void {
  const command = dataLeaf(group(program, 'storage', 'storage.about'), 'adopt', 'storage.adopt.about')
    .addArgument(new Argument('<folder>').choices(folders))
    .option('--incomplete', t('storage.adopt.incomplete'));
  does<AdoptOptions>(run, command, async ({ args, options: { data, incomplete = false } }) => {
    const { adoptFolder } = await import('../../setup/data-folder.ts');
    const folder = args[0] as StoreFolder;
    const found = await adoptFolder(data, folder, { incomplete });
    return { json: { folder, ...found }, human: () => t('storage.adopt.done', { folder, ...found }) };
  });
}
