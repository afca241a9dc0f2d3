import { createHandler, type HttpOptions } from '../../../src/http/index.ts'
import { MemoryJobStore } from '../../../src/memory/memory-job-store.ts'
import type { AnyJob } from '../../contract/harness.ts'

/** What a request is made with. */
export interface Asking {
  /** A user's id, 'admin', or null for nobody. Default 'ann'. */
  as?: string | null
  headers?: Record<string, string>
  method?: string
  signal?: AbortSignal
}

/** A store with a handler over it, without a server between. */
export interface Service extends AsyncDisposable {
  store: MemoryJobStore<AnyJob>
  ask: (path: string, asking?: Asking) => Promise<Response>
}

/** Whoever a test says that it is: its header is believed. */
export function authorizeByHeader(request: Request): { userId: string } | 'admin' | null {
  const user = request.headers.get('X-User')
  if (user === null) return null
  return user === 'admin' ? 'admin' : { userId: decodeURIComponent(user) }
}

export function requestOf(path: string, { as = 'ann', headers, method = 'GET', signal }: Asking = {}): Request {
  const named = as === null ? {} : { 'X-User': encodeURIComponent(as) }
  return new Request(`http://localhost${path}`, {
    method,
    headers: { ...named, ...headers },
    ...(signal !== undefined && { signal }),
  })
}

export function openService(options: Partial<HttpOptions<AnyJob>> = {}): Service {
  const store = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
  const handler = createHandler(store, { authorize: authorizeByHeader, ...options })
  return {
    store,
    ask: (path, asking) => handler(requestOf(path, asking)),
    [Symbol.asyncDispose]: () => store.close(),
  }
}
