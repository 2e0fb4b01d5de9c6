// How our libp2p is put together, and why each setting is what it is.
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { type Identify, identify } from '@libp2p/identify';
import type { Libp2p, PeerId } from '@libp2p/interface';
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht';
import { type Ping, ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import { limits } from '../../../protocol/limits.ts';
import type { Doorkeeper } from '../network.ts';
import { encrypter } from './encrypter.ts';
import type { Entrance } from './entrance.ts';
import { gatedComponents } from './gated-components.ts';

export interface Libp2pOptions {
  /** Seed of the Ed25519 identity (RFC 8032 5.1.5), 32 bytes. */
  readonly seed: Uint8Array;
  /** Multiaddrs to listen on, e.g. /ip4/0.0.0.0/tcp/4101. */
  readonly listen: readonly string[];
  /** Multiaddrs to name instead of those. */
  readonly announce?: readonly string[] | undefined;
  /** New connections a second from one address; limits.netConnectionsPerSecond without one. */
  readonly connectionsPerSecond?: number | undefined;
}

export const kadProtocol = '/dicomnet/kad/1';
export const identifyProtocol = '/ipfs/id/1.0.0';

export type Host = Libp2p<{ identify: Identify; ping: Ping; dht: KadDHT }>;

/** A libp2p that isn't started yet. */
export async function createHost(options: Libp2pOptions, doorkeeper: Doorkeeper, entrance: Entrance): Promise<Host> {
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', options.seed),
    addresses: { listen: [...options.listen], announce: [...(options.announce ?? [])] },
    transports: [tcp({ dialOpts: { noDelay: true }, listenOpts: { noDelay: true } })],
    connectionEncrypters: [encrypter()],
    streamMuxers: [
      yamux({
        maxInboundStreams: 8 * limits.netStreams,
        maxOutboundStreams: 8 * limits.netStreams,
        maxEarlyStreams: limits.netStreams, // those that come before the connection is told of; 10 cut it when it is busy
        // a paused stream is reset unless it can hold all that the other side may send ahead
        streamOptions: { maxStreamWindowSize: limits.netWindowBytes, maxReadBufferLength: 2 * limits.netWindowBytes },
      }),
    ],
    connectionGater: {
      denyDialPeer: (peer: PeerId) => !doorkeeper.mayConnect(peer.toString(), 'out'),
      denyInboundConnection: (connection) => !entrance.mayBegin(connection),
      denyInboundEncryptedConnection: (peer: PeerId, connection) => {
        entrance.entered(connection, peer.toString());
        return !doorkeeper.mayConnect(peer.toString(), 'in');
      },
      denyOutboundEncryptedConnection: (peer: PeerId) => !doorkeeper.mayConnect(peer.toString(), 'out'),
      denyDialMultiaddr: () => false, // the default refuses loopback and private addresses in some builds
    },
    connectionManager: {
      maxConnections: limits.netConnections,
      // one address can hold 100 of these for nothing (its connections a second for as long): not everybody's way in
      maxIncomingPendingConnections: 512,
      inboundUpgradeTimeout: 5_000,
      // libp2p's 5 a second would refuse hospitals behind one address after a power cut
      inboundConnectionThreshold: options.connectionsPerSecond ?? limits.netConnectionsPerSecond,
      dialTimeout: limits.netOpenMs,
      reconnectRetries: 0, // redialling is ours (redial.ts)
    },
    // a peer busy with a transfer answers pings late; libp2p's 5 s would cut the transfer
    connectionMonitor: { pingInterval: 15_000, pingTimeout: { minTimeout: 30_000, maxTimeout: 60_000 } },
    services: {
      // asked by hand, for members only
      identify: (components) => identify({ runOnConnectionOpen: false })(gatedComponents(components, doorkeeper)),
      ping: (components) => ping()(gatedComponents(components, doorkeeper)),
      dht: (components) =>
        kadDHT({
          protocol: kadProtocol,
          kBucketSize: limits.netClosest,
          clientMode: false,
          peerInfoMapper: passthroughMapper, // the default empties the table on private networks
          allowQueryWithZeroPeers: true,
        })(gatedComponents(components, doorkeeper)),
    },
  });
}
