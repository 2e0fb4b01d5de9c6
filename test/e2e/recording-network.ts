// A peer's real network that keeps what the peer says and hears in what it began, as it is inside the encrypted
// connections: what the other side, or somebody who broke them, would read.
import type { Channel, Network } from '../../node/net/network.ts';

/** What two peers said to each other, all in one. */
export interface Heard {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly bytes: Uint8Array;
}

export function recordingNetwork(real: Network, heard: Heard[]): Network {
  const keep = (to: string, protocol: string, bytes: Uint8Array) =>
    void heard.push({ from: real.self, to, protocol, bytes: bytes.slice() });
  return {
    self: real.self,
    request: async (peer, protocol, body, options) => {
      keep(peer, protocol, body);
      const answer = await real.request(peer, protocol, body, options);
      keep(peer, protocol, answer);
      return answer;
    },
    open: async (peer, protocol, options) =>
      recordingChannel(await real.open(peer, protocol, options), (bytes) => keep(peer, protocol, bytes)),
    serve: (protocol, handler, options) => real.serve(protocol, handler, options),
    serveStream: (protocol, handler) => real.serveStream(protocol, handler),
    closest: (key, options) => real.closest(key, options),
    connected: () => real.connected(),
    connect: (peer, options) => real.connect(peer, options),
    disconnect: (peer) => real.disconnect(peer),
    on: (event, run) => real.on(event, run),
    start: () => real.start(),
    stop: () => real.stop(),
    addresses: () => real.addresses(),
    learn: (peer, addresses) => real.learn(peer, addresses),
    reconsider: (peer) => real.reconsider(peer),
  };
}

const recordingChannel = (real: Channel, keep: (bytes: Uint8Array) => void): Channel => ({
  peer: real.peer,
  read: async function* () {
    for await (const piece of real.read()) {
      keep(piece);
      yield piece;
    }
  },
  write: (bytes) => {
    keep(bytes);
    return real.write(bytes);
  },
  end: () => real.end(),
  abort: (error) => real.abort(error),
});
