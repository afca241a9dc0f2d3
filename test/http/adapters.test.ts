/** The handler behind real servers, as the examples mount it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { suite } from 'uvu'

import { expressApp } from '../../examples/servers/express.ts'
import { fastifyApp } from '../../examples/servers/fastify.ts'
import { nodeServer } from '../../examples/servers/node.ts'
import type { JobStore } from '../../src/contract.ts'
import { aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { CountedStore } from './support/counted-store.ts'
import { authorizeByHeader } from './support/service.ts'
import { SseReader } from './support/sse-reader.ts'

/** Starts each server on a free port. */
const SERVERS: Record<string, (store: JobStore) => Promise<Server>> = {
  'a server of Node': async (store) => nodeServer(store, authorizeByHeader),
  Express: async (store) => createServer(expressApp(store, authorizeByHeader)),
  Fastify: async (store) => {
    const app = fastifyApp(store, authorizeByHeader)
    await app.ready()
    return app.server
  },
}

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> }

interface Running extends AsyncDisposable {
  store: CountedStore
  get: (path: string, init?: Init) => Promise<Response>
}

async function start(newServer: (store: JobStore) => Promise<Server>): Promise<Running> {
  const store = new CountedStore({ sweepIntervalMs: 0 })
  const server = await newServer(store as unknown as JobStore)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    store,
    get: (path, init = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { 'X-User': 'ann', ...init.headers } }),
    [Symbol.asyncDispose]: async () => {
      await store.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

for (const [name, newServer] of Object.entries(SERVERS)) {
  const test = suite(`HTTP behind ${name}`)

  test('answers each route, and every id', async () => {
    await using running = await start(newServer)
    const id = 'a/b %2F?é'
    await running.store.create(aJob({ id, userId: 'ann' }))
    const path = `/api/jobs/${encodeURIComponent(id)}`
    const job = await running.get(path)
    assert.deepEqual([job.status, ((await job.json()) as { id: string }).id], [200, id])
    const tag = job.headers.get('etag') ?? ''
    assert.equal((await running.get(path, { headers: { 'If-None-Match': tag } })).status, 304)
    const history = (await (await running.get(`${path}/history`)).json()) as unknown[]
    assert.equal(history.length, 1)
    const list = (await (await running.get('/api/users/ann/jobs')).json()) as { jobs: unknown[] }
    assert.equal(list.jobs.length, 1)
    assert.equal((await running.get(path, { method: 'HEAD' })).status, 200)
    assert.equal((await running.get(path, { method: 'POST', body: '{}' })).status, 405)
    assert.equal((await running.get('/api/stats', { headers: { 'X-User': 'admin' } })).status, 200)
    for (const none of ['/api/jobs/none', '/api/none'])
      assert.equal((await running.get(none)).headers.get('content-type'), 'application/problem+json')
  })

  test('streams events, and frees what a client leaves behind', async () => {
    await using running = await start(newServer)
    await running.store.create(aJob({ userId: 'ann' }))
    const paths = ['/api/jobs/job-1/events', '/api/events?after=start']
    const clients = paths.map(() => new AbortController())
    const readers = await Promise.all(
      paths.map(async (path, at) => new SseReader(await running.get(path, { signal: clients[at]?.signal ?? null }))),
    )
    for (const reader of readers) await reader.take(1)
    await running.store.updateProgress('job-1', { percent: 1 })
    for (const reader of readers) assert.equal((await reader.take(1))[0]?.data.version, 2)
    assert.equal(running.store.open, 2)
    for (const client of clients) client.abort()
    await eventually(() => assert.equal(running.store.open, 0))
  })

  test('ends its streams when the store is closed', async () => {
    await using running = await start(newServer)
    const reader = new SseReader(await running.get('/api/events'))
    await reader.read()
    await running.store.close()
    await reader.rest()
  })

  test.run()
}
