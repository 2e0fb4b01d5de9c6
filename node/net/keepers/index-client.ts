// Turns identifiers into `y` with the keepers' help: drives protocol/tags/lookup.ts, one batch after another.
import { type ErrorCode, must, PeerError } from '../../../protocol/errors.ts';
import type { Membership } from '../../../protocol/federation/membership.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Random } from '../../../protocol/ports.ts';
import type { Blame, LookupAction, LookupEvent, LookupState } from '../../../protocol/tags/lookup.ts';
import { indexProtocol } from '../../../protocol/tags/messages.ts';
import type { Network } from '../network.ts';
import type { Evaluator } from './evaluator.ts';
import type { KeeperService } from './keeper.ts';

export interface IndexClientOptions {
  /** How long a keeper may take for one batch before another is asked. */
  readonly keeperMs?: number;
}

export interface IndexClientParts {
  readonly network: Network;
  readonly evaluator: Evaluator;
  readonly membership: () => Membership;
  readonly random: Random;
  /** This peer's own keeper service, if it has one. */
  readonly keeper?: KeeperService | undefined;
  /** For the log: a keeper lied (tags/proof) or did not help, and why. */
  readonly onBlame?: (blame: Blame) => void;
}

/** What the look-up was made with: `y` of different generations are different. */
export interface Evaluated {
  readonly key: string;
  readonly generation: number;
  /** 64 bytes for each input, in order. */
  readonly outputs: Uint8Array[];
}

export class IndexClient {
  readonly #options: Required<IndexClientOptions>;
  readonly #parts: IndexClientParts;
  /** Keepers whose proofs did not hold or whose share is broken: asked last from then on, until the peer starts again. */
  readonly #liars = new Set<string>();

  constructor(options: IndexClientOptions, parts: IndexClientParts) {
    this.#options = { keeperMs: 20_000, ...options };
    this.#parts = parts;
  }

  /**
   * Evaluates inputs (`oprfInput`), any number, in batches of 256.
   * @throws PeerError tags/no-keepers, tags/identifier, or the signal's reason
   */
  async evaluate(
    inputs: readonly Uint8Array[],
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<Evaluated> {
    const key = this.#parts.membership().indexKey;
    must(key !== undefined, 'tags/no-keepers', { missing: 1 });
    const outputs: Uint8Array[] = [];
    for (let at = 0; at < inputs.length; at += limits.evaluationPoints) {
      const batch = inputs.slice(at, at + limits.evaluationPoints);
      outputs.push(...(await this.#batch(key, batch, options.signal)));
    }
    return { key: key.id, generation: key.generation, outputs };
  }

  async #batch(
    key: NonNullable<Membership['indexKey']>,
    inputs: readonly Uint8Array[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Uint8Array[]> {
    const { id, generation, t, shares } = key;
    const lookupKey = {
      id,
      generation,
      t,
      shares: shares.map(({ index, member, commitment }) => ({ index, member, commitment })),
    };
    const order = this.#order(shares.map((share) => share.member));
    const { evaluator } = this.#parts;
    let [state, actions] = await evaluator.run({ type: 'start', key: lookupKey, inputs, order });
    const answers = new Answers();
    for (;;) {
      const outputs = this.#act(actions, answers, signal);
      if (outputs !== undefined) return outputs;
      const event = await answers.next();
      signal?.throwIfAborted();
      [state, actions] = await evaluator.run({ type: 'step', state: state as LookupState, event });
    }
  }

  /** Carries out what the machine wants; gives the outputs when it is done. @throws PeerError tags/no-keepers */
  #act(
    actions: readonly LookupAction[],
    answers: Answers,
    signal: AbortSignal | undefined,
  ): readonly Uint8Array[] | undefined {
    for (const action of actions) {
      if (action.type === 'found') return action.outputs;
      if (action.type === 'failed')
        throw new PeerError('tags/no-keepers', { missing: action.missing, blamed: action.blamed });
      if (action.type === 'ask') answers.expect(this.#ask(action.member, action.body, signal));
      else {
        if (action.code === 'tags/proof' || action.code === 'tags/share') this.#liars.add(action.member);
        this.#parts.onBlame?.({ member: action.member, code: action.code });
      }
    }
    return undefined;
  }

  async #ask(member: string, body: Uint8Array, signal: AbortSignal | undefined): Promise<LookupEvent> {
    const { membership, network, keeper } = this.#parts;
    try {
      const peer = membership().member(member)?.peerId;
      must(peer !== undefined, 'member/unknown', { member });
      if (peer === network.self) {
        must(keeper !== undefined, 'tags/not-keeper');
        return { type: 'reply', member, body: await keeper.answer(peer, body) };
      }
      const options = { signal, timeoutMs: this.#options.keeperMs, maxBytes: limits.evaluationBytes };
      return { type: 'reply', member, body: await network.request(peer, indexProtocol, body, options) };
    } catch (error) {
      return { type: 'failed', member, code: codeOf(error) };
    }
  }

  /** Our own share first, then who is connected, in an order drawn anew so that the load spreads; liars last. */
  #order(keepers: readonly string[]): string[] {
    const { network, membership, random } = this.#parts;
    const connected = new Set([network.self, ...network.connected()]);
    const rank = (member: string) => {
      const peer = membership().member(member)?.peerId ?? '';
      if (this.#liars.has(member)) return 3;
      return peer === network.self ? 0 : connected.has(peer) ? 1 : 2;
    };
    const draws = random(keepers.length * 2);
    const ranked = keepers.map((member, i) => ({
      member,
      by: rank(member) * 65_536 + draws[2 * i]! * 256 + draws[2 * i + 1]!,
    }));
    return ranked.sort((a, b) => a.by - b.by).map((each) => each.member);
  }
}

/** A keeper's failure as the machine knows it; one without a code (our own signal, say) counts as no answer. */
const codeOf = (error: unknown): ErrorCode => (error instanceof PeerError ? error.code : 'tags/keeper-down');

/** Answers in the order in which they come. */
class Answers {
  readonly #come: LookupEvent[] = [];
  #wake: (() => void) | undefined;

  expect(answer: Promise<LookupEvent>): void {
    void answer.then((event) => {
      this.#come.push(event);
      this.#wake?.();
    });
  }

  async next(): Promise<LookupEvent> {
    for (;;) {
      const event = this.#come.shift();
      if (event !== undefined) return event;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }
}
