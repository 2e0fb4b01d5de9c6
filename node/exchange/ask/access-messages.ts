// What members say to each other on the access protocol, told apart and handed to whom it concerns.
import { verifyAccessMessage } from '../../../protocol/access/messages.ts';
import { must, PeerError } from '../../../protocol/errors.ts';
import type { Guard } from '../../access/guard.ts';
import type { Us } from '../../federation/us.ts';
import type { Log } from '../../system/log.ts';
import type { OutboxOutcome, OutMessage } from './outbox.ts';
import type { OutgoingRequests } from './outgoing-requests.ts';
import type { Receipts } from './receipts.ts';

export interface AccessMessageParts {
  readonly us: () => Us;
  readonly guard: Guard;
  readonly asking: OutgoingRequests;
  readonly receipts: Receipts;
  readonly log: Log;
}

const nothing = new Uint8Array();

export class AccessMessages {
  readonly #parts: AccessMessageParts;

  constructor(parts: AccessMessageParts) {
    this.#parts = parts;
  }

  /** Takes another member's message and gives the answer. @throws PeerError access/*, envelope/*, kind/unsupported, ... */
  async received(peer: string, envelope: Uint8Array): Promise<Uint8Array> {
    const { us, guard, asking, receipts } = this.#parts;
    const { federation, verify } = us();
    const message = verifyAccessMessage(envelope, federation, verify);
    // nobody else's message counts, however well it is signed: captured ones lead nowhere
    must(message.opened.signer === peer, 'envelope/signer');
    switch (message.kind) {
      case 'request':
        return guard.request(message.opened);
      case 'decision':
        await asking.decided(envelope);
        return nothing;
      case 'receipt':
        await receipts.take(message.opened);
        return nothing;
      case 'reserved':
        throw new PeerError('kind/unsupported', { kind: message.of });
    }
  }

  /** What came back for a message of ours. */
  async delivered(message: OutMessage, outcome: OutboxOutcome): Promise<void> {
    const { asking, log } = this.#parts;
    if (message.kind !== 'request') {
      if ('refused' in outcome) log.warn({ kind: message.kind, code: outcome.refused.code }, 'a message was refused');
      return;
    }
    if ('answer' in outcome) await asking.decided(outcome.answer);
    else if ('refused' in outcome) await asking.refused(message.about, outcome.refused.code);
    else await asking.expired(message.about);
  }
}
