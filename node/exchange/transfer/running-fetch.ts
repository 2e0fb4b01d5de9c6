// One fetch while it runs: several streams, one state machine (protocol/transfer/receiver.ts), files that survive a
// crash. What is complete goes to the import in batches; only what that made durable counts as done.
import { hex } from '../../../protocol/bytes.ts';
import { type ErrorCode, must, PeerError } from '../../../protocol/errors.ts';
import { transferProtocol } from '../../../protocol/transfer/messages.ts';
import {
  needsStream,
  type ReceiverAction,
  type ReceiverEvent,
  type ReceiverState,
  startReceiver,
  stepReceiver,
  verifiedBytes,
} from '../../../protocol/transfer/receiver.ts';
import { AdoptionQueue } from './adoption-queue.ts';
import { FetchFiles } from './fetch-files.ts';
import type { ArrivedObject, FetchJob, FetchOptions, FetchParts, FetchProgress } from './fetch-job.ts';
import { FetchLayout } from './fetch-layout.ts';
import { SavedProgress } from './fetch-progress.ts';
import { RateMeter } from './fetch-rate.ts';
import { FetchStream } from './fetch-stream.ts';

const tickMs = 500;

/** One running fetch. */
export class RunningFetch {
  readonly #options: FetchOptions;
  readonly #parts: FetchParts;
  readonly #job: FetchJob;
  readonly #stop = new AbortController();
  readonly #streams = new Map<number, FetchStream>();
  readonly #rate: RateMeter;
  readonly #started: number;
  readonly #adopting: AdoptionQueue;
  #progress!: SavedProgress;
  #files!: FetchFiles;
  #layout: FetchLayout | undefined;
  #state: ReceiverState | undefined;
  #sleepers: (() => void)[] = [];
  #failure: unknown;
  #nextStream = 0;
  #firstObjectMs: number | undefined;
  #earlierBytes = 0;
  /**
   * Resolves when every object is durable; what it remembers stays until `Fetcher.forget`, so that it can be asked for
   * again at no cost. @throws PeerError what stopped it, or what `adopt` or the disk threw
   */
  readonly done: Promise<void>;

  constructor(options: FetchOptions, parts: FetchParts, job: FetchJob) {
    this.#options = options;
    this.#parts = parts;
    this.#job = job;
    this.#started = parts.clock.now();
    this.#rate = new RateMeter(parts.clock);
    this.#adopting = new AdoptionQueue({ adopt: (batch) => this.#adopt(batch) });
    this.done = this.#run();
  }

  /** Has these objects (indices in the manifest) come before all others. */
  front(indices: readonly number[]): void {
    this.#event({ type: 'front', indices });
  }

  /** Stops; what arrived is kept, and a later fetch of the same id goes on from there. */
  cancel(): void {
    this.#fail(new PeerError('transfer/cancelled'));
  }

