// Cuts what arrives into frames and the raw bytes behind them, however it was split on the way. Raw bytes are handed on
// as views of what arrived; at most one control frame is ever kept.
import { must } from '../errors.ts';
import { limits } from '../limits.ts';
import { bodyLength, decodeTransferFrame, frameHeadBytes, isKnownType, type TransferFrame } from './messages.ts';

/** A frame, or a piece of the raw bytes that the last frame announced. */
export type Parsed = TransferFrame | { readonly type: 'body'; readonly bytes: Uint8Array };

export class FrameParser {
  readonly #head = new Uint8Array(frameHeadBytes);
  #headFilled = 0;
  #payload = new Uint8Array();
  #payloadFilled = 0;
  #skip = 0;
  #body = 0;

  /** True between frames: an end here cut nothing short. */
  get idle(): boolean {
    return this.#headFilled === 0 && this.#body === 0 && this.#skip === 0;
  }

  /** What `piece` completes, in order. To be read to the end. @throws PeerError transfer/framing */
  *feed(piece: Uint8Array): Generator<Parsed, void> {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#body > 0) {
        const bytes = rest.subarray(0, this.#body);
        this.#body -= bytes.length;
        rest = rest.subarray(bytes.length);
        yield { type: 'body', bytes };
      } else if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, rest.length);
        this.#skip -= skipped;
        rest = rest.subarray(skipped);
      } else if (this.#headFilled < frameHeadBytes) {
        rest = rest.subarray(this.#fillHead(rest));
        if (this.#headFilled === frameHeadBytes && !this.#begin()) yield this.#finish();
      } else {
        rest = rest.subarray(this.#fillPayload(rest));
        if (this.#payloadFilled === this.#payload.length) yield this.#finish();
      }
    }
  }

  #fillHead(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, frameHeadBytes - this.#headFilled);
    this.#head.set(taken, this.#headFilled);
    this.#headFilled += taken.length;
    return taken.length;
  }

  #fillPayload(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#payload.length - this.#payloadFilled);
    this.#payload.set(taken, this.#payloadFilled);
    this.#payloadFilled += taken.length;
    return taken.length;
  }

  /** Takes a full head; false if the frame is complete with it. */
  #begin(): boolean {
    const length = new DataView(this.#head.buffer).getUint32(1);
    must(length <= limits.transferFrameBytes, 'transfer/framing', { length });
    if (!isKnownType(this.#head[0]!)) {
      this.#headFilled = 0;
      this.#skip = length;
      return true;
    }
    this.#payload = new Uint8Array(length);
    this.#payloadFilled = 0;
    return length > 0;
  }

  #finish(): TransferFrame {
    const frame = decodeTransferFrame(this.#head[0]!, this.#payload);
    this.#headFilled = 0;
    this.#body = bodyLength(frame);
    return frame;
  }
}
