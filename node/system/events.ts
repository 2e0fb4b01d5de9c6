// What happens in a peer, said once: one method an event is its log line, its counter and the server-sent event, of which
// an event has one or more. Messages are static, labels take few values; nothing about a patient, and in logs not even a
// UID. A new event is a method here and a call.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Log } from './log.ts';

/** What `/events` streams. `data` is what the API's lists show of the same thing. */
export interface PeerEvent {
  readonly type: 'request' | 'transfer' | 'study' | 'roster' | 'alarm';
  readonly data: Readonly<Record<string, unknown>>;
}

type Listener = (event: PeerEvent) => void;

/** What came of an instance that came in. */
export type ImportOutcome = 'imported' | 'duplicate' | 'quarantine' | 'conflict' | 'refused';

/** A transfer as the API shows it. */
interface TransferState extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly request: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly code?: string | undefined;
}

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

type CounterName = keyof typeof counters;

const attention = 'the roster needs attention';
const unpublished = 'a record is not published as it should be';

/** What a person should look at, by kind. */
const alarms = {
  'roster-roster/fork': attention,
  'roster-roster/expired': attention,
  'roster-version/unsupported': attention,
  'record-lapsing': unpublished,
  'record-lapsed': unpublished,
  'record-unpublished': unpublished,
  keeper: 'a keeper did not help or lied',
  'audit-forked': "another hospital's audit log contradicts what it showed before",
  'advert-conflict': 'a hospital has signed two records as one',
  'patient-doubt': 'images of another person came under a known number',
  'route-full': 'the routing queue is full: what arrives is not sent on',
  'route-failed': 'instances could not be sent on for days and were given up',
} as const;

/** What an alarm can say beside its kind. */
interface AlarmFields {
  readonly member?: string;
  readonly code?: string;
  /** Of the roster. */
  readonly number?: number;
  /** AE title of a destination. */
  readonly ae?: string;
  /** Instances. */
  readonly count?: number;
}

export class Events {
  readonly #log: Log;
  readonly #registry = new Registry();
  readonly #counters: Record<CounterName, Counter>;
  readonly #listeners = new Set<Listener>();

  /** @param parts.process false leaves out the process's own metrics, where many peers share one */
  constructor(parts: { log: Log; process?: boolean }) {
    this.#log = parts.log;
    if (parts.process !== false) collectDefaultMetrics({ register: this.#registry, prefix: 'dicomnet_' });
    const dropped = parts.log.dropped;
    if (dropped !== undefined) {
      new Gauge({
        name: 'dicomnet_log_dropped_total',
        help: 'Lines of the log that could not be written',
        registers: [this.#registry],
        collect() {
          this.set(dropped());
        },
      });
    }
    const entries = Object.entries(counters).map(([name, { help, labels }]) => {
      const options = { name: `dicomnet_${name}_total`, help, labelNames: [...labels], registers: [this.#registry] };
      return [name, new Counter(options)];
    });
    this.#counters = Object.fromEntries(entries) as Record<CounterName, Counter>;
  }

  instanceArrived(source: 'dimse' | 'stow', outcome: ImportOutcome): void {
    this.#counters.import.inc({ source, outcome });
    this.#log.debug({ source, outcome }, 'an instance came in'); // a study has thousands of instances
  }

  /** Something of a study became visible. */
  studyChanged(studyUid: string): void {
    this.#emit({ type: 'study', data: { studyUid } });
  }

  patientLookedUp(outcome: 'complete' | 'incomplete'): void {
    this.#counters.find.inc({ outcome });
    this.#log.info({ outcome }, 'a patient was looked up');
  }

  /** @param member who asked */
  summaryAnswered(outcome: 'answered' | 'pending' | 'denied', member: string): void {
    this.#counters.summary.inc({ outcome });
    this.#log.info({ outcome, member }, 'a summary request was answered');
  }

  /** Another member's request, by policy or by a person. @param request.state as the API names it */
  requestDecided({ id, state, member }: { id: string; state: string; member: string }): void {
    const labels = { direction: 'in', state };
    this.#counters.request.inc(labels);
    this.#log.info({ ...labels, member, request: id }, 'a request was decided');
    this.#emit({ type: 'request', data: { id, ...labels } });
  }

  /** Our own request. @param request.state as the API names it */
  requestChanged({ id, state }: { id: string; state: string }): void {
    const labels = { direction: 'out', state };
    this.#counters.request.inc(labels);
    this.#log.info({ ...labels, request: id }, 'a request changed');
    this.#emit({ type: 'request', data: { id, ...labels } });
  }

  /** A member's message was refused, and is in the audit log. @param peer who sent it */
  messageRefused(code: string, peer: string): void {
    this.#counters.refused.inc({ code });
    this.#log.debug({ code, peer }, 'a message was refused'); // members can send many
  }

  transferMoved(transfer: TransferState): void {
    this.#emit({ type: 'transfer', data: transfer });
  }

  transferEnded(transfer: TransferState): void {
    const { state, request, code } = transfer;
    const labels = { direction: 'in', state };
    this.#counters.transfer.inc(labels);
    this.#log.info({ ...labels, request, code }, 'a transfer ended');
    this.#emit({ type: 'transfer', data: transfer });
  }

  rosterInForce(number: number): void {
    this.#log.info({ number }, 'a roster is in force');
    this.#emit({ type: 'roster', data: { number } });
  }

  /** Something that a person should look at. */
  alarm(kind: keyof typeof alarms, about: AlarmFields = {}): void {
    const message = alarms[kind];
    this.#counters.alarm.inc({ kind });
    this.#log.warn({ alarm: kind, ...about }, message);
    this.#emit({ type: 'alarm', data: { kind, message, ...about } });
  }

  #emit(event: PeerEvent): void {
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
