import { Hono } from 'hono'

import type { JobStore } from '../contract.ts'
import type { Job, JobCore } from '../core/job.ts'
import { readHttpOptions, type HttpOptions, type HttpSettings } from './options.ts'
import { onlyReading } from './only-reading.ts'
import { notFound, problemOf } from './problem.ts'
import { getHistory, getJob, getJobs, getStats } from './reading.ts'
import { representation } from './representation.ts'
import type { Env, Service } from './service.ts'
import { streamJob, streamLog } from './streaming.ts'
import { viewerOf } from './viewer.ts'

const CHECK_MS = 60_000

/**
 * A Fetch-API handler for a store's jobs: fits Hono, Next.js, Bun, Deno, Workers, and Node through any adapter. What it
 * answers where is in docs/http.md. What goes wrong is a response too.
 * @throws InvalidConfigError without `authorize`, or for another option that is none
 */
export function createHandler<T extends JobCore = Job>(
  store: JobStore<T>,
  options: HttpOptions<T>,
): (request: Request) => Promise<Response> {
  return handlerOf(store, options, CHECK_MS)
}

/** @param checkMs between two times that a stream asks whether its client may still read */
export function handlerOf<T extends JobCore>(
  store: JobStore<T>,
  options: HttpOptions<T>,
  checkMs: number,
): (request: Request) => Promise<Response> {
  const settings = readHttpOptions(options)
  const app = routesOf({ store, settings, checkMs, show: representation(settings.redact) })
  return async (request) => {
    try {
      return await app.fetch(request)
    } catch (error) {
      // Whatever is thrown that is no Error comes past Hono's onError.
      return refusal(error, request, settings)
    }
  }
}

/** What is answered in the place of what could not be. */
function refusal<T extends JobCore>(error: unknown, request: Request, { onError }: HttpSettings<T>): Response {
  const problem = problemOf(error)
  if (problem.status >= 500) onError(error, request)
  return problem.response()
}

function routesOf<T extends JobCore>(service: Service<T>): Hono<Env> {
  const { authorize, basePath, onError } = service.settings
  const app = new Hono<Env>().basePath(basePath)
  app.notFound(() => notFound().response())
  app.onError((error, { req }) => refusal(error, req.raw, service.settings))
  app.use(onlyReading)
  app.use(async (call, next) => {
    call.set('viewer', await viewerOf(call.req.raw, authorize, onError))
    await next()
  })
  app.get('/jobs/:id', (call) => getJob(service, call))
  app.get('/jobs/:id/history', (call) => getHistory(service, call))
  app.get('/jobs/:id/events', (call) => streamJob(service, call))
  app.get('/events', (call) => streamLog(service, call))
  app.get('/users/:id/jobs', (call) => getJobs(service, call))
  app.get('/stats', (call) => getStats(service, call))
  return app
}
