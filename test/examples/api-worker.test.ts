import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { EventSource } from 'eventsource'
import { suite } from 'uvu'

import { Client, type ReceivedEvent } from '../../examples/api-worker/client.ts'
import { start, stop, type Running } from '../../examples/api-worker/processes.ts'
import { eventually } from '../support/eventually.ts'
import { programPath } from '../support/repository.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'

const PATIENCE = { timeoutMs: 60_000 }

const test = suite('The example: an API and its workers')

/** Two APIs and two workers on a store of their own. */
async function startAll(): Promise<{ apis: [Running, Running]; workers: [Running, Running] } & AsyncDisposable> {
  const { url } = await sharedRedis()
  const env = { REDIS_URL: url, PREFIX: randomPrefix(), STEP_MS: '20' }
  const [one, two, three, four] = await Promise.all([
    start('api', 'api-1', env),
    start('api', 'api-2', env),
    start('worker', 'worker-1', env),
    start('worker', 'worker-2', env),
  ])
  const all = [one, two, three, four]
  return {
    apis: [one, two],
    workers: [three, four],
    [Symbol.asyncDispose]: async () => void (await Promise.all(all.map(({ child }) => stop(child, 'SIGKILL')))),
  }
}

test('a client whose API is killed goes on at the other, and has every event once', async () => {
  await using all = await startAll()
  const urls = all.apis.map(({ url }) => url)
  const [ann, bob] = [new Client(urls, 'token-of-ann'), new Client(urls, 'token-of-bob')]
  const received: ReceivedEvent[] = []
  const bobs: ReceivedEvent[] = []
  const sources: EventSource[] = []
  try {
    sources.push(await ann.follow((event) => received.push(event)), await bob.follow((event) => bobs.push(event)))
    const paths: string[] = []
    for (const video of ['/1', '/2', '/3', '/4']) paths.push(await ann.create(video, `request${video}`))
    await eventually(() => assert.ok(received.length >= 6, 'jobs are under way'), PATIENCE)
    const before = received.length
    await stop(all.apis[0].child, 'SIGKILL')
    // The first request after it finds out that it is gone.
    const last = await eventually(() => ann.create('/5', 'request/5'), PATIENCE)
    await eventually(() => assert.equal(completed(received), 5), PATIENCE)

    assert.ok(before < received.length, 'it went on at the other')
    for (const path of [...paths, last]) {
      const own = received.filter(({ jobId }) => path === `/jobs/${jobId}`)
      assert.deepEqual(
        own.map(({ version }) => version),
        await ann.versionsOf(path),
      )
      assert.deepEqual([own.length, completed(own)], [6, 1])
      assert.equal(new Set(own.map(({ meta }) => meta?.correlationId)).size, 1)
      const [api, ...workers] = own.map(({ meta }) => meta?.actor)
      assert.match(`${api} ${[...new Set(workers)].join()}`, /^api-[12] worker-[12]$/)
    }
    assert.deepEqual(bobs, [], "bob sees nothing of ann's")
    assert.equal((await bob.fetch(last)).status, 404)
  } finally {
    for (const source of sources) source.close()
  }
})

test('a job that can not be taken is refused, and a stranger too', async () => {
  await using all = await startAll()
  const url = all.apis[1].url
  const post = (body: string, token: string): Promise<Response> =>
    fetch(`${url}/jobs`, { method: 'POST', body, headers: { Authorization: `Bearer ${token}` } })
  for (const body of ['{}', 'no JSON', 'null', '1', '{"videoUrl":1}', '{"videoUrl":"http://["}'])
    assert.equal((await post(body, 'token-of-ann')).status, 400, body)
  assert.equal((await post('{}', 'guess')).status, 401)
})

test('all of it ends by itself when it is told to', async () => {
  await using all = await startAll()
  const source = await new Client([all.apis[0].url], 'token-of-ann').follow(() => {})
  try {
    await Promise.all([...all.apis, ...all.workers].map(({ child }) => stop(child, 'SIGTERM')))
    for (const { child, name } of [...all.apis, ...all.workers])
      assert.deepEqual([child.exitCode, child.signalCode], [0, null], name)
  } finally {
    source.close()
  }
})

test('npm run example shows it', async () => {
  const options = { timeout: 60_000 }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...process.execArgv, programPath(new URL('../../examples/api-worker/main.ts', import.meta.url))],
    options,
  )
  assert.match(stdout, /api-1 is killed[^]*worker-[12], request-[123][^]*All 3 videos are done/)
})

function completed(events: ReceivedEvent[]): number {
  return events.filter(({ data }) => data.status === 'completed').length
}

test.run()
