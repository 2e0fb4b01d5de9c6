// Signing in and out, tokens and users.
import { type Static, Type } from 'typebox';
import { limits } from '../../protocol/limits.ts';
import { defineList, defineRoute } from './route.ts';
import { closed, described, GivenRole, oneOf, Role, Text, UnixMs } from './schemas.ts';

const Ended = closed({ ended: Type.Integer({ description: 'Tokens that were ended.' }) });

const Token = closed({
  id: Type.String({ description: 'What it is called; nobody can sign in with it.' }),
  name: Type.String(),
  role: Role,
  kind: oneOf(['session', 'program'], { description: 'Of somebody who signed in, or made for a program.' }),
  created: UnixMs,
  expires: Type.Optional(described(UnixMs, 'Unix ms; the data folder’s own does not end.')),
  used: Type.Optional(Type.String({ description: 'Day of its last use (UTC), as 2026-11-29.' })),
});
export type Token = Static<typeof Token>;

const Also = Type.Optional(Type.Array(GivenRole, { maxItems: 8, description: 'Further roles, whose rights add up.' }));

const User = closed({ name: Type.String(), role: Role, also: Also, disabled: Type.Boolean() });
export type User = Static<typeof User>;

const Fresh = closed({ username: Type.String(), password: Type.String() });

const tag = 'accounts';
const session = '/api/v1/session';
const tokens = '/api/v1/tokens';
const users = '/api/v1/users';
const WithName = closed({ name: Text(100) });

export const accounts = {
  signIn: defineRoute({
    method: 'POST',
    path: session,
    needs: 'public',
    tag,
    summary: 'Exchanges a name and password for a token of twelve hours.',
    strict: true,
    body: closed({ username: Text(100), password: Text(200) }),
    answer: closed({ token: Type.String(), role: Role }),
  }),
  signOut: defineRoute({
    method: 'DELETE',
    path: session,
    needs: 'token',
    tag,
    summary: 'Ends the token that it is called with.',
    answer: Ended,
  }),
  signOutEverywhere: defineRoute({
    method: 'DELETE',
    path: `${session}/all`,
    needs: 'token',
    tag,
    summary: 'Ends all tokens of who signed in.',
    answer: Ended,
  }),
  changePassword: defineRoute({
    method: 'POST',
    path: `${session}/password`,
    needs: 'token',
    tag,
    summary: 'Changes the password of who signed in, and ends their other tokens.',
    strict: true,
    body: closed({ old: Text(200), password: Text(200) }),
    answer: Ended,
  }),
  tokens: defineList({ path: tokens, needs: 'manage', tag, summary: 'Tokens that have not ended.', row: Token }),
  createToken: defineRoute({
    method: 'POST',
    path: tokens,
    needs: 'manage',
    tag,
    summary: 'Makes a token; it is shown this once.',
    body: closed({
      name: Text(100),
      role: GivenRole,
      days: Type.Optional(
        Type.Integer({ minimum: 1, maximum: limits.tokenDays, description: 'How long it lives; a year if absent.' }),
      ),
    }),
    answer: closed({ token: Type.String() }),
    status: 201,
  }),
  endToken: defineRoute({
    method: 'DELETE',
    path: `${tokens}/:token`,
    needs: 'manage',
    tag,
    summary: 'Ends a token, with all that goes on under it.',
    params: closed({ token: Type.String({ pattern: '^[0-9a-f]{16}$' }) }),
    answer: Token,
  }),
  users: defineList({ path: users, needs: 'manage', tag, summary: 'Users.', row: User }),
  createUser: defineRoute({
    method: 'POST',
    path: users,
    needs: 'manage',
    tag,
    summary: 'Makes a user; the password is shown this once.',
    body: closed({ name: Text(100), role: GivenRole, also: Also }),
    answer: Fresh,
    status: 201,
  }),
  disableUser: defineRoute({
    method: 'POST',
    path: `${users}/:name/disable`,
    needs: 'manage',
    tag,
    summary: 'Shuts a user out, with all tokens of that name.',
    params: WithName,
    answer: Ended,
  }),
  enableUser: defineRoute({
    method: 'POST',
    path: `${users}/:name/enable`,
    needs: 'manage',
    tag,
    summary: 'Lets a user in again.',
    params: WithName,
    answer: closed({ name: Type.String() }),
  }),
  resetPassword: defineRoute({
    method: 'POST',
    path: `${users}/:name/password`,
    needs: 'manage',
    tag,
    summary: 'Gives a user a fresh password, shown this once, and ends their tokens.',
    params: WithName,
    answer: Fresh,
  }),
};
