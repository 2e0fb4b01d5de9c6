// quarantine list, show, retry, resolve and save: what came in and could not be taken.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { type AsideAction, quarantine as api, asideActions } from '../../api/quarantine.ts';
import { absolute, type DataOptions, dataLeaf, does, group, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { moment, plain, size, table } from '../terminal.ts';
import { t, word } from '../text.ts';

export function registerQuarantine(program: Command, run: Run): void {
  const quarantine = group(program, 'quarantine', 'quarantine.about');
  does<DataOptions>(run, dataLeaf(quarantine, 'list', 'quarantine.list.about'), async ({ options }) => {
    const answer = await withPeer(options.data, (peer) => Array.fromAsync(peer.rows(api.list)));
    const rows = answer.map((each) => [...[each.id, word(each.kind), each.reason, size(each.bytes), moment(each.at)]]);
    return { json: answer, human: () => table(t('quarantine.head'), rows) };
  });
  const show = dataLeaf(quarantine, 'show', 'quarantine.show.about').argument('<id>');
  does<DataOptions>(run, show, async ({ args, options }) => {
    const answer = await withPeer(options.data, (peer) => peer.call(api.get, { id: args[0]! }));
    return { json: answer, human: () => JSON.stringify(answer, null, 2) };
  });
  const retry = dataLeaf(quarantine, 'retry', 'quarantine.retry.about').argument('<id>');
  does<DataOptions>(run, retry, async ({ args, options }) => {
    const answer = await withPeer(options.data, (peer) => peer.call(api.retry, { id: args[0]! }));
    return { json: answer, human: () => t('quarantine.retry.done', { id: args[0], outcome: word(answer.outcome) }) };
  });
  registerDiff(quarantine, run);
  registerResolve(quarantine, run);
  registerSave(quarantine, run);
}

function registerDiff(quarantine: Command, run: Run): void {
  const diff = dataLeaf(quarantine, 'diff', 'quarantine.diff.about').argument('<id>');
  does<DataOptions>(run, diff, async ({ args, options }) => {
    const all = await withPeer(options.data, (peer) => peer.call(api.differences, { id: args[0]! }));
    const rows = all.map(({ tag, keyword, stored, came }) => [plain(keyword ?? tag), plain(stored), plain(came)]);
    const human = () => (rows.length === 0 ? t('quarantine.diff.none') : table(t('quarantine.diff.head'), rows));
    return { json: all, human };
  });
}

interface ResolveOptions extends DataOptions {
  readonly action: AsideAction;
  readonly transferSyntax?: string;
  readonly trust?: true;
  readonly note?: string;
}

function registerResolve(quarantine: Command, run: Run): void {
  const resolve = dataLeaf(quarantine, 'resolve', 'quarantine.resolve.about')
    .argument('<id>')
    .addOption(
      new Option('--action <action>', t('quarantine.resolve.action')).choices([...asideActions]).makeOptionMandatory(),
    )
    .option('--transfer-syntax <uid>', t('quarantine.resolve.transferSyntax'))
    .option('--trust', t('quarantine.resolve.trust'))
    .option('--note <text>', t('quarantine.resolve.note'));
  does<ResolveOptions>(run, resolve, async ({ args, options }) => {
    const { data, action, transferSyntax, trust, note } = options;
    const body = { action, transferSyntax, trust, note };
    const answer = await withPeer(data, (peer) => peer.call(api.resolve, { id: args[0]! }, body));
    return { json: answer, human: () => t('quarantine.retry.done', { id: args[0], outcome: word(answer.outcome) }) };
  });
}

function registerSave(quarantine: Command, run: Run): void {
  const save = dataLeaf(quarantine, 'save', 'quarantine.save.about')
    .argument('<id>')
    .requiredOption('--out <file>', t('quarantine.save.out'), absolute);
  does<DataOptions & { out: string }>(run, save, async ({ args, options: { data, out } }) => {
    const file = createWriteStream(out, { flags: 'wx', mode: 0o600 });
    await withPeer(data, async (peer) => {
      const answer = await peer.open(api.file, { id: args[0]! });
      await pipeline(answer.raw, file);
    });
    const bytes = file.bytesWritten;
    return { json: { path: out, bytes }, human: () => t('quarantine.save.done', { out, size: size(bytes) }) };
  });
}
