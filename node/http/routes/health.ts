// For whoever watches the process: alive, ready, and figures (which need a token).
import { Type } from 'typebox';
import { closed } from '../../api/schemas.ts';
import type { HttpParts } from '../parts.ts';
import { answersAs, type Server } from '../typed.ts';

const Ready = closed({ ready: Type.Boolean() });
const tags = ['peer'];

export function healthRoutes(server: Server, { ready, events }: HttpParts): void {
  const live = { summary: 'Whether the process answers.', tags, security: [], response: { 200: closed({}) } };
  server.get('/healthz', { schema: live, config: { needs: 'public' } }, () => ({}));

  const response = { 200: Ready, 503: Ready };
  const readiness = { summary: 'Whether everything has started.', tags, security: [], response };
  server.get('/readyz', { schema: readiness, config: { needs: 'public' } }, (_request, reply) => {
    const isReady = ready();
    return reply.code(isReady ? 200 : 503).send({ ready: isReady });
  });

  const figures = { summary: 'Prometheus metrics.', tags, response: answersAs('Metrics', 'text/plain') };
  server.get('/metrics', { schema: figures, config: { needs: 'status' } }, async (_request, reply) => {
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await events.metrics());
  });
}
