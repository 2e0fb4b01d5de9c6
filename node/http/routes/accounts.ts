// Signing in, tokens and users.
import { Type } from 'typebox';
import type { AuditEntry } from '../../../protocol/audit/entry.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { closed, Role, Text } from '../../api/schemas.ts';
import { who } from '../auth.ts';
import type { HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const SignIn = closed({ username: Text(100), password: Text(200) });
const Named = closed({ name: Text(100), role: Role });
const tags = ['accounts'];

export function accountRoutes(server: Server, { accounts, audit }: HttpParts): void {
  const signIn = {
    summary: 'Exchanges a name and password for a token of twelve hours.',
    tags,
    security: [],
    body: SignIn,
    response: answers(closed({ token: Type.String(), role: Role })),
  };
  const open = { needs: 'public', strict: true } as const;
  server.post('/session', { schema: signIn, config: open }, async ({ body: { username, password } }) => {
    const { token, role } = await signedIn(() => accounts.signIn(username, password), audit);
    await audit.append({ kind: 'login', outcome: 'success', person: { name: username, role } });
    return { token, role };
  });

  const token = { summary: 'Makes a token; it is shown this once.', tags, body: Named };
  const tokenSchema = { ...token, response: answers(closed({ token: Type.String() }), 201) };
  server.post('/tokens', { schema: tokenSchema, config: { needs: 'manage' } }, async (request, reply) => {
    const { name, role } = request.body;
    const token = await accounts.createToken(name, role);
    await audit.append({ ...made('token', name, role), person: who(request) });
    return reply.code(201).send({ token });
  });

  const user = { summary: 'Makes a user; the password is shown this once.', tags, body: Named };
  const created = closed({ username: Type.String(), password: Type.String() });
  const userSchema = { ...user, response: answers(created, 201) };
  server.post('/users', { schema: userSchema, config: { needs: 'manage' } }, async (request, reply) => {
    const { name, role } = request.body;
    const user = await accounts.createUser(name, role);
    await audit.append({ ...made('account', name, role), person: who(request) });
    return reply.code(201).send(user);
  });
}

const made = (kind: 'token' | 'account', name: string, role: string): Omit<AuditEntry, 'at'> => ({
  kind,
  outcome: 'success',
  detail: { made: { name, role } },
});

/** A refused sign-in is written down too; without the name, where people type their passwords by mistake. */
async function signedIn<T>(signIn: () => Promise<T>, audit: HttpParts['audit']): Promise<T> {
  try {
    return await signIn();
  } catch (error) {
    if (error instanceof PeerError) await audit.append({ kind: 'login', outcome: 'denied', code: error.code });
    throw error;
  }
}
