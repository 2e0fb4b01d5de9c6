// The server's type, and what a route's answers are to fastify.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify';
import { type Static, type TSchema, Type } from 'typebox';
import { Problem, problemType } from '../api/problem.ts';

/** Lets a route's schema type its request. */
interface TypeBoxProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxProvider
>;

const problemAnswer = { description: 'Refused', content: { [problemType]: { schema: Problem } } };

/** The answers of a route that gives JSON. */
export const answers = (schema: TSchema, status = 200) => ({ [status]: schema, default: problemAnswer });

/** The answers of a list. */
export const pageAnswers = (schema: TSchema) => ({
  200: {
    description: 'One page',
    headers: {
      link: Type.String({ description: 'Leads to the next page, as rel="next", while there is one.' }),
      'x-total-count': Type.Integer({ description: 'Rows of the whole list, where it is known.' }),
    },
    content: { 'application/json': { schema } },
  },
  default: problemAnswer,
});

/** The answers of a route that gives something else than JSON. */
export const answersAs = (description: string, ...types: string[]) => ({
  200: { description, content: Object.fromEntries(types.map((type) => [type, { schema: {} }])) },
  default: problemAnswer,
});
