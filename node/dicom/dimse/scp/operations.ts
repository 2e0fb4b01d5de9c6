// The operations of one association that go on while more is read: each by its message id, cancelled by C-CANCEL.
import { must, type PeerError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';

/** The reason of a signal that C-CANCEL aborted. */
class Cancelled extends Error {}

export class Operations {
  readonly #running = new Map<number, { controller: AbortController; done: Promise<void> }>();

  get size(): number {
    return this.#running.size;
  }

  /**
   * Starts one. `run` must not reject.
   * @throws PeerError dimse/operations beyond `limits.dimseOperations`, dimse/message-id
   */
  start(messageId: number, run: (signal: AbortSignal) => Promise<void>): void {
    must(this.#running.size < limits.dimseOperations, 'dimse/operations');
    must(!this.#running.has(messageId), 'dimse/message-id');
    const controller = new AbortController();
    const done = run(controller.signal).finally(() => this.#running.delete(messageId));
    this.#running.set(messageId, { controller, done });
  }

  /** C-CANCEL; one for what has just ended is nothing wrong. */
  cancel(messageId: number | undefined): void {
    this.#running.get(messageId ?? -1)?.controller.abort(new Cancelled());
  }

  /** Stops all; resolves when they have ended. */
  async stop(reason: PeerError): Promise<void> {
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort(reason);
    await Promise.all(running.map(({ done }) => done));
  }
}

/** Whether somebody asked for the end of it, rather than the association's. */
export const wasCancelled = (signal: AbortSignal): boolean => signal.aborted && signal.reason instanceof Cancelled;
