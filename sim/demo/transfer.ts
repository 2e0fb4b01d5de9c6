// A person at the owner approves, the studies cross by themselves, and the first image is looked at as soon as it is
// there.
import { requests } from '../../node/api/requests.ts';
import { transfers } from '../../node/api/transfers.ts';
import type { SentRequest } from './find.ts';
import type { Follower, Happened } from './follow.ts';
import type { RunningHospital } from './hospitals.ts';
import { anyFirstFrame } from './wado.ts';

/** How long one patient's studies may take. */
const transferMs = 120_000;

/** From the approval to the first image's last byte, and to the end; no first image when the studies have none. */
export interface Crossed {
  readonly firstImageMs: number | undefined;
  readonly transferMs: number;
}

/**
 * Approves at the owner and waits until everything has arrived at `to`.
 * @throws Error when the request is refused or the transfer fails
 */
export async function approve(asked: SentRequest, to: RunningHospital, follower: Follower): Promise<Crossed> {
  const first = new FirstImage(asked, to);
  const unsubscribe = follower.subscribe((event) => first.take(event));
  try {
    const started = performance.now();
    const ended = follower.until('the transfer', transferMs, (event) => endOf(event, asked.id));
    const [, how] = await Promise.all([asked.owner.as.custodian.call(requests.approve, { id: asked.id }), ended]);
    if (how !== 'done') throw new Error(`The transfer from ${asked.owner.name} ended: ${how}.`);
    const arrived = performance.now();
    const { objects } = await to.as.practitioner.call(transfers.get, { id: asked.id });
    if (objects.done !== objects.total) throw new Error(`${objects.done} of ${objects.total} objects arrived.`);
    const firstAt = await first.at();
    return { firstImageMs: firstAt && firstAt - started, transferMs: arrived - started };
  } finally {
    unsubscribe();
  }
}

/** How it ended: `done`, the code of what stopped it, or that the owner said no. */
export function endOf({ type, data }: Happened, id: string): string | undefined {
  if (data.id !== id) return undefined;
  if (type === 'request' && data.state === 'denied') return 'denied';
  if (type !== 'transfer') return undefined;
  return data.state === 'failed' ? String(data.code) : data.state === 'done' ? 'done' : undefined;
}

/** Tries to read a frame whenever something of these studies has arrived, until it has one. */
class FirstImage {
  readonly #to: RunningHospital;
  readonly #studies: SentRequest['studies'];
  #found: Promise<number | undefined> | undefined;
  #trying = false;

  constructor({ studies }: SentRequest, to: RunningHospital) {
    this.#to = to;
    this.#studies = studies;
  }

  take({ type, data }: Happened): void {
    const study = this.#studies.find(({ uid }) => uid === data.studyUid);
    if (type !== 'study' || study === undefined || this.#trying) return;
    this.#trying = true;
    this.#found = this.#try([study]).then((at) => {
      this.#trying = at !== undefined;
      return at;
    });
    this.#found.catch(() => undefined); // thrown by at()
  }

  /** When it was there, with everything arrived. */
  async at(): Promise<number | undefined> {
    return (await this.#found) ?? (await this.#try(this.#studies));
  }

  async #try(studies: SentRequest['studies']): Promise<number | undefined> {
    for (const study of studies) if (await anyFirstFrame(this.#to, study)) return performance.now();
    return undefined;
  }
}
