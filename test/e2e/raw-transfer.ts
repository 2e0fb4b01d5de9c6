// One stream of a transfer spoken frame by frame, with none of a receiver's manners.
import type { Channel } from '../../node/net/network.ts';
import { codeOfWire, PeerError } from '../../protocol/errors.ts';
import { FrameParser } from '../../protocol/transfer/frame-parser.ts';
import { bodyLength, encodeTransferFrame, type TransferFrame } from '../../protocol/transfer/messages.ts';

export class RawTransfer {
  readonly channel: Channel;
  readonly #items: AsyncIterator<TransferFrame | { type: 'body'; bytes: Uint8Array }>;

  constructor(channel: Channel) {
    this.channel = channel;
    this.#items = parse(channel);
  }

  send(frame: TransferFrame): Promise<void> {
    return this.channel.write(encodeTransferFrame(frame));
  }

  /** The next frame with the bytes that it announced. @throws PeerError the code of an error frame, net/closed at the end */
  async next(): Promise<{ frame: TransferFrame; bytes: Uint8Array }> {
    const frame = await this.#item();
    if (frame.type === 'body') throw new PeerError('transfer/unexpected');
    if (frame.type === 'error') throw new PeerError(codeOfWire(frame.wire) ?? 'transfer/refused');
    const pieces: Uint8Array[] = [];
    for (let missing = bodyLength(frame); missing > 0; ) {
      const piece = await this.#item();
      if (piece.type !== 'body') throw new PeerError('transfer/unexpected');
      pieces.push(piece.bytes);
      missing -= piece.bytes.length;
    }
    return { frame, bytes: new Uint8Array(Buffer.concat(pieces)) };
  }

  /** Asks for one object from its start. @throws as `next`; PeerError of a refusal */
  async object(index: number): Promise<Uint8Array> {
    await this.send({ type: 'want', wants: [{ index, from: 0 }] });
    const { frame, bytes } = await this.next();
    if (frame.type === 'refused') throw new PeerError(codeOfWire(frame.wire) ?? 'transfer/refused');
    return bytes;
  }

  /** Breaks it off. */
  close(): void {
    this.channel.abort(new PeerError('net/closed'));
  }

  async #item() {
    const { value, done } = await this.#items.next();
    if (done === true) throw new PeerError('net/closed', { at: 'end' });
    return value;
  }
}

async function* parse(
  channel: Channel,
): AsyncGenerator<TransferFrame | { type: 'body'; bytes: Uint8Array }, undefined> {
  const parser = new FrameParser();
  for await (const piece of channel.read()) yield* parser.feed(piece);
}
