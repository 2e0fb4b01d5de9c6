// What this peer is and how it is: its name and figures, its checks, joining a federation.
import { type Static, Type } from 'typebox';
import { limits } from '../../protocol/limits.ts';
import { defineRoute } from './route.ts';
import { closed } from './schemas.ts';

const Peer = closed({
  peerId: Type.String(),
  name: Type.String(),
  federation: Type.Union([Type.String(), Type.Null()], { description: 'Federation id, null before joining.' }),
  roster: Type.Union([Type.Integer(), Type.Null()], { description: 'Number of the roster that is followed.' }),
  reachability: Type.String(),
  version: Type.String(),
  studies: Type.Integer(),
  instances: Type.Integer(),
  bytes: Type.Integer(),
});

const Check = closed({ name: Type.String(), ok: Type.Boolean(), advice: Type.String() });
export type Check = Static<typeof Check>;

const Joined = closed({ federation: Type.String(), number: Type.Integer() });
export type Joined = Static<typeof Joined>;

const tag = 'peer';

export const peer = {
  get: defineRoute({
    method: 'GET',
    path: '/api/v1/peer',
    needs: 'status',
    tag,
    summary: 'This peer and what it keeps.',
    answer: Peer,
  }),
  doctor: defineRoute({
    method: 'GET',
    path: '/api/v1/doctor',
    needs: 'manage',
    tag,
    summary: 'Checks, and what to do.',
    answer: closed({ checks: Type.Array(Check) }),
  }),
  join: defineRoute({
    method: 'POST',
    path: '/api/v1/roster',
    needs: 'manage',
    tag,
    summary: 'Takes a roster bundle: joins a federation, or follows its next roster.',
    body: { types: ['application/cbor', 'application/octet-stream'], about: 'A roster bundle' },
    bodyBytes: limits.bundleBytes,
    answer: Joined,
  }),
};
