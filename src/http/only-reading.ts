import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'

import { Problem } from './problem.ts'

const METHODS = { Allow: 'GET, HEAD, OPTIONS' }

/** GET is all there is, and HEAD, which is a GET whose body nobody reads. */
export const onlyReading: MiddlewareHandler = createMiddleware(async (call, next) => {
  switch (call.req.method) {
    case 'GET':
      await next()
      return undefined
    case 'HEAD':
      await next()
      await call.res.body?.cancel()
      return undefined
    case 'OPTIONS':
      return new Response(null, { status: 204, headers: METHODS })
    default:
      throw new Problem(405, 'METHOD_NOT_ALLOWED', `Only ${METHODS.Allow} are known here.`, { headers: METHODS })
  }
})
