/** What users write with jobledger/http, checked against the package's own types. Compiled by `tsc`, never run. */
import * as http from '../../src/http/index.ts'
import * as jobledger from '../../src/index.ts'
import type * as Surface from './http-surface.ts'

interface ImportJob extends jobledger.JobCore {
  status: 'pending' | 'completed'
  file: string
}

// What was promised to be taken is taken.
declare const theirs: Surface.HttpOptions<ImportJob>
export const own: http.HttpOptions<ImportJob> = theirs

export const handlers: ReturnType<typeof Surface.createHandler>[] = [
  http.createHandler(new jobledger.MemoryJobStore<ImportJob>(), theirs),
  http.createHandler(jobledger.getJobStore(), { authorize: () => 'admin' }),
  http.createHandler(new jobledger.MemoryJobStore<ImportJob>(), {
    authorize: async (request) => (request.headers.has('Authorization') ? { userId: 'ann' } : null),
    basePath: '/api',
    heartbeatMs: 5000,
    redact: ({ file, ...fields }) => (file === undefined ? fields : { ...fields, file: 'hidden' }),
    onError: (error, request) => void [error, request.url],
  }),
]

// @ts-expect-error: who may see what is never left open
http.createHandler(new jobledger.MemoryJobStore(), {})
