// Which connections end when the server closes.
import type { Server } from 'node:http';

/**
 * Has a server's connections end with it: at once if no request is under way, else after the last answer. Node ends by
 * itself those alone that wait for a next request; one on which nothing came yet (browsers open some in advance), of which
 * a request's head has begun, or whose request was answered before all its body came would keep the server for minutes.
 * @returns what to call when the server begins to close
 */
export function connectionsOf(server: Server): { end(): void } {
  let ending = false;
  let underWay = 0;
  const endIfIdle = () => {
    if (ending && underWay === 0) server.closeAllConnections();
  };
  server.on('connection', endIfIdle);
  server.on('request', (_, answer) => {
    underWay++;
    answer.once('close', () => {
      underWay--;
      endIfIdle();
    });
  });
  return {
    end: () => {
      ending = true;
      endIfIdle();
    },
  };
}
