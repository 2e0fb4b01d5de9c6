// The server's type, and small schemas that several routes share.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify';
import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { ProblemSchema, problemType } from './problem.ts';

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

/** An object without other keys than these. */
export const closed = <T extends TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

const problemAnswer = { description: 'Refused', content: { [problemType]: { schema: ProblemSchema } } };

/** The answers of a route that gives JSON. */
export const answers = (schema: TSchema, status = 200) => ({ [status]: schema, default: problemAnswer });

/** The answers of a route that gives something else than JSON. */
export const answersAs = (description: string, ...types: string[]) => ({
  200: { description, content: Object.fromEntries(types.map((type) => [type, { schema: {} }])) },
  default: problemAnswer,
});

export const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** 16 random bytes: requests, transfers, grants, patients. */
export const Id = Type.String({ pattern: '^[0-9a-f]{32}$' });

export const WithId = closed({ id: Id });

export const Uid = Type.String({ pattern: '^[0-9]+(\\.[0-9]+)*$', maxLength: 64 });
