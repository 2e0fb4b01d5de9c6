// Who has what of a patient.
import { Type } from 'typebox';
import { closed, Purpose, Text } from '../../api/schemas.ts';
import { who } from '../auth.ts';
import type { HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const Study = closed({
  ref: Type.String({ description: 'What to ask for it by.' }),
  date: Type.Optional(Type.String()),
  modalities: Type.Array(Type.String()),
  bodyPart: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  instances: Type.Integer(),
  bytes: Type.Integer(),
  report: Type.String(),
  origin: Type.String(),
  same: Type.String({ description: 'Equal where two hospitals hold one study.' }),
});
const Hospital = closed({
  member: Type.String(),
  name: Type.String(),
  online: Type.Boolean(),
  lastSeen: Type.Optional(Type.Integer({ description: 'Unix ms.' })),
  state: Type.Union(['answered', 'pending', 'denied', 'offline'].map((state) => Type.Literal(state))),
  code: Type.Optional(Type.String()),
  studies: Type.Array(Study),
});
const Found = closed({
  hospitals: Type.Array(Hospital),
  complete: Type.Boolean({ description: 'Everybody who could know was reached.' }),
  unreachable: Type.Array(Type.String()),
  ms: Type.Integer(),
});

export function findRoutes(server: Server, { finder }: HttpParts): void {
  const schema = {
    summary: 'Finds what the federation has of a patient.',
    tags: ['exchange'],
    body: closed({ system: Type.Optional(Text(200)), value: Text(200), purpose: Purpose, reason: Text(1000) }),
    response: answers(Found),
  };
  server.post('/find', { schema, config: { needs: 'find' } }, async (request, reply) => {
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    const { hospitals, complete, unreachable, ms } = await finder.find(request.body, who(request), left.signal);
    return { hospitals, complete, unreachable, ms };
  });
}
