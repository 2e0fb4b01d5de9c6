// For whoever watches the process or opens its address: alive, ready, figures, events, the front page.
import { Type } from 'typebox';
import { defineRoute } from './route.ts';
import { closed } from './schemas.ts';

const tag = 'peer';

export const health = {
  home: defineRoute({
    method: 'GET',
    path: '/',
    needs: 'public',
    tag,
    summary: 'The front page.',
    answer: { types: ['text/html'], about: 'A page' },
  }),
  live: defineRoute({
    method: 'GET',
    path: '/healthz',
    needs: 'public',
    tag,
    summary: 'Whether the process answers.',
    answer: closed({}),
  }),
  ready: defineRoute({
    method: 'GET',
    path: '/readyz',
    needs: 'public',
    tag,
    summary: 'Whether everything has started.',
    answer: closed({ ready: Type.Boolean() }),
    status: [200, 503],
  }),
  metrics: defineRoute({
    method: 'GET',
    path: '/metrics',
    needs: 'status',
    tag,
    summary: 'Prometheus metrics.',
    answer: { types: ['text/plain'], about: 'Metrics' },
  }),
  events: defineRoute({
    method: 'GET',
    path: '/api/v1/events',
    needs: 'status',
    tag,
    summary: 'Server-sent events: request, transfer, study, roster, alarm.',
    answer: { types: ['text/event-stream'], about: 'Events' },
  }),
  openApi: defineRoute({
    method: 'GET',
    path: '/api/openapi.json',
    needs: 'token',
    tag,
    summary: 'This description.',
    answer: Type.Unknown(),
  }),
};
