// The API's own description: OpenAPI 3.1, made from the schemas that requests are checked against.
import swagger from '@fastify/swagger';
import type { Server } from './typed.ts';

/** Must be registered before the routes that it describes. */
export async function describeApi(server: Server, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'DICOM Network peer',
        version,
        description: 'What one hospital’s peer answers to. Errors are problem+json (RFC 9457) with a stable code.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  });
}
