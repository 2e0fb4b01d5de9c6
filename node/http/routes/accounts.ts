// Signing in, tokens and users.
import { accounts as api } from '../../api/accounts.ts';
import { orNoteRefused } from '../../audit/acts.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

export function accountRoutes(server: Server, { accounts, acts }: HttpParts): void {
  serve(server, api, {
    signIn: ({ body: { username, password } }) =>
      orNoteRefused(() => accounts.signIn(username, password, acts.signedIn), acts.signInRefused),
    createToken: async ({ body: { name, role }, by }) => ({
      token: await accounts.createToken(name, role, (made) => acts.tokenMade(made, by)),
    }),
    createUser: ({ body: { name, role }, by }) => accounts.createUser(name, role, (made) => acts.userMade(made, by)),
  });
}
