// How fast a fetch goes, over the last few seconds.
import type { Clock } from '../../../protocol/ports.ts';

export interface FetchRate {
  /** Bytes a second. */
  readonly rate: number;
  /** Undefined while nothing moves. */
  readonly secondsLeft: number | undefined;
}

const samplesKept = 10;

export class RateMeter {
  readonly #clock: Clock;
  #samples: { at: number; bytes: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Bytes that are there now, to be told regularly and once before the first comes. */
  sample(bytes: number): void {
    this.#samples = [...this.#samples.slice(1 - samplesKept), { at: this.#clock.now(), bytes }];
  }

  /** @param done bytes there now; @param left bytes to come */
  read(done: number, left: number): FetchRate {
    const first = this.#samples[0];
    const ms = first === undefined ? 0 : this.#clock.now() - first.at;
    const rate = ms > 0 ? ((done - first!.bytes) * 1000) / ms : 0;
    return { rate: Math.round(rate), secondsLeft: rate > 0 ? Math.ceil(left / rate) : left === 0 ? 0 : undefined };
  }
}
