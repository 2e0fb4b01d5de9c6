// Ports for what is started later, by us or by another program. A port that the system chose and that was let go again is
// soon anybody's, for one end of a connection just as for a listener. So they are taken from below those that systems
// choose by themselves, in blocks of which a process has one to itself: it listens on the block's first port as long as it
// lives.
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

const blockPorts = 50;
const blocks = 100;
const linuxRange = '/proc/sys/net/ipv4/ip_local_port_range';
/** RFC 6335, section 6. */
const usualRange = 49_152;

let next = 0;
let end = 0;

/** A port that nobody listens on, and that no other call gives while this process lives. @throws when none is left */
export async function freePort(): Promise<number> {
  for (;;) {
    while (next === end) await claimBlock();
    const port = next++;
    const server = await listening('0.0.0.0', port);
    if (server === undefined) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

async function claimBlock(): Promise<void> {
  const first = Math.max(firstOfSystem() - blocks * blockPorts, 1024);
  for (let i = 0; i < blocks; i++) {
    const port = first + ((process.pid + i) % blocks) * blockPorts;
    const server = await listening('127.0.0.1', port);
    if (server === undefined) continue;
    server.unref();
    next = port + 1;
    end = port + blockPorts;
    return;
  }
  throw new Error('no block of ports is free');
}

/** The first port that the system gives by itself. */
function firstOfSystem(): number {
  return existsSync(linuxRange) ? Number.parseInt(readFileSync(linuxRange, 'utf8'), 10) : usualRange;
}

/** Undefined when somebody listens there. */
function listening(host: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(undefined) : reject(error),
    );
    server.listen(port, host, () => resolve(server));
  });
}
