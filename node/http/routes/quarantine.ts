// What came in and could not be taken: listed, looked at, compared, decided.
import { Type } from 'typebox';
import { closed, Text, Uid } from '../../api/schemas.ts';
import { carriedOut } from '../../audit/acts.ts';
import { asideActions } from '../../exchange/aside/actions.ts';
import type { AsideRecord } from '../../exchange/import/aside.ts';
import type { FileImported } from '../../exchange/import/from-file.ts';
import { who } from '../auth.ts';
import { primed } from '../dicomweb/multipart.ts';
import type { HttpParts } from '../parts.ts';
import { answers, answersAs, type Server } from '../typed.ts';
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
const Optional = Type.Optional(Type.String());
const DifferenceSchema = closed({ tag: Type.String(), keyword: Optional, stored: Optional, came: Optional });
const ResolutionSchema = closed({
  action: Type.Union(
    asideActions.map((action) => Type.Literal(action)),
    {
      description:
        'Conflict of content: keep (this one goes), replace (the stored one is kept aside instead), both (stored too, under a new SOP Instance UID). Another patient: assign (to the study’s patient), move (the study to the patient it names), keep. Any: retry, drop.',
    },
  ),
  transferSyntax: Type.Optional(Uid),
  trust: Type.Optional(Type.Boolean({ description: 'Of retry: believe the data set, not what was announced.' })),
  note: Type.Optional(Text(500)),
});
const ResolvedSchema = closed({ ...ImportedSchema.properties, outcome: Type.String() });
const tags = ['import'];
const config = { needs: 'manage' } as const;
const deciding = { needs: 'resolve' } as const;

export function quarantineRoutes(server: Server, { aside, retryAside, decisions, acts }: HttpParts): void {
  const list = { summary: 'What is kept aside, oldest first.', tags, response: answers(Type.Array(Kept)) };
  server.get('/quarantine', { schema: list, config: deciding }, async (request) => {
    await acts.listed('quarantine', who(request));
    return (await Array.fromAsync(aside.rows())).map(({ row }) => shown(row));
  });

  const one = { summary: 'One object that is kept aside.', tags, params, response: answers(Kept) };
  server.get('/quarantine/:id', { schema: one, config: deciding }, async (request) => {
    const { id } = request.params;
    await acts.asideOpened(id, who(request));
    return shown(await aside.get(id));
  });

  const compare = {
    summary: 'In what it differs from the object that is stored under its SOP Instance UID.',
    ...{ tags, params, response: answers(Type.Array(DifferenceSchema)) },
  };
  server.get('/quarantine/:id/differences', { schema: compare, config: deciding }, (request) =>
    decisions.differences(request.params.id, who(request)),
  );

  const octets = 'application/octet-stream';
  const file = { summary: 'Its bytes as they are kept.', tags, params, response: answersAs('Bytes', octets) };
  server.get('/quarantine/:id/file', { schema: file, config: deciding }, async (request, reply) => {
    return reply.type(octets).send(await primed(await decisions.bytes(request.params.id, who(request))));
  });

  const resolve = {
    summary: 'Decides what becomes of it.',
    ...{ tags, params, body: ResolutionSchema, response: answers(ResolvedSchema) },
  };
  server.post('/quarantine/:id/resolve', { schema: resolve, config: deciding }, (request) =>
    decisions.resolve(request.params.id, request.body, who(request)),
  );

  const retry = { summary: 'Imports it once more.', tags, params, response: answers(ImportedSchema) };
  server.post('/quarantine/:id/retry', { schema: retry, config }, (request) => {
    const { id } = request.params;
    return carriedOut<FileImported>(
      (end) => acts.asideRetried(id, who(request), end),
      () => retryAside(id),
    );
  });
}

/** Everything but its key. */
const shown = ({ id, kind, reason, announced, plainLength, at }: AsideRecord) => ({
  ...{ id, kind, reason, from: announced.from, transferSyntax: announced.transferSyntax },
  ...announced.instance,
  ...{ bytes: plainLength, at },
});
