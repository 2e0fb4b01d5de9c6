// orders list, show, add and cancel: what is to be imaged.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { orders as api, fhirTypes, hl7Types, type Order } from '../../api/orders.ts';
import { type DataOptions, dataLeaf, does, group, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { moment, table } from '../terminal.ts';
import { t, word } from '../text.ts';

const stepsOf = ({ steps }: Order): string =>
  steps.map(({ modality = '?', station = '*' }) => `${modality}@${station}`).join(' ');

export function registerOrders(program: Command, run: Run): void {
  const orders = group(program, 'orders', 'orders.about');
  does<DataOptions>(run, dataLeaf(orders, 'list', 'orders.list.about'), async ({ options }) => {
    const answer = await withPeer(options.data, (peer) => Array.fromAsync(peer.rows(api.list)));
    const rows = answer.map((each) => [
      each.id,
      each.accession,
      word(each.status),
      stepsOf(each),
      moment(each.ordered),
    ]);
    return { json: answer, human: () => table(t('orders.head'), rows) };
  });
  const show = dataLeaf(orders, 'show', 'orders.show.about').argument('<id>');
  does<DataOptions>(run, show, async ({ args, options }) => {
    const answer = await withPeer(options.data, (peer) => peer.call(api.get, { id: args[0]! }));
    return { json: answer, human: () => JSON.stringify(answer, null, 2) };
  });
  const add = dataLeaf(orders, 'add', 'orders.add.about').argument('<file>');
  does<DataOptions>(run, add, async ({ args, options }) => {
    const content = await readFile(args[0]!);
    const type = isHl7(content) ? hl7Types[0] : fhirTypes[0];
    const answer = await withPeer(options.data, (peer) => peer.upload(api.place, content, type));
    return { json: answer, human: () => t('orders.add.done', { orders: answer.orders.map(({ id }) => id).join(' ') }) };
  });
  const cancel = dataLeaf(orders, 'cancel', 'orders.cancel.about').argument('<id>');
  does<DataOptions>(run, cancel, async ({ args, options }) => {
    const answer = await withPeer(options.data, (peer) => peer.call(api.cancel, { id: args[0]! }));
    return { json: answer, human: () => t('orders.cancel.done', { id: answer.id }) };
  });
}

/** MSH, maybe behind a byte order mark or MLLP's first byte. */
const isHl7 = (content: Buffer): boolean => content.subarray(0, 6).toString('latin1').includes('MSH');
