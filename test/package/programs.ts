/** The programs of people who use the package, as text: they run where nothing of this repository is. */

/** Creates a job and reads it back on the store of each configuration given, and prints the store's type. */
const ROUND_TRIP = `
async function main() {
  const job = {
    id: 'job-1',
    userId: 'user-1',
    status: 'pending',
    progress: { percent: 0 },
    retryCount: 0,
    maxRetries: 3,
    videoUrl: 'https://example.com/video',
    videoId: 'video-1',
    options: { quality: 'high' },
    createdAt: new Date(),
    expiresAt: new Date(Date.now() + 3_600_000),
  }
  for (const config of JSON.parse(process.argv[2])) {
    const store = createJobStore(config)
    await store.create(job)
    deepStrictEqual(await store.findById(job.id), job)
    await store.close()
    console.log(config.type)
  }
}
main()
`

export const ESM_PROGRAM = `
import { deepStrictEqual } from 'node:assert'
import { createJobStore } from 'jobledger'
${ROUND_TRIP}`

export const CJS_PROGRAM = `
const { deepStrictEqual } = require('node:assert')
const { createJobStore } = require('jobledger')
${ROUND_TRIP}`

/** Prints the error of an SQLite store. */
export const SQLITE_ERROR_PROGRAM = `
import { SqliteJobStore } from 'jobledger'
try {
  const store = new SqliteJobStore('jobs.db')
  await store.ready()
  console.log('no error')
} catch (error) {
  console.log(error.message)
}
`

/** Asks a handler for a job, and prints what it answers. */
export const HTTP_PROGRAM = `
import { createJobStore } from 'jobledger'
import { createHandler } from 'jobledger/http'
const store = createJobStore({ type: 'memory' })
const handler = createHandler(store, { authorize: () => 'admin' })
const { status, headers } = await handler(new Request('http://localhost/jobs/job-1'))
console.log(status, headers.get('content-type'))
await store.close()
`

export const TYPED_PROGRAM = `
import { createJobStore, type Job, type JobStore, JobAlreadyExistsError, RedisJobStore } from 'jobledger'
import { createHandler, type HttpOptions } from 'jobledger/http'
const store: JobStore = createJobStore({ type: 'sqlite', path: 'jobs.db' })
const options: HttpOptions = { authorize: () => null }
export const handler: (request: Request) => Promise<Response> = createHandler(store, options)
const job: Job | null = await store.updateProgress('job-1', { percent: 50 })
export const percent: number | undefined = job?.progress.percent
export const redis: JobStore<Job> = new RedisJobStore('redis://localhost:6379', { prefix: 'jobs' })
export const code: 'JOB_ALREADY_EXISTS' = new JobAlreadyExistsError('there is one').code
// @ts-expect-error: the types are there, and not any
await store.updateStatus('job-1', 'no status')
`
