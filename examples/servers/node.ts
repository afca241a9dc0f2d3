import { getRequestListener } from '@hono/node-server'
import { createServer, type Server } from 'node:http'

import { createHandler, type HttpOptions } from '../../src/http/index.ts'
import type { JobStore } from '../../src/index.ts'

/** The jobs of a store on a server of Node's own, under /api. */
export function nodeServer(store: JobStore, authorize: HttpOptions['authorize']): Server {
  const listener = getRequestListener(createHandler(store, { authorize, basePath: '/api' }), {
    overrideGlobalObjects: false,
  })
  return createServer((incoming, outgoing) => void listener(incoming, outgoing))
}
