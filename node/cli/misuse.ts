// Commander's own words, of help and of a command line that isn't right, in the language of this run.
import { type Command, type CommanderError, Help, type Option } from 'commander';
import { sentence, t } from './text.ts';

const usual = new Help();

const titles: ReadonlyMap<string, string> = new Map([
  ['Usage:', t('help.usage')],
  ['Arguments:', t('help.arguments')],
  ['Options:', t('help.options')],
  ['Global Options:', t('help.global')],
  ['Commands:', t('help.commands')],
]);

const usage = (text: string): string =>
  text.replace('[options]', t('help.anyOptions')).replace('[command]', t('help.anyCommand'));

/** A description with what may be given, and what holds if nothing is. */
function described({ description, argChoices, required, optional, defaultValue }: Option): string {
  const facts: string[] = [];
  if (argChoices !== undefined) facts.push(t('help.choices', { values: argChoices.map(quote).join(', ') }));
  if (defaultValue !== undefined && (required || optional)) {
    facts.push(t('help.default', { value: quote(defaultValue) }));
  }
  return facts.length === 0 ? description : `${description} (${facts.join(', ')})`;
}

const quote = (value: unknown): string => JSON.stringify(value);

/** Gives the program and its commands help in this language; their errors are told by `misuse`. */
export const speak = (program: Command): Command =>
  program
    .helpOption('-h, --help', t('help.about'))
    .helpCommand('help [command]', t('help.about'))
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => titles.get(title) ?? title,
      commandUsage: (command) => usage(usual.commandUsage(command)),
      subcommandTerm: (command) => usage(usual.subcommandTerm(command)),
      optionDescription: described,
    });

/** What is wrong with a command line: commander's sentences, of which it gives the code and the English. */
export function misuse({ code, message }: CommanderError): string {
  const named = /'(.*)'/s.exec(message)?.[1] ?? '';
  switch (code) {
    case 'commander.help':
      return sentence('cli/misuse');
    case 'commander.missingArgument':
      return t('misuse.argument', { name: named });
    case 'commander.optionMissingArgument':
      return t('misuse.optionArgument', { flags: named });
    case 'commander.missingMandatoryOptionValue':
      return t('misuse.optionMissing', { flags: named });
    case 'commander.unknownOption':
      return `${t('misuse.unknownOption', { name: named })}${similar(message)}`;
    case 'commander.unknownCommand':
      return `${t('misuse.unknownCommand', { name: named })}${similar(message)}`;
    case 'commander.excessArguments':
      return excess(message);
    case 'commander.invalidArgument':
      return invalid(message);
    default:
      return message.replace(/^error: /, '');
  }
}

function similar(message: string): string {
  const names = /\(Did you mean (?:one of )?(.*)\?\)$/s.exec(message)?.[1];
  return names === undefined ? '' : `\n(${t('misuse.similar', { names })})`;
}

function excess(message: string): string {
  const found = /'([^']*)'\. Expected (\d+) arguments? but got (\d+): (.*)\.$/s.exec(message);
  const [, name = '', expected = '', received = '', given = ''] = found ?? [];
  return t('misuse.excess', { name, expected, received, given });
}

function invalid(message: string): string {
  const [, flags = '', value = '', reason = ''] =
    /^error: option '([^']*)' argument '(.*)' is invalid\. (.*)$/s.exec(message) ?? [];
  const choices = /^Allowed choices are (.*)\.$/s.exec(reason)?.[1];
  return t('misuse.value', { flags, value, why: choices === undefined ? reason : t('misuse.choices', { choices }) });
}
