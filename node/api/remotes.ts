// Other DICOM nodes: asked, pulled from, sent to; and what waits to be sent on.
import { type Static, Type } from 'typebox';
import { limits } from '../../protocol/limits.ts';
import { defineRoute } from './route.ts';
import { closed, Optional, oneOf, Text, Uid, UnixMs, WithId } from './schemas.ts';

const params = closed({ ae: Text(16) });

const Remote = closed({ aeTitle: Type.String(), host: Type.String(), port: Type.Integer(), tls: Type.Boolean() });

/** Levels of the query/retrieve information models (PS3.4 C.6). */
export const queryLevels = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'] as const;

const Find = closed({
  level: oneOf(queryLevels),
  root: Type.Optional(oneOf(['patient', 'study', 'patient-study'])),
  keys: Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 10_240 }), {
    maxProperties: limits.httpQueryKeys,
    description: 'Keyword or tag to what it must match (DICOM wildcards, ranges); empty asks for the value.',
  }),
});
export type RemoteQuery = Static<typeof Find>;

const ofSeries = { study: Uid, series: Type.Optional(Uid) };

const Job = closed({
  id: Type.String(),
  kind: oneOf(['pull', 'send', 'commit']),
  aeTitle: Type.String(),
  study: Type.String(),
  state: oneOf(['running', 'done', 'failed']),
  code: Optional,
  by: Type.Optional(Type.String({ description: 'C-GET, C-MOVE, C-GET+C-MOVE, C-STORE or N-ACTION.' })),
  objects: closed({ done: Type.Integer(), failed: Type.Integer(), total: Type.Integer() }),
  reasons: Type.Optional(
    Type.Array(closed({ reason: Type.String(), instances: Type.Integer() }), {
      description:
        'Why instances are not committed: Failure Reason (0008,1197) in hexadecimal; empty if none was given.',
    }),
  ),
  at: UnixMs,
  ended: Type.Optional(UnixMs),
});
export type RemoteJob = Static<typeof Job>;

const Destination = closed({
  aeTitle: Type.String(),
  state: oneOf(['idle', 'sending', 'pausing']),
  waiting: Type.Integer(),
  failed: Type.Integer({ description: 'Given up; sending the study again tries them again.' }),
  code: Type.Optional(Type.String({ description: 'Why the last attempt failed.' })),
  next: Type.Optional(Type.Integer({ description: 'When the next attempt is made, unix ms.' })),
  sent: Type.Integer({ description: 'Since the peer started.' }),
});

const tag = 'remotes';
const path = '/api/v1/remotes';
const job = { tag, params, answer: Job, status: 202 } as const;

export const remotes = {
  list: defineRoute({
    method: 'GET',
    path,
    needs: ['view', 'manage'],
    tag,
    summary: 'The DICOM nodes that are configured.',
    answer: Type.Array(Remote),
  }),
  echo: defineRoute({
    method: 'POST',
    path: `${path}/:ae/echo`,
    needs: ['fetch', 'manage'],
    tag,
    summary: 'C-ECHO.',
    params,
    answer: closed({ aeTitle: Type.String(), ms: Type.Integer() }),
  }),
  find: defineRoute({
    method: 'POST',
    path: `${path}/:ae/find`,
    needs: 'view',
    tag,
    summary: 'C-FIND.',
    params,
    body: Find,
    answer: closed({
      answers: Type.Array(Type.Unknown(), { description: 'DICOM JSON.' }),
      complete: Type.Boolean({ description: 'These are all.' }),
    }),
  }),
  pull: defineRoute({
    ...job,
    method: 'POST',
    path: `${path}/:ae/pull`,
    needs: 'fetch',
    summary: 'Fetches a study or series.',
    body: closed(ofSeries),
  }),
  send: defineRoute({
    ...job,
    method: 'POST',
    path: `${path}/:ae/send`,
    needs: 'export',
    summary: 'Sends what is kept here of a study.',
    body: closed({ ...ofSeries, instance: Type.Optional(Uid) }),
  }),
  commit: defineRoute({
    ...job,
    method: 'POST',
    path: `${path}/:ae/commit`,
    needs: 'view',
    summary: 'Asks a node to confirm that it keeps what is kept here of a study (storage commitment).',
    body: closed(ofSeries),
  }),
  jobs: defineRoute({
    method: 'GET',
    path: `${path}/jobs`,
    needs: 'view',
    tag,
    summary: 'Pulls, sends and commitments, latest first.',
    answer: Type.Array(Job),
  }),
  job: defineRoute({
    method: 'GET',
    path: `${path}/jobs/:id`,
    needs: 'view',
    tag,
    summary: 'One of them.',
    params: WithId,
    answer: Job,
  }),
  cancel: defineRoute({
    method: 'POST',
    path: `${path}/jobs/:id/cancel`,
    needs: 'fetch',
    tag,
    summary: 'Stops a pull or a commitment; what has arrived is kept.',
    params: WithId,
    answer: Job,
  }),
  routing: defineRoute({
    method: 'GET',
    path: '/api/v1/routing',
    needs: 'status',
    tag,
    summary: 'What waits to be sent on.',
    answer: Type.Array(Destination),
  }),
};
