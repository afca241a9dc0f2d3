/** An instance of the API: takes jobs, and shows each user their own. Any number of it may run. */
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createHandler } from '../../src/http/index.ts'
import type { Job } from '../../src/index.ts'
import { readEnvironment } from './environment.ts'

const KEEP_MS = 24 * 3_600_000
/** Of videos that are named by their path alone. */
const BASE = 'https://example.com'

/** Stands for your login. */
const USERS = new Map([
  ['Bearer token-of-ann', { userId: 'ann' }],
  ['Bearer token-of-bob', { userId: 'bob' }],
])

const { name, store, ending } = readEnvironment()
const authorize = (request: Request): { userId: string } | null =>
  USERS.get(request.headers.get('Authorization') ?? '') ?? null
const jobs = createHandler(store, { authorize, onError: (error) => console.error(`${name}:`, error) })

const app = new Hono()
app.post('/jobs', async ({ req, body }) => {
  const user = authorize(req.raw)
  if (user === null) return body(null, 401)
  const sent = await req.json<{ videoUrl?: unknown } | null>().catch(() => null)
  const videoUrl = sent?.videoUrl
  if (typeof videoUrl !== 'string' || !URL.canParse(videoUrl, BASE)) return body('videoUrl: expected a URL\n', 400)
  const job = newJob(user.userId, videoUrl)
  await store.create(job, { meta: { actor: name, correlationId: req.header('X-Request-Id') ?? randomUUID() } })
  return body(null, 202, { Location: `/jobs/${job.id}` })
})
// GET /jobs/:id, its history and events, /users/:id/jobs, /events
app.all('*', ({ req }) => jobs(req.raw))

await store.ready()
const listener = getRequestListener(app.fetch)
const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
ending.addEventListener('abort', () => void shutDown())

/** Closing the store ends the streams, which would go on for ever; then no client may ask for them here again. */
async function shutDown(): Promise<void> {
  server.close()
  await store.close()
  server.closeAllConnections()
  if (process.connected) process.disconnect()
}

function newJob(userId: string, videoUrl: string): Job {
  const now = Date.now()
  return {
    id: randomUUID(),
    userId,
    status: 'pending',
    progress: { percent: 0 },
    retryCount: 0,
    maxRetries: 3,
    createdAt: new Date(now),
    expiresAt: new Date(now + KEEP_MS),
    videoUrl,
    videoId: new URL(videoUrl, BASE).pathname,
    options: {},
  }
}
