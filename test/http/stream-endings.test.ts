import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { SlowConsumerError, StoreUnavailableError } from '../../src/core/errors.ts'
import { handlerOf } from '../../src/http/handler.ts'
import type { HttpOptions } from '../../src/http/index.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, textOf } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { CountedStore } from './support/counted-store.ts'
import { failing } from './support/failing.ts'
import { authorizeByHeader, requestOf, type Asking } from './support/service.ts'
import { SseReader } from './support/sse-reader.ts'

const test = suite('How a stream goes on, and how it ends')

const PATHS = ['/jobs/job-1/events', '/events']

interface Watched extends AsyncDisposable {
  store: CountedStore
  ask: (path: string, asking?: Asking) => Promise<Response>
}

/** A store with a job of ann's. */
async function openWatched(options: Partial<HttpOptions<AnyJob>> = {}, checkMs = 60_000): Promise<Watched> {
  const store = new CountedStore({ sweepIntervalMs: 0 })
  const handler = handlerOf(store, { authorize: authorizeByHeader, ...options }, checkMs)
  await store.create(aJob({ userId: 'ann' }))
  return {
    store,
    ask: (path, asking) => handler(requestOf(path, asking)),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

test('comments keep the connection open while nothing happens', async () => {
  await using service = await openWatched({ heartbeatMs: 1 })
  for (const path of PATHS) {
    const reader = new SseReader(await service.ask(path))
    while (reader.text.split('\n\n').filter((block) => block.startsWith(':')).length < 3) await reader.read()
    await reader.cancel()
  }
})

test('a request that is aborted, a body that is cancelled, and a HEAD free their subscription at once', async () => {
  await using service = await openWatched()
  for (const path of PATHS) {
    const request = new AbortController()
    const reader = new SseReader(await service.ask(path, { signal: request.signal }))
    await reader.read()
    assert.equal(service.store.open, 1)
    request.abort()
    await reader.rest()
    await eventually(() => assert.equal(service.store.open, 0))

    const cancelled = new SseReader(await service.ask(path))
    await cancelled.read()
    await cancelled.cancel()
    await eventually(() => assert.equal(service.store.open, 0))

    await service.ask(path, { method: 'HEAD' })
    await eventually(() => assert.equal(service.store.open, 0))

    const gone = await service.ask(path, { signal: AbortSignal.abort() })
    await gone.body?.cancel()
    await eventually(() => assert.equal(service.store.open, 0))
  }
  assert.ok(service.store.begun >= 6)
})

test('a client that may not read any more is told, and cut off', async () => {
  let answer: Awaited<ReturnType<HttpOptions['authorize']>> = { userId: 'ann' }
  let asked = 0
  const authorize = async (): Promise<typeof answer> => {
    asked++
    return answer
  }
  await using service = await openWatched({ authorize }, 10)
  for (const other of [null, 'admin', { userId: 'bob' }] as const)
    for (const path of PATHS) {
      answer = { userId: 'ann' }
      const reader = new SseReader(await service.ask(path))
      await reader.read()
      const before = asked
      await eventually(() => assert.ok(asked > before + 2, 'it is asked again and again'))
      answer = other
      const last = (await reader.rest()).at(-1)
      assert.deepEqual([last?.event, last?.data.status, last?.id], ['problem', 401, null])
    }
  await eventually(() => assert.equal(service.store.open, 0))
})

test('whoever can not be told who they are is cut off', async () => {
  const answers = [Promise.resolve({ userId: 'ann' }), new Promise<never>(() => {})]
  await using service = await openWatched({ authorize: () => answers.shift() ?? null }, 20)
  const last = (await new SseReader(await service.ask('/events')).rest()).at(-1)
  assert.deepEqual([last?.event, last?.data.status], ['problem', 401])
})

test('a client that reads nothing is let go, and its last message says where to go on', async () => {
  await using service = await openWatched({}, 100)
  const response = await service.ask('/events?after=start')
  const note = textOf(4000)
  for (let event = 0; event < 20; event++) await service.store.update('job-1', { note })
  await eventually(() => assert.equal(service.store.open, 0))
  const messages = await new SseReader(response).rest()
  const last = messages.pop()
  assert.ok(messages.length > 0 && messages.length < 20, `${messages.length} messages were held`)
  assert.deepEqual([last?.event, last?.data.code], ['problem', 'SLOW_CONSUMER'])
  assert.deepEqual([last?.id, last?.data.cursor], [messages.at(-1)?.id, messages.at(-1)?.id])

  const rest = new SseReader(await service.ask('/events', { headers: { 'Last-Event-ID': last?.id ?? '' } }))
  const missed = await rest.take(21 - messages.length)
  assert.deepEqual(
    [...messages, ...missed].map(({ data }) => data.version),
    Array.from({ length: 21 }, (_, index) => index + 1),
  )
  await rest.cancel()
})

test('a client that fell behind is told where to go on', async () => {
  await using service = await openWatched()
  const [cursor] = await cursorsOf(service.store)
  service.store.subscribe = () => failing(new SlowConsumerError('slow', { cursor: cursor ?? '' }))
  const messages = await new SseReader(await service.ask('/events')).rest()
  assert.deepEqual(
    messages.map(({ id, event, data }) => [id, event, data.code, data.cursor]),
    [[cursor, 'problem', 'SLOW_CONSUMER', cursor]],
  )
})

test('a store that fails in the midst of it ends the stream, without a word of why', async () => {
  const told: unknown[] = []
  await using service = await openWatched({ onError: (error) => told.push(error) })
  const away = new StoreUnavailableError('10.0.0.7 refused', { outcome: 'unknown' })
  service.store.watch = async function* () {
    yield { job: aJob({ userId: 'ann' }), event: null }
    throw away
  }
  const reader = new SseReader(await service.ask('/jobs/job-1/events'))
  const messages = await reader.rest()
  assert.deepEqual(
    messages.map(({ event, data }) => [event, data.code]),
    [
      ['state', undefined],
      ['problem', 'STORE_UNAVAILABLE'],
    ],
  )
  assert.ok(!reader.text.includes('10.0.0.7'))
  assert.deepEqual(told, [away])
})

test('a redaction that fails shows nothing', async () => {
  const told: unknown[] = []
  const redact = (): never => {
    throw new Error('oops')
  }
  await using service = await openWatched({ redact, onError: (error) => told.push(error) })
  for (const path of ['/jobs/job-1', '/jobs/job-1/history', '/jobs/job-1/events', '/users/ann/jobs'])
    assert.equal((await service.ask(path)).status, 500, path)
  const messages = await new SseReader(await service.ask('/events?after=start')).rest()
  assert.deepEqual(
    messages.map(({ event, data }) => [event, data.status]),
    [['problem', 500]],
  )
  assert.equal(told.length, 5)
})

test('a store that is closed ends its streams', async () => {
  await using service = await openWatched()
  const readers = await Promise.all(PATHS.map(async (path) => new SseReader(await service.ask(path))))
  for (const reader of readers) await reader.read()
  await service.store.close()
  for (const reader of readers) await reader.rest()
  await eventually(() => assert.equal(service.store.open, 0))
})

test('a store that is closed while a stream begins is away: no job is said to be gone', async () => {
  for (let steps = 0; steps < 60; steps++) {
    await using service = await openWatched()
    const asked = service.ask('/jobs/job-1/events')
    for (let step = 0; step < steps; step++) await Promise.resolve()
    await service.store.close()
    const response = await asked
    await response.body?.cancel()
    assert.ok([200, 503].includes(response.status), `${response.status} after ${steps} steps`)
  }
})

async function cursorsOf(store: CountedStore): Promise<string[]> {
  const cursors: string[] = []
  for await (const { cursor } of store.events()) cursors.push(cursor)
  return cursors
}

test.run()
