import assert from 'node:assert/strict'

import { setImmediate as nextTurn } from 'node:timers/promises'

import { EventSource } from 'eventsource'
import { suite } from 'uvu'

import type { Cursor } from '../../src/core/event.ts'
import { LogRewoundError } from '../../src/core/errors.ts'
import { createHandler } from '../../src/http/index.ts'
import { MemoryBackend } from '../../src/memory/memory-backend.ts'
import { EventSourcedStore } from '../../src/store.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aFullJob, aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { failing } from './support/failing.ts'
import { authorizeByHeader, openService, requestOf, type Asking, type Service } from './support/service.ts'
import { SseReader } from './support/sse-reader.ts'

const test = suite('The events of all jobs as a stream')

async function open(service: Service, path: string, asking: Asking = {}): Promise<SseReader> {
  return new SseReader(await service.ask(path, asking))
}

/** Three jobs: two of ann's and one of bob's. */
async function fill({ store }: Service): Promise<void> {
  await store.create(aFullJob({ id: 'a-1', userId: 'ann' }))
  await store.create(aJob({ id: 'b-1', userId: 'bob' }))
  await store.create(aJob({ id: 'a-2', userId: 'ann' }))
}

function idsOf(messages: { data: { jobId: string } }[]): string[] {
  return messages.map(({ data }) => data.jobId)
}

test('a user gets their own events, an admin those of all, or of one user', async () => {
  await using service = openService()
  await fill(service)
  const [ann, own, all, bobs] = await Promise.all([
    open(service, '/events?after=start'),
    open(service, '/events?after=start&user=ann'),
    open(service, '/events?after=start', { as: 'admin' }),
    open(service, '/events?after=start&user=bob', { as: 'admin' }),
  ])
  assert.deepEqual(idsOf(await ann.take(2)), ['a-1', 'a-2'])
  assert.deepEqual(idsOf(await own.take(2)), ['a-1', 'a-2'])
  assert.deepEqual(idsOf(await all.take(3)), ['a-1', 'b-1', 'a-2'])
  assert.deepEqual(idsOf(await bobs.take(1)), ['b-1'])
  await service.store.updateProgress('a-1', { percent: 1 })
  for (const reader of [ann, own, all]) assert.equal((await reader.take(1))[0]?.data.version, 2)
  for (const reader of [ann, own, all, bobs]) {
    assert.ok(!reader.text.includes('s3cret'))
    await reader.cancel()
  }
})

test('types are taken one by one or with commas; others are 400', async () => {
  await using service = openService()
  await fill(service)
  await service.store.updateProgress('a-1', { percent: 1 })
  await service.store.delete('a-1')
  for (const query of ['type=progressed,deleted', 'type=progressed&type=deleted']) {
    const reader = await open(service, `/events?after=start&${query}`)
    assert.deepEqual(
      (await reader.take(2)).map(({ data }) => data.type),
      ['progressed', 'deleted'],
    )
    await reader.cancel()
  }
  for (const query of ['type=', 'type=nonsense', 'type=created,', 'type=snapshotted', 'user='])
    assert.equal((await service.ask(`/events?${query}`)).status, 400, query)
})

test('Last-Event-ID goes on after any event, every one once', async () => {
  await using service = openService()
  await fill(service)
  const all = await open(service, '/events?after=start', { as: 'admin' })
  const seen = await all.take(3)
  await all.cancel()
  for (const [index, { id }] of seen.entries()) {
    const reader = await open(service, '/events', { as: 'admin', headers: { 'Last-Event-ID': id ?? '' } })
    await service.store.updateProgress('b-1', { percent: index })
    assert.deepEqual(idsOf(await reader.take(3 - index)).slice(0, 2 - index), idsOf(seen).slice(index + 1))
    await reader.cancel()
  }
})

test('without a place to go on from, only what comes is given', async () => {
  await using service = openService()
  await fill(service)
  const reader = await open(service, '/events')
  await service.store.updateProgress('a-2', { percent: 1 })
  const [event] = await reader.take(1)
  assert.deepEqual([event?.data.jobId, event?.data.type], ['a-2', 'progressed'])
  await reader.cancel()
})

