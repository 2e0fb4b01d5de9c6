// transfers: what moves.
import type { Command } from 'commander';
import { transfers } from '../../api/transfers.ts';
import { type DataOptions, dataLeaf, does, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { size, rate as speed, table } from '../terminal.ts';
import { t, word } from '../text.ts';

export function registerTransfers(program: Command, run: Run): void {
  does<DataOptions>(run, dataLeaf(program, 'transfers', 'transfers.about'), async ({ options }) => {
    const answer = await withPeer(options.data, (peer) => Array.fromAsync(peer.rows(transfers.list)));
    const rows = answer.map(({ id, state, objects, bytes, rate, code }) => [
      ...[id, word(state), `${objects.done}/${objects.total}`],
      ...[`${size(bytes.done)} / ${size(bytes.total)}`, speed(rate), code],
    ]);
    return { json: answer, human: () => table(t('transfers.head'), rows) };
  });
}
