// Signing in and out, tokens and users.
import { accounts as api } from '../../api/accounts.ts';
import { orNoteRefused } from '../../audit/acts.ts';
import { bearer, may } from '../auth.ts';
import { afterOf, limitOf, pageOf } from '../paging.ts';
import type { HttpParts } from '../parts.ts';
import { serve } from '../serve.ts';
import type { Server } from '../typed.ts';

/** A row's key in the accounts. */
const placeBytes = 32;
const dayMs = 24 * 3600 * 1000;

export function accountRoutes(server: Server, { accounts, acts, clock }: HttpParts): void {
  serve(server, api, {
    signIn: ({ body: { username, password } }) =>
      orNoteRefused(() => accounts.signIn(username, password, acts.signedIn), acts.signInRefused),
    signOut: ({ request }) => accounts.signOut(bearer(request), (who) => acts.signedOut(who, 'here')),
    signOutEverywhere: ({ request }) =>
      accounts.signOutEverywhere(bearer(request), (who) => acts.signedOut(who, 'everywhere')),
    changePassword: ({ request, body: { old, password } }) =>
      orNoteRefused(
        () => accounts.changePassword(bearer(request), old, password, acts.passwordChanged),
        acts.signInRefused,
      ),
    tokens: ({ query }) => pageOf(accounts.tokens(afterOf(query, placeBytes)), limitOf(query)),
    createToken: async ({ body: { name, role, days }, by, request }) => {
      const expires = days === undefined ? undefined : clock.now() + days * dayMs;
      // nobody hands on more than they have: what an administrator without images makes has none either
      const narrow = may(request, 'view') ? undefined : true;
      return { token: await accounts.createToken(name, role, (made) => acts.tokenMade(made, by), { expires, narrow }) };
    },
    endToken: ({ params: { token }, by }) => accounts.endToken(token, (ended) => acts.tokenEnded(ended, by)),
    users: ({ query }) => pageOf(accounts.users(afterOf(query, placeBytes)), limitOf(query)),
    createUser: ({ body: { name, role, also }, by }) =>
      accounts.createUser(name, role, (made) => acts.userMade(made, by), also),
    disableUser: ({ params: { name }, by }) => accounts.disable(name, (user) => acts.userDisabled(user, by)),
    enableUser: async ({ params: { name }, by }) => {
      await accounts.enable(name, (user) => acts.userEnabled(user, by));
      return { name };
    },
    resetPassword: ({ params: { name }, by }) => accounts.resetPassword(name, (user) => acts.passwordReset(user, by)),
  });
}
