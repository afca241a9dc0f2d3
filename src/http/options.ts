import { InvalidConfigError } from '../core/errors.ts'
import type { Job, JobCore } from '../core/job.ts'
import { harmless } from '../harmless.ts'
import { requireInteger } from '../options.ts'
import { withoutSecret } from './redaction.ts'
import type { Authorize } from './viewer.ts'

/** How jobs are served over HTTP. */
export interface HttpOptions<T extends JobCore = Job> {
  /**
   * Who is asking: the user whose jobs may be seen, 'admin' for all, null for a 401; one that throws is a 401 too. Called
   * for every request, and again every 60 s while a stream of events goes on, which ends when the answer is another one.
   * There is no default: without it createHandler throws.
   */
  authorize: Authorize
  /** Where the routes hang: a path like '/api'. Default '/'. */
  basePath?: string
  /** Between two SSE comments that keep the connection open, in milliseconds. Default 15000. */
  heartbeatMs?: number
  /**
   * What a client gets to see of the fields of a job, or of the data of an event, which may be only some of them. Must not
   * change what it is given. Default: everything but webhook.secret, which one of your own has to take out itself.
   */
  redact?: (fields: Partial<T>) => Partial<T>
  /** Told of what clients are not: errors that were answered with 5xx, or broke off a stream or a history, and those thrown by `authorize`. */
  onError?: (error: unknown, request: Request) => void
}

/** The options, checked and completed. */
export interface HttpSettings<T extends JobCore> {
  authorize: Authorize
  basePath: string
  heartbeatMs: number
  redact: (fields: Partial<T>) => Partial<T>
  onError: (error: unknown, request: Request) => void
}

/** Each text is gone through once: no part of it can be taken in two ways. */
const BASE_PATH = /^\/(?:[\w.~-]+(?:\/[\w.~-]+)*\/?)?$/

/** @throws InvalidConfigError naming the option and what it may be */
export function readHttpOptions<T extends JobCore>(options: HttpOptions<T>): HttpSettings<T> {
  const given: unknown = options
  if (typeof given !== 'object' || given === null)
    throw InvalidConfigError.of('options', 'an object with authorize', given)
  const { authorize, basePath = '/', heartbeatMs = 15_000, redact = withoutSecret, onError = () => {} } = options
  for (const [name, value] of Object.entries({ authorize, redact, onError }))
    if (typeof value !== 'function') throw InvalidConfigError.of(name, 'a function', value)
  if (typeof basePath !== 'string' || !BASE_PATH.test(basePath))
    throw InvalidConfigError.of('basePath', "a path like '/api'", basePath)
  return {
    authorize,
    basePath,
    heartbeatMs: requireInteger('heartbeatMs', heartbeatMs, 1, 2_147_483_647),
    redact,
    onError: harmless('onError', onError),
  }
}
