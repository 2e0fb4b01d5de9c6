// What happened, in order: a hash over everything that crossed the network or was done, and the last lines to read.
import { createHash } from 'node:crypto';
import type { Clock } from '../protocol/ports.ts';

const kept = 60;

export class Trace {
  readonly #hash = createHash('sha256');
  readonly #clock: Clock;
  readonly #start: number;
  readonly #print: ((line: string) => void) | undefined;
  readonly #last: string[] = [];

  constructor(options: { print?: ((line: string) => void) | undefined }, parts: { clock: Clock }) {
    this.#clock = parts.clock;
    this.#start = parts.clock.now();
    this.#print = options.print;
  }

  /** Something worth reading. */
  note(line: string): void {
    this.bytes(line);
    const timed = `${time(this.#clock.now() - this.#start)} ${line}`;
    this.#last.push(timed);
    if (this.#last.length > kept) this.#last.shift();
    this.#print?.(timed);
  }

  /** Something that must be the same in every run of a seed. */
  bytes(...what: (string | Uint8Array)[]): void {
    this.#hash.update(`${this.#clock.now()} `);
    for (const each of what) this.#hash.update(each);
  }

  /** The newest lines. */
  get tail(): readonly string[] {
    return this.#last;
  }

  /** Of everything so far, hex. */
  get hash(): string {
    return this.#hash.copy().digest('hex');
  }
}

function time(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const part = (value: number, digits = 2) => String(value).padStart(digits, '0');
  return `${part(Math.floor(seconds / 3600))}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}.${part(ms % 1000, 3)}`;
}
