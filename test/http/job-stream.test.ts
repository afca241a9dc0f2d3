import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { aFullJob, aJob } from '../contract/jobs.ts'
import { openService, type Asking, type Service } from './support/service.ts'
import { SseReader } from './support/sse-reader.ts'

const test = suite('The events of a job as a stream')

const PATH = '/jobs/job-1/events'

async function open(service: Service, asking: Asking = {}): Promise<SseReader> {
  return new SseReader(await service.ask(PATH, asking))
}

async function resume(service: Service, id: string | null | undefined, asking: Asking = {}): Promise<SseReader> {
  return open(service, { ...asking, headers: { 'Last-Event-ID': id ?? '' } })
}

/** A job with an event that a client has seen, and one that it has missed. @returns the id of the one that it has seen */
async function missOne(service: Service): Promise<string> {
  const { store } = service
  await store.create(aJob({ userId: 'ann' }))
  const reader = await open(service)
  await reader.take(1)
  await store.updateProgress('job-1', { percent: 1 })
  const [seen] = await reader.take(1)
  await reader.cancel()
  await store.updateProgress('job-1', { percent: 2 })
  return seen?.id ?? assert.fail('it has no id')
}

test('the state comes first, then each event as it happens, until the job ends', async () => {
  await using service = openService()
  const { store } = service
  await store.create(aFullJob({ userId: 'ann', status: 'pending' }))
  const reader = await open(service)
  const [state] = await reader.take(1)
  assert.deepEqual([state?.event, state?.id, state?.data.id], ['state', null, 'job-1'])
  assert.ok(!reader.text.includes('s3cret') && reader.text.startsWith('retry: '))
  await store.updateStatus('job-1', 'processing', { meta: { actor: 'worker-1' } })
  await store.update('job-1', { webhook: { url: 'https://example.com', secret: 's3cret' } })
  await store.delete('job-1')
  const events = await reader.rest()
  assert.deepEqual(
    events.map(({ event, id, data }) => [event, id === data.cursor, data.version, data.type]),
    [
      ['message', true, 2, 'statusChanged'],
      ['message', true, 3, 'updated'],
      ['message', true, 4, 'deleted'],
    ],
  )
  assert.equal(events[0]?.data.meta.actor, 'worker-1')
  assert.ok(!reader.text.includes('s3cret'))
})

test('the stream is kept as it is on its way', async () => {
  await using service = openService()
  await service.store.create(aJob({ userId: 'ann' }))
  const response = await service.ask(PATH)
  assert.equal(response.headers.get('cache-control'), 'no-cache, no-transform')
  assert.equal(response.headers.get('x-accel-buffering'), 'no')
  await response.body?.cancel()
  const head = await service.ask(PATH, { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/event-stream'])
})

test('Last-Event-ID goes on where a client was, without the state; ?after does too', async () => {
  await using service = openService()
  const { store } = service
  const seen = await missOne(service)
  const readers = [
    await resume(service, seen),
    new SseReader(await service.ask(`${PATH}?after=${seen}`)),
    new SseReader(await service.ask(`${PATH}?after=nonsense`, { headers: { 'Last-Event-ID': seen } })),
  ]
  for (const reader of readers) assert.equal((await reader.take(1))[0]?.data.version, 3)
  await store.updateProgress('job-1', { percent: 3 })
  await store.delete('job-1')
  for (const reader of readers)
    assert.deepEqual(
      (await reader.rest()).map(({ data }) => data.version),
      [4, 5],
    )
})

test('an end that was missed is given later, and then there is no more to come', async () => {
  await using service = openService()
  const { store } = service
  const seen = await missOne(service)
  await store.delete('job-1')
  const missed = await (await resume(service, seen)).rest()
  assert.deepEqual(
    missed.map(({ data }) => data.type),
    ['progressed', 'deleted'],
  )
  // By this a browser knows that it need not ask again.
  const after = await service.ask(PATH, { headers: { 'Last-Event-ID': missed[1]?.id ?? '' } })
  assert.deepEqual([after.status, after.headers.get('cache-control')], [204, 'no-store'])
  assert.equal((await service.ask(PATH)).status, 404)
})

test('a job whose time has come is waited for until it is swept, and its end is given', async () => {
  await using service = openService()
  const { store } = service
  const seen = await missOne(service)
  await store.update('job-1', { expiresAt: new Date(Date.now() - 1) })
  assert.equal((await service.ask('/jobs/job-1')).status, 404)
  const readers = [await resume(service, seen)]
  const missed = await readers[0]?.take(2)
  assert.deepEqual(
    missed?.map(({ data }) => data.type),
    ['progressed', 'updated'],
  )
  // Nothing is missing here but the end.
  readers.push(await resume(service, missed?.[1]?.id))
  await store.purgeExpired()
  for (const reader of readers)
    assert.deepEqual(
      (await reader.rest()).map(({ data }) => data.type),
      ['expired'],
    )
})

test('a job whose time has come is nobody else’s', async () => {
  await using service = openService()
  const seen = await missOne(service)
  await service.store.update('job-1', { userId: 'bob', expiresAt: new Date(Date.now() - 1) })
  const response = await service.ask(PATH, { as: 'cid', headers: { 'Last-Event-ID': seen } })
  assert.equal(response.status, 404)
  const missed = await (await resume(service, seen)).rest()
  assert.deepEqual(
    missed.map(({ data }) => data.type),
    ['progressed'],
  )
})

test('where the log has been shortened past one whose time has come, it says where to go on to its end', async () => {
  await using service = openService()
  const { store } = service
  const seen = await missOne(service)
  await store.compact({ before: new Date(Date.now() + 60_000) })
  await store.update('job-1', { expiresAt: new Date(Date.now() - 1) })
  const response = await service.ask(PATH, { headers: { 'Last-Event-ID': seen } })
  const { code, oldest } = (await response.json()) as { code: string; oldest: string }
  assert.deepEqual([response.status, code], [410, 'CURSOR_GAP'])
  const reader = await resume(service, oldest)
  await store.purgeExpired()
  assert.deepEqual(
    (await reader.rest()).map(({ data }) => data.type),
    ['updated', 'expired'],
  )
})

test('an id that comes again goes on after the end of the one before', async () => {
  await using service = openService()
  const { store } = service
  await store.create(aJob({ userId: 'ann' }))
  const first = await open(service)
  await first.take(1)
  await store.delete('job-1')
  const [end] = await first.rest()
  await store.create(aJob({ userId: 'ann' }))
  const again = await resume(service, end?.id)
  assert.deepEqual([(await again.take(1))[0]?.data.type], ['created'])
  await again.cancel()
})

test('where the log has been shortened past a client, it gets the state', async () => {
  await using service = openService()
  const { store } = service
  const seen = await missOne(service)
  await store.compact({ before: new Date(Date.now() + 60_000) })
  const reader = await resume(service, seen)
  const [state] = await reader.take(1)
  assert.deepEqual([state?.event, state?.data.progress.percent], ['state', 2])
  await reader.cancel()
})

test('an id that is no cursor of the store is 400', async () => {
  await using service = openService()
  await using other = openService()
  for (const { store } of [service, other]) await store.create(aJob({ userId: 'ann' }))
  const foreign: string[] = []
  for await (const { cursor } of other.store.history('job-1')) foreign.push(cursor)
  for (const id of ['nonsense', ...foreign, 'x'.repeat(16_385)]) {
    const response = await service.ask(PATH, { headers: { 'Last-Event-ID': id } })
    assert.deepEqual([response.status, response.headers.get('content-type')], [400, 'application/problem+json'])
  }
})

test.run()