test('a client that is answered has its place: what others write from then on comes', async () => {
  let begin = (): void => {}
  const isToBegin = new Promise<void>((resolve) => (begin = resolve))
  class SlowToBegin extends MemoryBackend {
    override async bounds(): ReturnType<MemoryBackend['bounds']> {
      await isToBegin
      return super.bounds()
    }
  }
  await using store = new EventSourcedStore<AnyJob>(new SlowToBegin(Date.now, 'e'), { sweepIntervalMs: 0 })
  await store.ready()
  const order: string[] = []
  const handler = createHandler(store, { authorize: authorizeByHeader })
  const response = handler(requestOf('/events')).finally(() => order.push('answered'))
  for (let turn = 0; turn < 10; turn++) await nextTurn()
  order.push('begun')
  begin()
  const reader = new SseReader(await response)
  assert.deepEqual(order, ['begun', 'answered'])
  await store.create(aJob({ userId: 'ann' }))
  await reader.take(1)
  await reader.cancel()
})

test('a client has a place to go on from before its first event, which nobody takes for one', async () => {
  await using service = openService()
  await fill(service)
  const reader = await open(service, '/events')
  await reader.read()
  await reader.read()
  const [, id] = /^retry: \d+\n\nid: (\S+)\n\n$/.exec(reader.text) ?? assert.fail(reader.text)
  await reader.cancel()
  await service.store.updateProgress('a-2', { percent: 1 })
  const again = await open(service, '/events', { headers: { 'Last-Event-ID': id ?? '' } })
  assert.deepEqual(idsOf(await again.take(1)), ['a-2'])
  await again.cancel()
})

test('an EventSource that loses its connection before its first event misses none', async () => {
  await using service = openService()
  await fill(service)
  const places: (string | undefined)[] = []
  /** The first connection is lost as soon as it stands, and something happens before the next. */
  const connect = async (headers: Record<string, string>, signal: AbortSignal): Promise<Response> => {
    places.push(headers['Last-Event-ID'])
    const response = await service.ask('/events', { headers, signal })
    if (places.length > 1) return response
    const reader = new SseReader(response)
    while (!reader.text.includes('id: ')) await reader.read()
    await reader.cancel()
    await service.store.updateProgress('a-1', { percent: 1 })
    return new Response(reader.text.replace(/^retry: \d+/, 'retry: 1'), { headers: response.headers })
  }
  const source = new EventSource('http://localhost/events', {
    fetch: (_, { headers, signal }) => connect(headers, signal as AbortSignal),
  })
  const come: string[] = []
  source.addEventListener('message', ({ data }) => come.push((JSON.parse(data as string) as { type: string }).type))
  try {
    await eventually(() => assert.deepEqual(come, ['progressed']))
    assert.equal(places[0], undefined)
    assert.match(places[1] ?? '', /^1\./)
  } finally {
    source.close()
  }
})

test('a gap is 410 with the oldest cursor, from which it goes on', async () => {
  await using service = openService()
  await fill(service)
  const reader = await open(service, '/events?after=start')
  const [seen] = await reader.take(1)
  await reader.cancel()
  await service.store.compact({ before: new Date(Date.now() + 60_000) })
  const response = await service.ask('/events', { headers: { 'Last-Event-ID': seen?.id ?? '' } })
  const { status, code, oldest } = (await response.json()) as { status: number; code: string; oldest: Cursor }
  assert.deepEqual([response.status, status, code], [410, 410, 'CURSOR_GAP'])
  const again = await open(service, `/events?after=${oldest}`)
  await service.store.updateProgress('a-1', { percent: 1 })
  assert.equal((await again.take(1))[0]?.data.version, 2)
  await again.cancel()
})

test('a log that was rewound is 410 with the newest cursor', async () => {
  await using service = openService()
  service.store.events = () => failing(new LogRewoundError('lost', { newest: 'the newest' }))
  const response = await service.ask('/events', { headers: { 'Last-Event-ID': 'later' } })
  const { code, newest } = (await response.json()) as { code: string; newest: Cursor }
  assert.deepEqual([response.status, code, newest], [410, 'LOG_REWOUND', 'the newest'])
})

test.run()
