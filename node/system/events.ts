// What happens in a peer, said once: one call is the log line, the counter and the server-sent event. Messages are
// static, labels few; nothing about a patient, not even a UID.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Log } from './log.ts';

/** What `/events` streams. `data` is what the API's lists show of the same thing. */
export interface PeerEvent {
  readonly type: 'request' | 'transfer' | 'study' | 'roster' | 'alarm';
  readonly data: Readonly<Record<string, unknown>>;
}

type Listener = (event: PeerEvent) => void;

/** The counters, by name; each label takes few values. */
const counters = {
  import: { help: 'Instances that came in', labels: ['source', 'outcome'] },
  find: { help: 'Look-ups of a patient in the federation', labels: ['outcome'] },
  summary: { help: 'Summary requests answered', labels: ['outcome'] },
  request: { help: 'Access requests', labels: ['direction', 'state'] },
  transfer: { help: 'Transfers', labels: ['direction', 'state'] },
  refused: { help: 'Messages refused', labels: ['code'] },
  alarm: { help: 'Alarms raised', labels: ['kind'] },
} as const;

export type CounterName = keyof typeof counters;

export class Events {
  readonly #log: Log;
  readonly #registry = new Registry();
  readonly #counters: Record<CounterName, Counter>;
  readonly #listeners = new Set<Listener>();

  /** @param parts.process false leaves out the process's own metrics, where many peers share one */
  constructor(parts: { log: Log; process?: boolean }) {
    this.#log = parts.log;
    if (parts.process !== false) collectDefaultMetrics({ register: this.#registry, prefix: 'dicomnet_' });
    const entries = Object.entries(counters).map(([name, { help, labels }]) => {
      const options = { name: `dicomnet_${name}_total`, help, labelNames: [...labels], registers: [this.#registry] };
      return [name, new Counter(options)];
    });
    this.#counters = Object.fromEntries(entries) as Record<CounterName, Counter>;
  }

  /** Counts and logs one thing that happened. */
  count(name: CounterName, labels: Record<string, string>, message: string, fields: object = {}): void {
    this.#counters[name].inc(labels);
    const level = name === 'import' ? 'debug' : 'info'; // a study has thousands of instances
    this.#log[level]({ ...labels, ...fields }, message);
  }

  /** Something that a person should look at. */
  alarm(kind: string, message: string, fields: Record<string, unknown> = {}): void {
    this.#counters.alarm.inc({ kind });
    this.#log.warn({ alarm: kind, ...fields }, message);
    this.emit({ type: 'alarm', data: { kind, message, ...fields } });
  }

  /** A figure that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number): void {
    const collect = function (this: Gauge): void {
      this.set(read());
    };
    new Gauge({ name: `dicomnet_${name}`, help, registers: [this.#registry], collect });
  }

  emit(event: PeerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls `listener` for every event until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Prometheus text format. */
  metrics(): Promise<string> {
    return this.#registry.metrics();
  }
}
