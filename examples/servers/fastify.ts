import { getRequestListener } from '@hono/node-server'
import { fastify, type FastifyInstance } from 'fastify'

import { createHandler, type HttpOptions } from '../../src/http/index.ts'
import type { JobStore } from '../../src/index.ts'

/** The jobs of a store in a Fastify app, under /api, beside its own routes. */
export function fastifyApp(store: JobStore, authorize: HttpOptions['authorize']): FastifyInstance {
  const listener = getRequestListener(createHandler(store, { authorize, basePath: '/api' }), {
    overrideGlobalObjects: false,
  })
  const app = fastify()
  app.get('/health', () => 'fine')
  app.all('/api/*', (request, reply) => {
    // From here on the response is the handler's.
    void reply.hijack()
    void listener(request.raw, reply.raw)
  })
  return app
}
