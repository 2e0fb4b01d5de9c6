// start: runs the peer until a signal. All it says goes to stderr.
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { isThere } from '../../system/files.ts';
import { dataLeaf, does, type Run } from '../command.ts';
import { readRunFile } from '../running.ts';
import type { Io } from '../terminal.ts';
import { t } from '../text.ts';
import { country, type PeerOptions, portOptions } from './init.ts';

interface StartOptions extends PeerOptions {
  readonly init?: boolean;
}

/** How long what is left after the peer has stopped may keep the process alive. */
const lingerMs = 2_000;

export function registerStart(program: Command, run: Run): void {
  const command = dataLeaf(program, 'start', 'start.about')
    .option('--init', t('start.init'))
    .option('--name <name>', t('init.name'), hostname() || 'hospital')
    .option('--country <code>', t('init.country'), country, 'MD');
  does<StartOptions>(run, portOptions(command), async ({ options, io }) => {
    if (options.init === true) await initOnce(options, io);
    const { startPeer } = await import('../../peer.ts');
    const stopping = signalled(); // from here on a signal stops it in order
    const peer = await startPeer(options.data);
    await announce(options.data, io);
    await stopping;
    io.err(`${t('start.stopping')}\n`);
    await peer.stop();
    const { systemTimers } = await import('../../system/machine.ts');
    systemTimers.after(lingerMs, () => process.exit());
    return {};
  });
}

async function initOnce({ data, init: _init, ...input }: StartOptions, io: Io): Promise<void> {
  const { createData, initFolder } = await import('../../setup/init.ts');
  // a folder that is there and empty may be a volume that isn't mounted: to make a peer in it somebody says init
  if ((await isThere(data)) && !(await isThere(initFolder(data)))) return;
  const made = await createData(data, input);
  io.err(`${t('start.first', { ...made, data })}\n${t('start.request', { ...made })}\n`);
}

async function announce(dir: string, io: Io): Promise<void> {
  const { readConfig } = await import('../../setup/config.ts');
  const { aeTitle } = (await readConfig(dir)).dimse;
  const { http, dimse, p2p } = (await readRunFile(dir))!; // of the peer that has just started
  io.err(`${t('start.ready', { http, dimse, p2p, aeTitle })}\n`);
}

/** Resolves at the first SIGINT or SIGTERM; the second ends the process at once. */
const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
  });
