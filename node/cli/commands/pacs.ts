// pacs: other DICOM nodes; routing: what waits to be sent on to them.
import type { Command } from 'commander';
import { isErrorCode, PeerError } from '../../../protocol/errors.ts';
import { queryLevels, type RemoteJob, type RemoteQuery, remotes } from '../../api/remotes.ts';
import type { PeerClient } from '../client.ts';
import { type DataOptions, dataLeaf, does, group, type Outcome, type Run, wordOf } from '../command.ts';
import { failureOf } from '../failure.ts';
import { withPeer } from '../running.ts';
import { type Io, moment, Progress, table, yesNo } from '../terminal.ts';
import { t, word } from '../text.ts';

interface FindOptions extends DataOptions {
  readonly level: RemoteQuery['level'];
  readonly key?: readonly string[];
}

interface MoveOptions extends DataOptions {
  readonly series?: string;
  readonly instance?: string;
  readonly wait?: boolean;
}

const pollMs = 300;

export function registerPacs(program: Command, run: Run): void {
  const pacs = group(program, 'pacs', 'pacs.about');
  does<DataOptions>(run, dataLeaf(pacs, 'list', 'pacs.list.about'), async ({ options }) => {
    const nodes = await withPeer(options.data, (peer) => peer.call(remotes.list));
    const rows = nodes.map(({ aeTitle, host, port, tls }) => [aeTitle, host, port, yesNo(tls)]);
    return { json: nodes, human: () => table(t('pacs.head'), rows) };
  });

  const echo = dataLeaf(pacs, 'echo', 'pacs.echo.about').argument('<ae>');
  does<DataOptions>(run, echo, async ({ args, options }) => {
    const answer = await withPeer(options.data, (peer) => peer.call(remotes.echo, { ae: args[0]! }));
    return { json: answer, human: () => t('pacs.echo.done', { ae: args[0], ms: answer.ms }) };
  });

  const find = dataLeaf(pacs, 'find', 'pacs.find.about')
    .argument('<ae>')
    .option('--level <level>', t('pacs.level'), wordOf(queryLevels), 'STUDY')
    .option('--key <name=value...>', t('pacs.key'));
  does<FindOptions>(run, find, ({ args, options }) => withPeer(options.data, (peer) => query(peer, args[0]!, options)));

  const pull = dataLeaf(pacs, 'pull', 'pacs.pull.about')
    .argument('<ae>')
    .argument('<study>')
    .option('--series <uid>', t('pacs.series'));
  does<MoveOptions>(run, pull, ({ args, options, io }) =>
    withPeer(options.data, (peer) =>
      job(peer, peer.call(remotes.pull, { ae: args[0]! }, { study: args[1]!, series: options.series }), io),
    ),
  );

  const commit = dataLeaf(pacs, 'commit', 'pacs.commit.about')
    .argument('<ae>')
    .argument('<study>')
    .option('--series <uid>', t('pacs.series'));
  does<MoveOptions>(run, commit, ({ args, options, io }) => {
    const body = { study: args[1]!, series: options.series };
    return withPeer(options.data, (peer) => job(peer, peer.call(remotes.commit, { ae: args[0]! }, body), io));
  });

  const send = dataLeaf(pacs, 'send', 'pacs.send.about')
    .argument('<ae>')
    .argument('<study>')
    .option('--series <uid>', t('pacs.series'))
    .option('--instance <uid>', t('pacs.instance'))
    .option('--no-wait', t('pacs.noWait'));
  does<MoveOptions>(run, send, ({ args, options, io }) => {
    const { series, instance, wait } = options;
    const body = { study: args[1]!, series, instance };
    return withPeer(options.data, (peer) => job(peer, peer.call(remotes.send, { ae: args[0]! }, body), io, wait));
  });
}

export function registerRouting(program: Command, run: Run): void {
  does<DataOptions>(run, dataLeaf(program, 'routing', 'routing.about'), async ({ options }) => {
    const answer = await withPeer(options.data, (peer) => peer.call(remotes.routing));
    const rows = answer.map(({ aeTitle, state, waiting, failed, sent, code, next }) => [
      ...[aeTitle, word(state), waiting, failed, sent, next === undefined ? '' : moment(next), code],
    ]);
    return { json: answer, human: () => table(t('routing.head'), rows) };
  });
}

async function query(peer: PeerClient, ae: string, { level, key = [] }: FindOptions): Promise<Outcome> {
  const keys = Object.fromEntries(
    key.map((each) => {
      const at = each.indexOf('=');
      return at < 0 ? [each, ''] : [each.slice(0, at), each.slice(at + 1)];
    }),
  );
  const body = { level, keys };
  const found = await peer.call(remotes.find, { ae }, body);
  const rows = (found.answers as Answer[]).map((answer) => columns.map((tag) => shown(answer[tag])));
  const end = found.complete ? '' : `\n${t('pacs.find.more')}`;
  return { json: found, human: () => `${table(t('pacs.find.head'), rows)}${end}` };
}

type Answer = Readonly<Record<string, { readonly Value?: readonly unknown[] } | undefined>>;

/** Patient ID, name, date, modalities, description, UIDs. */
const columns = ['00100020', '00100010', '00080020', '00080061', '00081030', '0020000D', '0020000E', '00080018'];

function shown(attribute: Answer[string]): string {
  return (attribute?.Value ?? [])
    .map((value) => (typeof value === 'object' && value !== null ? (Object.values(value)[0] ?? '') : (value ?? '')))
    .join(' ');
}

/** Starts a job and follows it to its end, unless that isn't waited for. */
async function job(peer: PeerClient, starting: Promise<RemoteJob>, io: Io, wait = true): Promise<Outcome> {
  const started = await starting;
  const ended = wait ? await end(peer, started, io) : started;
  const { state, objects, code, by, reasons = [] } = ended;
  const why = reasons.map(({ reason, instances }) => t('pacs.commit.reason', { instances, why: whyNot(reason) }));
  const human = () => [t('pacs.job.done', { state: word(state), ...objects, by: by ?? '' }), ...why].join('\n');
  return {
    json: ended,
    human,
    failure: state === 'failed' ? failureOf(new PeerError(isErrorCode(code) ? code : 'remote/incomplete')) : undefined,
  };
}

/** Failure Reason (0008,1197) in words (PS3.3 C.14.1.1). */
function whyNot(reason: string): string {
  if (reason === '') return t('pacs.commit.unsaid');
  const known = whys.find((each) => each === reason);
  return known === undefined ? `${reason}H` : t(`pacs.commit.${known}`);
}

const whys = ['0110', '0112', '0119', '0122', '0131', '0213'] as const;

async function end(peer: PeerClient, job: RemoteJob, io: Io): Promise<RemoteJob> {
  const { systemTimers } = await import('../../system/machine.ts');
  const progress = new Progress(io);
  let now = job;
  try {
    while (now.state === 'running') {
      await systemTimers.sleep(pollMs);
      now = await peer.call(remotes.job, { id: job.id });
      progress.show(() => t('pacs.job.progress', { ...now.objects }));
    }
    return now;
  } finally {
    progress.end();
  }
}
