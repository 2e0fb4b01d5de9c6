// What came in and could not be taken: listed, looked at, tried again.
import { Type } from 'typebox';
import type { AsideRecord } from '../../exchange/aside.ts';
import { who } from '../auth.ts';
import type { HttpParts } from '../parts.ts';
import { answers, closed, type Server } from '../typed.ts';
import { ImportedSchema } from './import.ts';

const AsideId = Type.String({ pattern: '^[0-9a-f]{16}$' });
const params = closed({ id: AsideId });
const Kept = closed({
  id: AsideId,
  kind: Type.Union([Type.Literal('quarantine'), Type.Literal('conflict')]),
  reason: Type.String(),
  from: Type.String(),
  transferSyntax: Type.String(),
  sopClassUid: Type.Optional(Type.String()),
  sopInstanceUid: Type.Optional(Type.String()),
  bytes: Type.Integer(),
  at: Type.Integer({ description: 'Unix ms.' }),
});
const tags = ['import'];
const config = { needs: 'manage' } as const;

export function quarantineRoutes(server: Server, { aside, retryAside, audit }: HttpParts): void {
  const list = { summary: 'What is kept aside, oldest first.', tags, response: answers(Type.Array(Kept)) };
  server.get('/quarantine', { schema: list, config }, async () => (await aside.list()).map(shown));

  const one = { summary: 'One object that is kept aside.', tags, params, response: answers(Kept) };
  server.get('/quarantine/:id', { schema: one, config }, async (request) => shown(await aside.get(request.params.id)));

  const retry = { summary: 'Imports it once more.', tags, params, response: answers(ImportedSchema) };
  server.post('/quarantine/:id/retry', { schema: retry, config }, async (request) => {
    const person = who(request);
    const result = await retryAside(request.params.id);
    await audit.append({ kind: 'import', outcome: 'success', person, detail: { retry: result.outcome } });
    return result;
  });
}

/** Everything but its key. */
const shown = ({ id, kind, reason, announced, plainLength, at }: AsideRecord) => ({
  ...{ id, kind, reason, from: announced.from, transferSyntax: announced.transferSyntax },
  ...announced.instance,
  ...{ bytes: plainLength, at },
});
