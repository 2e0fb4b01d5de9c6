// For whoever watches the process or opens its address: alive, ready, figures and events (which need a token), a page.
import { health } from '../../api/health.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';
import { eventStream } from './events.ts';
import { homePage } from './home.ts';

export function healthRoutes(server: Server, parts: HttpParts): void {
  serve(server, health, {
    home: ({ reply }) => reply.type('text/html; charset=utf-8').send(homePage),
    live: () => ({}),
    ready: ({ reply }) => {
      const ready = parts.ready();
      reply.code(ready ? 200 : 503);
      return { ready };
    },
    metrics: async ({ reply }) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(await parts.events.metrics()),
    events: eventStream(server, parts),
    openApi: () => server.swagger(),
  });
}
