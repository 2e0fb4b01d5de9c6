// How a peer refuses: application/problem+json (RFC 9457) with a code of the error catalogue.
import { type Static, Type } from 'typebox';
import { closed } from './schemas.ts';

export const problemType = 'application/problem+json';

export const Problem = closed({
  type: Type.String({ description: 'A URN of the code.' }),
  title: Type.String({
    description: 'What happened and what to do, in the language that Accept-Language prefers: ro, ru or en.',
  }),
  status: Type.Integer(),
  code: Type.String({ description: 'A code of the error catalogue; it never changes its meaning.' }),
  detail: Type.Optional(Type.String({ description: 'Where, in this request.' })),
});
export type Problem = Static<typeof Problem>;