  /** Raw object bytes that arrived in this run. */
  get receivedBytes(): number {
    return [...this.#streams.values()].reduce((sum, { bytes }) => sum + bytes, this.#earlierBytes);
  }

  get progress(): FetchProgress {
    const state = this.#state;
    const total = this.#layout?.bytes ?? 0;
    const done = state === undefined ? 0 : verifiedBytes(this.#layout!.plan, state);
    return {
      objects: { done: state?.done.objects ?? 0, total: this.#layout?.objects ?? 0 },
      bytes: { done, total },
      ...this.#rate.read(done, total - done),
      firstObjectMs: this.#firstObjectMs,
    };
  }

  async #run(): Promise<void> {
    const { timers, progress, clock } = this.#parts;
    const cancel = () => this.cancel();
    this.#job.signal?.addEventListener('abort', cancel, { once: true });
    const stopTicks = timers.every(tickMs, () => this.#tick());
    try {
      must(this.#job.until > clock.now(), 'access/expired');
      if (this.#job.signal?.aborted) throw new PeerError('transfer/cancelled');
      this.#progress = await SavedProgress.load(progress, this.#job.id);
      this.#files = new FetchFiles({
        transfer: this.#job.id,
        progress: this.#progress,
        objects: this.#parts.objects,
        bulk: this.#parts.bulk,
        expected: (index) => this.#layout?.expected(index),
      });
      const { manifest } = this.#progress;
      if (manifest !== undefined) await this.#begin(manifest);
      await Promise.all(Array.from({ length: this.#options.streams }, (_, slot) => this.#slot(slot)));
      await this.#adopting.drained();
      await this.#files.close();
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      stopTicks();
      this.#job.signal?.removeEventListener('abort', cancel);
      this.#job.onProgress?.(this.progress);
    }
  }

  /** Lays out the transfer by its manifest and takes up what is there already. */
  async #begin(sealed: Uint8Array): Promise<void> {
    const known = hex(this.#parts.bulk.sha256(sealed)) === this.#job.manifestId;
    if (!known) this.#blame('transfer/manifest');
    must(known, 'transfer/manifest');
    const manifest = this.#job.openManifest(sealed);
    const layout = new FetchLayout(manifest.series, (series) => this.#job.seriesKey(series), this.#options);
    this.#layout = layout;
    const clean = this.#progress.boot === this.#parts.bootId;
    const partials = await this.#resume(clean);
    if (!clean) await this.#progress.begin(sealed, this.#parts.bootId);
    this.#state = startReceiver(layout.plan, layout.order, this.#progress.done(), partials);
    this.#rate.sample(verifiedBytes(layout.plan, this.#state));
    this.#job.onManifest?.(manifest);
    this.#settle(this.#state);
  }

  /** What earlier runs left: complete objects are adopted at once, of the others the verified bytes are returned. */
  async #resume(clean: boolean): Promise<Map<number, number>> {
    const layout = this.#layout!;
    const { complete, partials } = await this.#files.resume(clean);
    for (const index of layout.held((objectId) => this.#job.held?.(objectId) ?? false)) {
      if (!complete.has(index)) complete.set(index, undefined);
    }
    for (const index of this.#progress.done()) complete.delete(index);
    for (const [index, file] of complete) this.#adopting.add(layout.arrived(index, file));
    await this.#adopting.drained();
    return partials;
  }

  /** Keeps one stream open as long as there is something for it to do. */
  async #slot(slot: number): Promise<void> {
    const { first, most } = this.#options.backoffMs;
    let pause = first;
    while (await this.#isNeeded(slot)) {
      const fruitful = await this.#connection().catch((error: unknown) => this.#fail(error));
      pause = fruitful === true ? first : Math.min(pause * 2, most);
      if (this.#ended) return;
      await this.#parts.timers.sleep(pause, this.#stop.signal).catch(() => undefined); // woken by the end: the loop ends
    }
  }

  /** One stream from its opening to its end; true if it brought anything. @throws what our own disk threw */
  async #connection(): Promise<boolean> {
    const { network, bulk, timers, log } = this.#parts;
    const id = this.#nextStream++;
    const channel = await network
      .open(this.#job.peer, transferProtocol, { signal: this.#stop.signal })
      .catch((error: unknown) => {
        if (!(error instanceof PeerError)) throw error;
        log.info({ peer: this.#job.peer, code: error.code }, 'transfer: the owner is not reached, trying again');
        return undefined;
      });
    if (channel === undefined) return false;
    const host = {
      files: this.#files,
      event: (event: ReceiverEvent) => this.#event(event),
      manifest: (sealed: Uint8Array) => this.#manifest(id, sealed),
      room: () => this.#adopting.room(),
    };
    const stream = new FetchStream(id, { channel, bulk, timers, host });
    this.#streams.set(id, stream);
    try {
      if (this.#ended) stream.abort('transfer/cancelled');
      stream.open(this.#job.grant, this.#state === undefined);
      if (this.#state !== undefined) this.#event({ type: 'opened', stream: id });
      await stream.run();
    } finally {
      this.#earlierBytes += stream.bytes;
      this.#streams.delete(id);
      this.#event({ type: 'closed', stream: id });
    }
    return stream.chunks > 0;
  }

  /** The manifest, as it came over this stream. */
  async #manifest(stream: number, sealed: Uint8Array): Promise<void> {
    must(this.#state === undefined, 'transfer/unexpected', { type: 'manifest' });
    await this.#begin(sealed);
    if (this.#ended) this.#streams.get(stream)?.end();
    else this.#event({ type: 'opened', stream });
  }

  async #adopt(arrived: readonly ArrivedObject[]): Promise<void> {
    try {
      await this.#parts.adopt(arrived);
      const indices = arrived.map(({ index }) => index);
      await this.#progress.finished(indices);
      this.#event({ type: 'adopted', indices });
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #event(event: ReceiverEvent): void {
    if (this.#state === undefined) {
      this.#early(event);
      return;
    }
    const [state, actions] = stepReceiver(this.#layout!.plan, this.#state, event);
    this.#state = state;
    if (event.type === 'received') this.#firstObjectMs ??= this.#parts.clock.now() - this.#started;
    for (const action of actions) this.#act(action);
    this.#settle(state);
  }

  /** Sees whether it is over, and wakes who waits for something to do. */
  #settle({ phase }: ReceiverState): void {
    if (phase.is === 'stopped') this.#fail(new PeerError(phase.code, { peer: this.#job.peer }));
    if (phase.is === 'finished') this.#stop.abort();
    this.#wake();
  }

  /** Before the manifest is there a stream can only fail. */
  #early(event: ReceiverEvent): void {
    if (event.type !== 'error' && event.type !== 'object' && event.type !== 'refused') return;
    const code = event.type === 'error' ? event.code : 'transfer/unexpected';
    if (event.type === 'error' && event.retry) this.#streams.get(event.stream)?.abort(code);
    else this.#fail(new PeerError(code, { peer: this.#job.peer }));
  }

  #act(action: ReceiverAction): void {
    const stream = 'stream' in action ? this.#streams.get(action.stream) : undefined;
    if (action.type === 'send') stream?.send(action.frame);
    else if (action.type === 'abort') stream?.abort(action.code);
    else if (action.type === 'end') stream?.end();
    else if (action.type === 'blame') this.#blame(action.code, action.index);
    else this.#adopting.add(this.#layout!.arrived(action.index, this.#files.take(action.index)));
  }

  #blame(code: ErrorCode, index?: number): void {
    const { peer, id: transfer } = this.#job;
    this.#parts.log.warn({ peer, transfer, code, index }, 'transfer: the source is blamed');
  }

  get #ended(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Ends the fetch; the first reason counts. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#failure = error;
    this.#stop.abort(error);
    for (const stream of this.#streams.values()) stream.abort('transfer/cancelled');
    this.#wake();
  }

  #wake(): void {
    if (!this.#ended && (this.#state === undefined || !needsStream(this.#state))) return;
    for (const sleeper of this.#sleepers.splice(0)) sleeper();
  }

  /** Waits until a further stream has something to do; false when all is over. */
  async #isNeeded(slot: number): Promise<boolean> {
    while (!this.#ended) {
      if (this.#state === undefined ? slot === 0 : needsStream(this.#state)) return true;
      await new Promise<void>((resolve) => this.#sleepers.push(resolve));
    }
    return false;
  }

  #tick(): void {
    if (this.#ended) return;
    const now = this.#parts.clock.now();
    if (now >= this.#job.until) this.#fail(new PeerError('access/expired'));
    if (this.#state === undefined || this.#ended) return;
    this.#rate.sample(verifiedBytes(this.#layout!.plan, this.#state));
    for (const [id, stream] of this.#streams) {
      const owes = (this.#state.streams.get(id)?.length ?? 0) > 0;
      if (stream.isStalled(now, this.#options.stallMs, owes)) stream.abort('transfer/stalled');
    }
    this.#job.onProgress?.(this.progress);
  }
}
