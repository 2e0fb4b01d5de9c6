// The frame of every command: options that all have, one JSON document or text on stdout, sentences on stderr, the exit
// code.
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { givenRoles } from '../api/roles.ts';
import type { PlainKey } from '../api/texts/texts.ts';
import { type Failure, failureOf } from './failure.ts';
import type { Io } from './terminal.ts';
import { t } from './text.ts';

/** What a command gives: `json` for programs, `human` for people; nothing for `start`. */
export interface Outcome {
  readonly json?: unknown;
  readonly human?: (() => string) | undefined;
  /** It ended, but not as it was meant to: exit code 1. */
  readonly failure?: Failure | undefined;
}

/** What a command is given. Paths in options are absolute. */
export interface CommandInput<O> {
  readonly args: readonly string[];
  readonly options: O;
  readonly io: Io;
}

/** One run of the program: its output, and the exit code that the command leaves. */
export interface Run {
  readonly io: Io;
  exitCode: number;
}

export interface DataOptions {
  readonly data: string;
}

/** A command that does something, with --json. */
export const leaf = (parent: Command, usage: string, about: PlainKey): Command =>
  parent.command(usage).description(t(about)).option('--json', t('option.json'));

/** A command on a peer's data folder. */
export const dataLeaf = (parent: Command, usage: string, about: PlainKey): Command =>
  leaf(parent, usage, about).option('--data <dir>', t('option.data'), absolute, resolve('data'));

export const group = (parent: Command, name: string, about: PlainKey): Command =>
  parent.command(name).description(t(about));

export const absolute = (path: string): string => resolve(path);

/** Whose rights somebody or something gets. */
export const roleOption = (): Option => new Option('--role <role>').choices([...givenRoles]).makeOptionMandatory();

/** Parser of one of these words, in capitals or not. */
export const wordOf =
  <T extends string>(words: readonly T[]) =>
  (text: string): T => {
    const found = words.find((each) => each.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    throw new InvalidArgumentError(t('misuse.choices', { choices: words.join(', ') }));
  };

/** Parser of a whole number within bounds, both included. */
export const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(t('misuse.whole', { min, max }));
  };

export const port = whole(0, 65535);

/** Whether stack traces are wanted. */
const debug = (): boolean => process.env.DICOMNET_LOG === 'debug';

/** Runs `work` when the command is called, and writes down what came of it. */
export function does<O extends object>(
  run: Run,
  command: Command,
  work: (given: CommandInput<O>) => Promise<Outcome>,
): void {
  command.action(async () => {
    const { io } = run;
    const options = command.opts<O & { json?: boolean }>();
    const args = command.processedArgs.flat().filter((each) => each !== undefined) as string[];
    const outcome = await attempt(() => work({ args, options, io }), io);
    if (outcome.failure !== undefined) io.err(`${outcome.failure.message}\n`);
    run.exitCode = outcome.failure === undefined ? 0 : 1;
    const text = options.json === true ? jsonOf(outcome) : outcome.human?.();
    if (text !== undefined && text !== '') io.out(`${text}\n`);
  });
}

async function attempt(work: () => Promise<Outcome>, io: Io): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (debug() && error instanceof Error) io.err(`${error.stack}\n`);
    return { failure: failureOf(error) };
  }
}

/** One document: what the command gives, with the error beside it when it failed. */
function jsonOf({ json, failure }: Outcome): string | undefined {
  if (failure === undefined) return json === undefined ? undefined : JSON.stringify(json);
  return JSON.stringify({ ...(json as object | undefined), error: failure });
}
