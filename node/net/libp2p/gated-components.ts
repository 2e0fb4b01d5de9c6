// libp2p's own services (identify, ping, kad-dht) register their handlers themselves. They are given components whose
// registrar asks the doorkeeper first, so that the gate holds for every protocol. (Stream middleware cannot do it:
// libp2p 3.3 appends the handler to the middleware's list on every stream.)
import type { StreamHandler, StreamHandlerOptions } from '@libp2p/interface';
import type { ping } from '@libp2p/ping';
import { PeerError } from '../../../protocol/errors.ts';
import type { Doorkeeper } from '../network.ts';

type Registrar = Parameters<ReturnType<typeof ping>>[0]['registrar'];

export function gatedComponents<C extends { registrar: Registrar }>(components: C, doorkeeper: Doorkeeper): C {
  const { registrar } = components;
  const handle = (protocol: string, handler: StreamHandler, options?: StreamHandlerOptions) =>
    registrar.handle(protocol, gatedHandler(protocol, handler, doorkeeper), options);
  const gated: Registrar = Object.create(registrar, { handle: { value: handle } });
  return Object.create(components, { registrar: { value: gated } }) as C;
}

/** Refuses by resetting the stream; libp2p aborts a stream whose handler throws. */
const gatedHandler =
  (protocol: string, handler: StreamHandler, doorkeeper: Doorkeeper): StreamHandler =>
  (stream, connection) => {
    const peer = connection.remotePeer.toString();
    if (!doorkeeper.maySpeak(peer, protocol)) throw new PeerError('net/refused', { peer, protocol });
    return handler(stream, connection);
  };
