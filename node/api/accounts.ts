// Signing in, tokens and users.
import { Type } from 'typebox';
import { defineRoute } from './route.ts';
import { closed, Role, Text } from './schemas.ts';

const Named = closed({ name: Text(100), role: Role });

const tag = 'accounts';

export const accounts = {
  signIn: defineRoute({
    method: 'POST',
    path: '/api/v1/session',
    needs: 'public',
    tag,
    summary: 'Exchanges a name and password for a token of twelve hours.',
    strict: true,
    body: closed({ username: Text(100), password: Text(200) }),
    answer: closed({ token: Type.String(), role: Role }),
  }),
  createToken: defineRoute({
    method: 'POST',
    path: '/api/v1/tokens',
    needs: 'manage',
    tag,
    summary: 'Makes a token; it is shown this once.',
    body: Named,
    answer: closed({ token: Type.String() }),
    status: 201,
  }),
  createUser: defineRoute({
    method: 'POST',
    path: '/api/v1/users',
    needs: 'manage',
    tag,
    summary: 'Makes a user; the password is shown this once.',
    body: Named,
    answer: closed({ username: Type.String(), password: Type.String() }),
    status: 201,
  }),
};
