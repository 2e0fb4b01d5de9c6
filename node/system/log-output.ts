// Where log lines go. Writing them can never stop the peer: what cannot be written (a full disk under stderr, a reader that
// is gone) is dropped and counted, and what nobody takes is kept up to a bound.
import { write, writeSync } from 'node:fs';
import { systemTimers } from './machine.ts';

/** What waits to be written, in characters. */
const mostWaiting = 1024 * 1024;
/** Of one write. */
const mostAtOnce = 64 * 1024;
const againMs = 100;

/** The system's write; the test's fails. */
export interface LogFile {
  write(text: string, done: (error: NodeJS.ErrnoException | null) => void): void;
  writeSync(text: string): void;
}

export const fileOf = (descriptor: number): LogFile => ({
  write: (text, done) => write(descriptor, text, done),
  writeSync: (text) => writeSync(descriptor, text),
});

export class LogOutput {
  readonly #file: LogFile;
  #waiting: string[] = [];
  #length = 0;
  #writing = false;
  #dropped = 0;

  constructor(file: LogFile) {
    this.#file = file;
  }

  /** Lines that were not written. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a line; never throws, never waits. */
  write(line: string): void {
    if (this.#length + line.length > mostWaiting) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#length += line.length;
    this.#next();
  }

  /** At the end of the process: what is left, if it can be written at once. */
  end(): void {
    const left = this.#waiting.splice(0);
    try {
      if (left.length > 0) this.#file.writeSync(left.join(''));
    } catch {
      this.#dropped += left.length; // nobody is left to be told
    }
  }

  #next(): void {
    if (this.#writing || this.#waiting.length === 0) return;
    this.#writing = true;
    const lines: string[] = [];
    for (let length = 0; this.#waiting.length > 0 && length < mostAtOnce; ) {
      const line = this.#waiting.shift()!;
      lines.push(line);
      length += line.length;
    }
    this.#attempt(lines);
  }

  #attempt(lines: readonly string[]): void {
    const text = lines.join('');
    this.#file.write(text, (error) => {
      // a pipe whose reader is slow: nothing of it was taken
      if (error?.code === 'EAGAIN') return void systemTimers.after(againMs, () => this.#attempt(lines));
      if (error !== null) this.#dropped += lines.length;
      this.#length -= text.length;
      this.#writing = false;
      this.#next();
    });
  }
}
