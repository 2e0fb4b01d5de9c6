// What the demonstration says while it runs: short lines for somebody who sees this for the first time.
import { plain, size } from '../../node/cli/terminal.ts';

export class Show {
  readonly #write: (text: string) => void;
  #step = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** A new step of the story. */
  step(title: string): void {
    this.#step += 1;
    this.#write(`\n${this.#step}. ${plain(title)}\n`);
  }

  /** What happened in it. Texts of others (names, descriptions) can't steer the terminal. */
  line(text: string): void {
    this.#write(`   ${plain(text)}\n`);
  }

  /** A line that belongs to no step. */
  plain(text: string): void {
    this.#write(`${text.split('\n').map(plain).join('\n')}\n`);
  }

  /** The first few of a long list, and how many more there are. */
  list(names: readonly string[], most = 8): void {
    for (const name of names.slice(0, most)) this.line(`  ${name}`);
    if (names.length > most) this.line(`  ... and ${names.length - most} more`);
  }

  /** What was refused, by the reason, the most frequent first; the first few of each by name. */
  refused(all: readonly { readonly name: string; readonly reason: string }[]): void {
    const reasons = [...Map.groupBy(all, ({ reason }) => reason)].sort(([, a], [, b]) => b.length - a.length);
    for (const [reason, of] of reasons) {
      this.line(`${of.length} x ${reason}:`);
      this.list(of.map(({ name }) => name).sort(), 3);
    }
  }
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
export const milliseconds = (ms: number): string => `${Math.round(ms)} ms`;
export const rate = (bytes: number, ms: number): string => `${size((bytes * 1000) / Math.max(1, ms))}/s`;
/** `1 study`, `3 studies`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
