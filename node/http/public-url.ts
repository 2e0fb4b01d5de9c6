// Where clients reach this peer: as the configuration says, or as they themselves have found it.
import type { FastifyRequest } from 'fastify';
import type { HttpOptions } from './parts.ts';

/** Without a slash at its end. */
export const publicUrlOf = ({ publicUrl }: Pick<HttpOptions, 'publicUrl'>, request: FastifyRequest): string =>
  publicUrl?.replace(/\/$/, '') ?? `${request.protocol}://${request.host}`;
