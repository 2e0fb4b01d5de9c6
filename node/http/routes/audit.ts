// The audit log: who did what to whose data, and the proof that nobody changed it.
import { Type } from 'typebox';
import { limits } from '../../../protocol/limits.ts';
import { closed, Id } from '../../api/schemas.ts';
import type { HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const Entry = Type.Object({
  index: Type.Integer(),
  erased: Type.Optional(Type.Literal(true, { description: 'Its patient’s key was destroyed.' })),
  at: Type.Optional(Type.Integer({ description: 'Unix ms.' })),
  kind: Type.Optional(Type.String()),
  outcome: Type.Optional(Type.String()),
});
const Head = closed({ size: Type.Integer(), root: Type.String() });
const Verified = Type.Object({
  ok: Type.Boolean(),
  entries: Type.Integer(),
  erased: Type.Integer(),
  head: Head,
  problems: Type.Array(Type.Object({ at: Type.String(), index: Type.Integer() })),
});
const Count = Type.String({ pattern: '^[0-9]{1,15}$' });
const query = closed({
  patient: Type.Optional(Type.Intersect([Id], { description: 'A patient record’s id.' })),
  from: Type.Optional(Type.Intersect([Count], { description: 'Index of the first entry.' })),
  limit: Type.Optional(Type.Intersect([Count], { description: `At most ${limits.httpPageRows}, which is usual.` })),
});
const tags = ['audit'];
const config = { needs: 'audit' } as const;

export function auditRoutes(server: Server, { audit }: HttpParts): void {
  const list = { summary: 'Entries in their order; the next page is from the last index + 1.', tags };
  const schema = { ...list, querystring: query, response: answers(Type.Array(Entry)) };
  server.get('/audit', { schema, config }, async (request) => {
    const { patient, from = '0', limit = `${limits.httpPageRows}` } = request.query;
    const most = Math.min(Number(limit), limits.httpPageRows);
    const entries: object[] = [];
    if (most === 0) return entries;
    for await (const { index, entry } of audit.entries({
      from: Number(from),
      ...(patient !== undefined && { patient }),
    })) {
      entries.push(entry === undefined ? { index, erased: true } : { index, ...entry });
      if (entries.length >= most) break;
    }
    return entries;
  });

  const head = { summary: 'Size and root of the log’s tree now.', tags, response: answers(Head) };
  server.get('/audit/head', { schema: head, config }, async () => {
    const { size, root } = await audit.head();
    return { size, root };
  });

  const verify = { summary: 'Recomputes the whole log.', tags, response: answers(Verified) };
  server.get('/audit/verify', { schema: verify, config }, () => audit.verify());
}
