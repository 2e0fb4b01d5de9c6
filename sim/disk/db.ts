// The database port as level behaves: batches are atomic and in order, and what was not synced is lost with the power,
// the last first.
import type { DbOperation, KvDb } from '../../node/store/kv.ts';
import type { Process } from '../process.ts';
import type { Seeded } from '../seeded.ts';

type Name = string;

const nameOf = (key: Uint8Array): Name => Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');

/** What is in the database, and what of it would survive. */
export class DbContent {
  #values = new Map<Name, Uint8Array>();
  #names: Name[] = [];
  readonly #durable = new Map<Name, Uint8Array>();
  #unsynced: (readonly DbOperation[])[] = [];

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#values.get(nameOf(key))?.slice();
  }

  range({ gte, lt, reverse }: { gte: Uint8Array; lt: Uint8Array; reverse?: boolean }): [Uint8Array, Uint8Array][] {
    const names = this.#names.slice(place(this.#names, nameOf(gte)), place(this.#names, nameOf(lt)));
    if (reverse === true) names.reverse();
    return names.map((name) => [new Uint8Array(Buffer.from(name, 'latin1')), this.#values.get(name)!.slice()]);
  }

  apply(operations: readonly DbOperation[], sync: boolean): void {
    for (const operation of operations) {
      const name = nameOf(operation.key);
      const there = this.#values.has(name);
      if (operation.type === 'put') {
        this.#values.set(name, operation.value);
        if (!there) this.#names.splice(place(this.#names, name), 0, name);
      } else if (there) {
        this.#values.delete(name);
        this.#names.splice(place(this.#names, name), 1);
      }
    }
    this.#unsynced.push(operations);
    if (sync) this.#keep(this.#unsynced.length);
  }

  /** The power fails: of what was not synced only the beginning is there. */
  losePower(seeded: Seeded): void {
    this.#keep(seeded.int(this.#unsynced.length + 1));
    this.#unsynced = [];
    this.#values = new Map(this.#durable);
    this.#names = [...this.#values.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  #keep(batches: number): void {
    for (const operation of this.#unsynced.splice(0, batches).flat()) {
      if (operation.type === 'put') this.#durable.set(nameOf(operation.key), operation.value);
      else this.#durable.delete(nameOf(operation.key));
    }
  }

  /** Everything that a thief of the disk would find. */
  *raw(): Generator<Uint8Array> {
    for (const [name, value] of this.#values) {
      yield new Uint8Array(Buffer.from(name, 'latin1'));
      yield value;
    }
  }
}

/** Where a name stands, or would stand. */
function place(names: readonly Name[], name: Name): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (names[middle]! < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function openDb(content: DbContent, process: Process, syncMs: () => number): KvDb {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  const get = (key: Uint8Array): Uint8Array | undefined => {
    if (closed) throw new Error('the database is closed');
    return content.get(key);
  };
  return {
    get: (key) => process.only(() => get(key)),
    getSync: get,
    getMany: (keys) => process.only(() => keys.map(get)),
    iterator: (range) => inTurn(content.range(range), process),
    batch: async (operations, { sync }) => {
      if (closed) throw new Error('the database is closed');
      const copied = operations.map(copy);
      const write = () =>
        process.write(
          sync ? syncMs() : 0,
          () => content.apply(copied, sync),
          (seeded) => seeded.chance(0.5) && content.apply(copied, false),
        );
      const mine = last.then(write);
      last = mine;
      return mine;
    },
    close: async () => {
      closed = true;
      await last;
    },
  };
}

async function* inTurn<T>(entries: readonly T[], process: Process): AsyncIterable<T> {
  for (const entry of entries) yield await process.only(() => entry);
}

const copy = (operation: DbOperation): DbOperation =>
  operation.type === 'put'
    ? { type: 'put', key: operation.key.slice(), value: operation.value.slice() }
    : { type: 'del', key: operation.key.slice() };
