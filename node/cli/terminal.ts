// What a person sees: short tables, sizes, one line of progress. Texts of others never reach the terminal's controls.
import { isoTime } from '../system/machine.ts';
import { t } from './text.ts';

/** Where a command writes: results to `out`, all else to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal, where a line may be drawn over. */
  readonly live: boolean;
  /** Unix ms. */
  now(): number;
}

/** Text of others (names, descriptions, reasons) without what could steer a terminal. */
export const plain = (text: unknown): string => String(text ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');

const cellWidth = 60;
const cut = (text: string): string => (text.length > cellWidth ? `${text.slice(0, cellWidth - 1)}…` : text);

/** Rows under a head (`A|B|C`), in columns as wide as their longest cell; only the last may be long. */
export function table(head: string, rows: readonly (readonly unknown[])[]): string {
  const names = head.split('|');
  const cell = (value: unknown, i: number) => (i < names.length - 1 ? cut(plain(value)) : plain(value));
  const all = [names, ...rows.map((row) => row.map(cell))];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all
    .map((row) =>
      widths
        .map((width, i) => (row[i] ?? '').padEnd(width))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const units = t('units').split('|');

/** Bytes in decimal units. */
export function size(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** step;
  return `${step === 0 ? Math.round(value) : value.toPrecision(3)} ${units[step]}`;
}

/** Bytes a second. */
export const rate = (bytes: number): string => t('rate', { size: size(bytes) });

export const yesNo = (value: unknown): string => t(value === true ? 'yes' : 'no');

export const moment = (ms: unknown): string => {
  const valid = typeof ms === 'number' && Number.isSafeInteger(ms) && Math.abs(ms) < 8e15;
  return valid ? isoTime(ms).replace('T', ' ').slice(0, 19) : '';
};

/** One line of progress, only on a terminal, only for what takes over a second, at most five times a second. */
export class Progress {
  readonly #io: Io;
  readonly #since: number;
  #drawn = 0;

  constructor(io: Io) {
    this.#io = io;
    this.#since = io.now();
  }

  show(line: () => string): void {
    const now = this.#io.now();
    if (!this.#io.live || now - this.#since < 1000 || now - this.#drawn < 200) return;
    this.#drawn = now;
    this.#io.err(`\r\x1b[K${plain(line())}`);
  }

  /** Takes the line away again. */
  end(): void {
    if (this.#drawn > 0) this.#io.err('\r\x1b[K');
    this.#drawn = 0;
  }

  /** Bytes a second since the start. */
  rate(bytes: number): number {
    return bytes / Math.max(0.001, (this.#io.now() - this.#since) / 1000);
  }
}
