// report, conclude: reading a structured report, and writing a conclusion into a study.
import type { Command } from 'commander';
import { reports } from '../../api/reports.ts';
import type { Report } from '../../dicom/sr/report.ts';
import { reportText } from '../../dicom/sr/report-text.ts';
import { type DataOptions, dataLeaf, does, type Run } from '../command.ts';
import { withPeer } from '../running.ts';
import { t } from '../text.ts';

export function registerReport(program: Command, run: Run): void {
  const command = dataLeaf(program, 'report', 'report.about').argument('<study>').argument('<instance>');
  does<DataOptions>(run, command, async ({ args, options: { data } }) => {
    const [study, instance] = args as [string, string];
    const report = await withPeer(data, async (peer) => {
      const answer = await peer.open(reports.read, { study, instance });
      return JSON.parse(await answer.text()) as Report;
    });
    return { json: report, human: () => reportText(report, t).trimEnd() };
  });
}

interface ConcludeOptions extends DataOptions {
  readonly text: string;
  readonly findings?: string;
  readonly language?: string;
  readonly instance?: readonly string[];
}

export function registerConclude(program: Command, run: Run): void {
  const command = dataLeaf(program, 'conclude', 'conclude.about')
    .argument('<study>')
    .requiredOption('--text <text>', t('conclude.text'))
    .option('--findings <text>', t('conclude.findings'))
    .option('--language <tag>', t('conclude.language'))
    .option('--instance <uid...>', t('conclude.instance'));
  does<ConcludeOptions>(run, command, async ({ args, options }) => {
    const { data, text, findings, language, instance = [] } = options;
    const body = { conclusion: text, findings, language, references: instance.map((uid) => ({ instance: uid })) };
    const written = await withPeer(data, (peer) => peer.call(reports.conclude, { study: args[0]! }, body));
    return { json: written, human: () => t('conclude.done', written) };
  });
}
