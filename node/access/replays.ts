// Messages seen before, by (signer, id), until they are too old to be taken anyway. In memory for the question, on disk
// so that a restart doesn't forget.
import type { Clock } from '../../protocol/ports.ts';
import type { Kv } from '../store/kv.ts';
import type { Vault } from '../store/vault.ts';

const sweepEvery = 1_000;

export class Replays {
  readonly #kv: Kv;
  readonly #vault: Vault;
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(parts: { kv: Kv; vault: Vault; clock: Clock }) {
    this.#kv = parts.kv;
    this.#vault = parts.vault;
    this.#clock = parts.clock;
  }

  async load(): Promise<void> {
    for await (const [key, value] of this.#kv.bucket('replay').range()) {
      this.#until.set(Buffer.from(key).toString('hex'), new DataView(value.buffer, value.byteOffset).getFloat64(0));
    }
    await this.#sweep();
  }

  seen(name: string): boolean {
    const until = this.#until.get(this.#key(name).toString('hex'));
    return until !== undefined && this.#clock.now() < until;
  }

  /** Durable when it resolves: only then is the message acted on. */
  async remember(name: string, until: number): Promise<void> {
    const key = this.#key(name);
    this.#until.set(key.toString('hex'), until);
    const value = new Uint8Array(8);
    new DataView(value.buffer).setFloat64(0, until);
    await this.#kv.bucket('replay').put(key, value);
    if (this.#until.size % sweepEvery === 0) await this.#sweep();
  }

  async #sweep(): Promise<void> {
    const now = this.#clock.now();
    const over = [...this.#until].filter(([, until]) => until <= now).map(([key]) => key);
    for (const key of over) this.#until.delete(key);
    if (over.length > 0) await this.#kv.commit(over.map((key) => ({ bucket: 'replay', key: Buffer.from(key, 'hex') })));
  }

  #key(name: string): Buffer {
    return Buffer.from(this.#vault.name('replay', name));
  }
}
