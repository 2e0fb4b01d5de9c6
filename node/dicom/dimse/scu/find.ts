// C-FIND as a user (PS3.4 C.4.1): a stream of answers, no faster than they are taken.
import { must, PeerError } from '../../../../protocol/errors.ts';
import type { DicomJson } from '../../model/json.ts';
import { uids } from '../../model/transfer-syntax.ts';
import { readDataset } from '../../read/read-dataset.ts';
import { writeDataset } from '../../write/write-dataset.ts';
import { commandFields } from '../command.ts';
import { mustBeDone } from './failures.ts';
import type { Requestor } from './requestor.ts';

/** An identifier's bytes in the transfer syntax that was agreed on. */
export const identifierBytes = (identifier: DicomJson, transferSyntax: string): Uint8Array =>
  writeDataset(identifier, {
    encoding: transferSyntax === uids.implicitLittleEndian ? 'implicit-le' : 'explicit-le',
  });

/** Hands one value over at a time: `give` resolves when it was taken, or nobody takes any more. */
class Handover<T> {
  #given: { readonly value: T; readonly taken: () => void } | undefined;
  #wake: (() => void) | undefined;
  #ended = false;

  give(value: T): Promise<void> | undefined {
    if (this.#ended) return undefined;
    return new Promise((taken) => {
      this.#given = { value, taken };
      this.#wake?.();
    });
  }

  /** No more is given, or taken. */
  end(): void {
    this.#ended = true;
    this.#given?.taken();
    this.#wake?.();
  }

  async *values(): AsyncGenerator<T> {
    for (;;) {
      const given = this.#given;
      if (given !== undefined) {
        this.#given = undefined;
        try {
          yield given.value;
        } finally {
          given.taken();
        }
      } else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/**
 * The answers to an identifier, of query/retrieve and of a worklist alike. Leaving the loop, or the signal, sends C-CANCEL
 * and waits for the other side's last word, so that the association can be used on. Throws `dimse/service-refused`,
 * `dimse/status` {status}, `dimse/cancelled` after the signal, and why the association ended.
 */
export async function* find(
  requestor: Requestor,
  sopClassUid: string,
  identifier: DicomJson,
  signal?: AbortSignal,
): AsyncGenerator<DicomJson> {
  const context = requestor.context((each) => each.abstractSyntax === sopClassUid, 'dimse/service-refused');
  const answers = new Handover<DicomJson>();
  const left = new AbortController();
  const ended = requestor.invoke({
    command: { commandField: commandFields.cFindRq, affectedSopClassUid: sopClassUid, priority: 0, hasDataSet: true },
    context,
    bytes: identifierBytes(identifier, context.transferSyntax),
    pending: ({ dataset }) => {
      must(dataset !== undefined, 'dimse/data-set-missing');
      return left.signal.aborted ? undefined : answers.give(readDataset(dataset, context.transferSyntax));
    },
    signal: signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]),
  });
  const settled = ended.then(
    ({ status }) => ({ status }),
    (error: unknown) => ({ error }),
  );
  void settled.then(() => answers.end());
  let whole = false;
  try {
    yield* answers.values();
    whole = true;
  } finally {
    left.abort();
    answers.end();
    const end = await settled;
    // who leaves early is not told how it ended
    if (whole) conclude(end, signal);
  }
}

function conclude(end: { readonly status: number } | { readonly error: unknown }, signal: AbortSignal | undefined) {
  if ('error' in end) throw end.error;
  if (signal?.aborted === true) throw new PeerError('dimse/cancelled');
  mustBeDone(end.status);
}
