// A peer that waits less than others do for who has stopped in the middle of something: its folder, then the
// milliseconds.

import { startPeer } from '../../node/peer.ts';
import { openLog } from '../../node/system/log.ts';

const [, , dir, ms] = process.argv;
const peer = await startPeer(dir!, openLog(), { idleMs: Number(ms), artimMs: Number(ms) });
process.once('SIGTERM', () => void peer.stop().then(() => process.exit()));
