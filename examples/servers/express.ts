import { getRequestListener } from '@hono/node-server'
import express, { type Express } from 'express'

import { createHandler, type HttpOptions } from '../../src/http/index.ts'
import type { JobStore } from '../../src/index.ts'

/** The jobs of a store in an Express app, under /api, beside its own routes. */
export function expressApp(store: JobStore, authorize: HttpOptions['authorize']): Express {
  const listener = getRequestListener(createHandler(store, { authorize }), { overrideGlobalObjects: false })
  const app = express()
  app.get('/health', (_, response) => void response.send('fine'))
  // Express takes /api off the path, so the handler needs no basePath. A compressing middleware would hold events back.
  app.use('/api', (request, response) => void listener(request, response))
  return app
}
