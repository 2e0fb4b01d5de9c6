// init: makes a peer's data folder.
import { type Command, InvalidArgumentError } from 'commander';
import { type DataOptions, dataLeaf, does, port, type Run } from '../command.ts';
import { t } from '../text.ts';

export interface PeerOptions extends DataOptions {
  readonly name: string;
  readonly country: string;
  readonly http?: number;
  readonly dimse?: number;
  readonly p2p?: number;
}

/** @throws InvalidArgumentError unless it is ISO 3166-1 alpha-2 */
export function country(text: string): string {
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase();
  throw new InvalidArgumentError(t('misuse.country'));
}

export const portOptions = (command: Command): Command =>
  command
    .option('--http <port>', t('option.http'), port)
    .option('--dimse <port>', t('option.dimse'), port)
    .option('--p2p <port>', t('option.p2p'), port);

export function registerInit(program: Command, run: Run): void {
  const command = dataLeaf(program, 'init', 'init.about')
    .requiredOption('--name <name>', t('init.name'))
    .requiredOption('--country <code>', t('init.country'), country);
  does<PeerOptions>(run, portOptions(command), async ({ options }) => {
    const { createData } = await import('../../setup/init.ts');
    const { data, ...input } = options;
    const made = await createData(data, input);
    return { json: made, human: () => t('init.done', { ...made, data }) };
  });
}
