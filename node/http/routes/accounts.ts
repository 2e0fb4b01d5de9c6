// Signing in, tokens and users.
import { Type } from 'typebox';
import { closed, Role, Text } from '../../api/schemas.ts';
import { orNoteRefused } from '../../audit/acts.ts';
import { who } from '../auth.ts';
import type { HttpParts } from '../parts.ts';
import { answers, type Server } from '../typed.ts';

const SignIn = closed({ username: Text(100), password: Text(200) });
const Named = closed({ name: Text(100), role: Role });
const tags = ['accounts'];

export function accountRoutes(server: Server, { accounts, acts }: HttpParts): void {
  const signIn = {
    summary: 'Exchanges a name and password for a token of twelve hours.',
    tags,
    security: [],
    body: SignIn,
    response: answers(closed({ token: Type.String(), role: Role })),
  };
  const open = { needs: 'public', strict: true } as const;
  server.post('/session', { schema: signIn, config: open }, ({ body: { username, password } }) =>
    orNoteRefused(() => accounts.signIn(username, password, acts.signedIn), acts.signInRefused),
  );

  const token = { summary: 'Makes a token; it is shown this once.', tags, body: Named };
  const tokenSchema = { ...token, response: answers(closed({ token: Type.String() }), 201) };
  server.post('/tokens', { schema: tokenSchema, config: { needs: 'manage' } }, async (request, reply) => {
    const { name, role } = request.body;
    const token = await accounts.createToken(name, role, (made) => acts.tokenMade(made, who(request)));
    return reply.code(201).send({ token });
  });

  const user = { summary: 'Makes a user; the password is shown this once.', tags, body: Named };
  const created = closed({ username: Type.String(), password: Type.String() });
  const userSchema = { ...user, response: answers(created, 201) };
  server.post('/users', { schema: userSchema, config: { needs: 'manage' } }, async (request, reply) => {
    const { name, role } = request.body;
    const user = await accounts.createUser(name, role, (made) => acts.userMade(made, who(request)));
    return reply.code(201).send(user);
  });
}
