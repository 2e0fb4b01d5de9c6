import { networkContract } from '../../contract/network.ts';
import { loopbackWorld, memoryWorld } from './worlds.ts';

networkContract('the network in memory', memoryWorld);
networkContract('the network over libp2p', loopbackWorld);
