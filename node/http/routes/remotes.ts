// Other DICOM nodes: asked, pulled from, sent to; and what waits to be sent on.
import { Type } from 'typebox';
import { limits } from '../../../protocol/limits.ts';
import { closed, Text, Uid, WithId } from '../../api/schemas.ts';
import { queryLevels, queryRoots } from '../../dicom/dimse/query-models.ts';
import { who } from '../auth.ts';
import type { HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const tags = ['remotes'];
const params = closed({ ae: Text(16) });
const one = <T extends string>(values: readonly T[]) =>
  Type.Unsafe<T>(Type.Union(values.map((value) => Type.Literal(value))));

const Remote = closed({ aeTitle: Type.String(), host: Type.String(), port: Type.Integer(), tls: Type.Boolean() });
const Echo = closed({ aeTitle: Type.String(), ms: Type.Integer() });
const Find = closed({
  level: one(queryLevels),
  root: Type.Optional(one(queryRoots)),
  keys: Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 10_240 }), {
    maxProperties: limits.httpQueryKeys,
    description: 'Keyword or tag to what it must match (DICOM wildcards, ranges); empty asks for the value.',
  }),
});
const Found = closed({
  answers: Type.Array(Type.Unknown(), { description: 'DICOM JSON.' }),
  complete: Type.Boolean({ description: 'These are all.' }),
});
const Pull = closed({ study: Uid, series: Type.Optional(Uid) });
const Send = closed({ study: Uid, series: Type.Optional(Uid), instance: Type.Optional(Uid) });
const Job = closed({
  id: Type.String(),
  kind: one(['pull', 'send', 'commit']),
  aeTitle: Type.String(),
  study: Type.String(),
  state: one(['running', 'done', 'failed']),
  code: Type.Optional(Type.String()),
  by: Type.Optional(Type.String({ description: 'C-GET, C-MOVE, C-GET+C-MOVE, C-STORE or N-ACTION.' })),
  objects: closed({ done: Type.Integer(), failed: Type.Integer(), total: Type.Integer() }),
  reasons: Type.Optional(
    Type.Array(closed({ reason: Type.String(), instances: Type.Integer() }), {
      description:
        'Why instances are not committed: Failure Reason (0008,1197) in hexadecimal; empty if none was given.',
    }),
  ),
  at: Type.Integer({ description: 'Unix ms.' }),
  ended: Type.Optional(Type.Integer({ description: 'Unix ms.' })),
});
const Destination = closed({
  aeTitle: Type.String(),
  state: one(['idle', 'sending', 'pausing']),
  waiting: Type.Integer(),
  failed: Type.Integer({ description: 'Given up; sending the study again tries them again.' }),
  code: Type.Optional(Type.String({ description: 'Why the last attempt failed.' })),
  next: Type.Optional(Type.Integer({ description: 'When the next attempt is made, unix ms.' })),
  sent: Type.Integer({ description: 'Since the peer started.' }),
});

export function remoteRoutes(server: Server, { pacs }: HttpParts): void {
  const list = { summary: 'The DICOM nodes that are configured.', tags, response: answers(Type.Array(Remote)) };
  server.get('/remotes', { schema: list, config: { needs: ['view', 'manage'] } }, () => pacs.list());

  const echo = { summary: 'C-ECHO.', tags, params, response: answers(Echo) };
  server.post('/remotes/:ae/echo', { schema: echo, config: { needs: ['import', 'manage'] } }, (request) =>
    pacs.echo(request.params.ae),
  );

  const find = { summary: 'C-FIND.', tags, params, body: Find, response: answers(Found) };
  server.post('/remotes/:ae/find', { schema: find, config: { needs: 'view' } }, async (request, reply) => {
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    return pacs.find(request.params.ae, request.body, who(request), left.signal);
  });

  const pull = { summary: 'Fetches a study or series.', tags, params, body: Pull, response: answers(Job, 202) };
  server.post('/remotes/:ae/pull', { schema: pull, config: { needs: 'import' } }, async (request, reply) => {
    return reply.code(202).send(await pacs.pull(request.params.ae, request.body, who(request)));
  });

  const send = {
    summary: 'Sends what is kept here of a study.',
    tags,
    params,
    body: Send,
    response: answers(Job, 202),
  };
  server.post('/remotes/:ae/send', { schema: send, config: { needs: 'view' } }, async (request, reply) => {
    return reply.code(202).send(await pacs.send(request.params.ae, request.body, who(request)));
  });

  const commit = {
    summary: 'Asks a node to confirm that it keeps what is kept here of a study (storage commitment).',
    tags,
    params,
    body: Pull,
    response: answers(Job, 202),
  };
  server.post('/remotes/:ae/commit', { schema: commit, config: { needs: 'view' } }, async (request, reply) => {
    return reply.code(202).send(await pacs.commit(request.params.ae, request.body, who(request)));
  });

  jobRoutes(server, pacs);

  const routing = { summary: 'What waits to be sent on.', tags, response: answers(Type.Array(Destination)) };
  server.get('/routing', { schema: routing, config: { needs: 'status' } }, () => pacs.routing());
}

function jobRoutes(server: Server, pacs: HttpParts['pacs']): void {
  const list = { summary: 'Pulls, sends and commitments, latest first.', tags, response: answers(Type.Array(Job)) };
  server.get('/remotes/jobs', { schema: list, config: { needs: 'view' } }, () => pacs.jobs());

  const job = { summary: 'One of them.', tags, params: WithId, response: answers(Job) };
  server.get('/remotes/jobs/:id', { schema: job, config: { needs: 'view' } }, (request) => pacs.job(request.params.id));

  const cancel = {
    summary: 'Stops a pull or a commitment; what has arrived is kept.',
    tags,
    params: WithId,
    response: answers(Job),
  };
  server.post('/remotes/jobs/:id/cancel', { schema: cancel, config: { needs: 'import' } }, (request) =>
    pacs.cancel(request.params.id),
  );
}
