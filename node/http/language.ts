// The language of an answer that holds sentences for people.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { acceptedLanguage, type Language } from '../api/texts/language.ts';

/** The language that the request prefers; the answer says that it is in it, and that it depends on the request. */
export function spoken(request: FastifyRequest, reply: FastifyReply): Language {
  const language = acceptedLanguage(request.headers['accept-language']);
  reply.header('content-language', language).header('vary', 'accept-language');
  return language;
}
