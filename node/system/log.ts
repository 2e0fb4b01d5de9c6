// Structured logs on stderr: static messages, few fields, nothing about a patient, UIDs never.
import pino from 'pino';
import { fileOf, LogOutput } from './log-output.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Lines that could not be written, where that can be. */
  readonly dropped?: () => number;
}

/** The peer's log. The level comes from DICOMNET_LOG (debug, info, warn, error, silent); info if unset. */
export function openLog(level = process.env.DICOMNET_LOG ?? 'info'): Log {
  const output = new LogOutput(fileOf(2));
  process.on('exit', () => output.end());
  const lines = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, output);
  return Object.assign(lines, { dropped: () => output.dropped });
}

/** An error as log fields: its code and data, or its class and stack; messages of strangers may hold data. */
export function errorFields(error: unknown): object {
  if (error instanceof Error && 'code' in error && 'data' in error) return { code: error.code, data: error.data };
  if (error instanceof Error)
    return { error: error.name, code: (error as NodeJS.ErrnoException).code, stack: frames(error) };
  return { error: typeof error };
}

const frames = (error: Error): string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 6)
    .map((line) => line.trim().replace(/\(.*[/\\]/, '('));
