/** P13: no user reaches another's jobs; another's job and no job look the same. */
import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { aFullJob, aJob } from '../contract/jobs.ts'
import { openService, type Asking, type Service } from './support/service.ts'
import { SseReader } from './support/sse-reader.ts'

const test = suite('P13: whose a job is')

/** All of a response that a client can see, but its time. */
async function seen(service: Service, path: string, asking: Asking): Promise<unknown> {
  const response = await service.ask(path, asking)
  // A stream would go on for ever, and is wrong already.
  const isStream = response.headers.get('content-type') === 'text/event-stream'
  const body = isStream ? await response.body?.cancel() : await response.text()
  return { status: response.status, headers: [...response.headers], body }
}

/** Events of ann's job, and what else she was given to hold. */
async function annsKeys(service: Service): Promise<{ cursors: string[]; tag: string; page: string }> {
  const cursors: string[] = []
  for await (const { cursor } of service.store.history('anns')) cursors.push(cursor)
  const tag = (await service.ask('/jobs/anns')).headers.get('etag') ?? ''
  const { next } = (await (await service.ask('/users/ann/jobs?limit=1')).json()) as { next: string }
  return { cursors, tag, page: next }
}

/** Ann has two jobs, one of them with a past; bob has one. */
async function fill({ store }: Service): Promise<void> {
  await store.create(aFullJob({ id: 'anns', userId: 'ann', status: 'pending' }))
  await store.updateProgress('anns', { percent: 50 })
  await store.create(aJob({ id: 'anns-older', userId: 'ann', createdAt: new Date(0) }))
  await store.create(aJob({ id: 'bobs', userId: 'bob' }))
}

test("user B tries every route with A's ids, cursors, tags and Last-Event-ID", async () => {
  await using service = openService()
  await fill(service)
  const { cursors, tag, page } = await annsKeys(service)
  const places = [undefined, 'nonsense', ...cursors]
  const tries: [path: (job: string, user: string) => string, headers: Record<string, string>][] = []
  for (const after of places) {
    const headers = after === undefined ? {} : { 'Last-Event-ID': after }
    tries.push([(job) => `/jobs/${job}/events`, headers])
    tries.push([(_, user) => `/events?user=${user}`, headers])
    if (after !== undefined) tries.push([(job) => `/jobs/${job}/events?after=${after}`, {}])
  }
  tries.push([(job) => `/jobs/${job}`, {}], [(job) => `/jobs/${job}`, { 'If-None-Match': tag }])
  tries.push([(job) => `/jobs/${job}`, { 'If-None-Match': '*' }], [(job) => `/jobs/${job}/history`, {}])
  for (const query of ['', '?limit=1', `?after=${page}`, '?status=pending', '?status=asleep', '?limit=0'])
    tries.push([(_, user) => `/users/${user}/jobs${query}`, {}])
  tries.push([(_, user) => `/users/${user}/jobs`, { 'If-None-Match': tag }])
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE'])
    for (const [path, headers] of tries) {
      const asking = { as: 'bob', headers, method }
      const anothers = await seen(service, path('anns', 'ann'), asking)
      const none = await seen(service, path('none', 'nobody'), asking)
      assert.deepEqual(anothers, none, `${method} ${path('anns', 'ann')}`)
      assert.equal((anothers as { status: number }).status, { OPTIONS: 204, DELETE: 405 }[method] ?? 404)
    }
})

test("the same of a job of A's that has ended", async () => {
  await using service = openService()
  await fill(service)
  const { cursors } = await annsKeys(service)
  await service.store.delete('anns')
  for (const path of ['', '/history', '/events', ...cursors.map((cursor) => `/events?after=${cursor}`)]) {
    const anothers = await seen(service, `/jobs/anns${path}`, { as: 'bob' })
    assert.deepEqual(anothers, await seen(service, `/jobs/none${path}`, { as: 'bob' }), path)
  }
  assert.equal((await service.ask('/jobs/anns/history')).status, 200, 'ann still has its history')
})

test("A's cursor is no more to B than a place in the log: B's own events come after it", async () => {
  await using service = openService()
  await fill(service)
  const { cursors } = await annsKeys(service)
  const asking = { as: 'bob', headers: { 'Last-Event-ID': cursors[0] ?? '' } }
  const reader = new SseReader(await service.ask('/events', asking))
  await service.store.updateProgress('anns', { percent: 60 })
  await service.store.updateProgress('bobs', { percent: 60 })
  const events = await reader.take(2)
  assert.deepEqual(
    events.map(({ data }) => [data.jobId, data.type]),
    [
      ['bobs', 'created'],
      ['bobs', 'progressed'],
    ],
  )
  assert.ok(!reader.text.includes('ann'))
  await reader.cancel()
})

test("B's page is B's own, whatever page of A's it goes on from", async () => {
  await using service = openService()
  await fill(service)
  const { page } = await annsKeys(service)
  const { jobs } = (await (await service.ask(`/users/bob/jobs?after=${page}`, { as: 'bob' })).json()) as {
    jobs: unknown[]
  }
  assert.deepEqual(jobs, [])
})

test('a job that is given to another is gone for the one, and begins for the other with what made it theirs', async () => {
  await using service = openService()
  const { store } = service
  await store.create(aJob({ id: 'moved', userId: 'ann', note: "ann's own" }))
  const anns = new SseReader(await service.ask('/jobs/moved/events'))
  const all = new SseReader(await service.ask('/events'))
  const bobs = new SseReader(await service.ask('/events', { as: 'bob' }))
  await anns.take(1)
  await store.updateProgress('moved', { percent: 1 })
  await store.update('moved', { userId: 'bob', note: "bob's own" })
  await store.updateProgress('moved', { percent: 2 })

  const [last] = await anns.rest()
  assert.deepEqual(
    [last?.data.version, anns.text.includes('bob')],
    [2, false],
    "ann's stream ends without a word of bob",
  )
  assert.equal((await service.ask('/jobs/moved')).status, 404)
  const again = await service.ask('/jobs/moved/events', { headers: { 'Last-Event-ID': last?.id ?? '' } })
  assert.equal(again.status, 204)
  const history = (await (await service.ask('/jobs/moved/history')).json()) as { version: number }[]
  assert.deepEqual(
    history.map(({ version }) => version),
    [1, 2],
  )

  const theirs = await bobs.take(2)
  assert.deepEqual(
    theirs.map(({ data }) => [data.version, data.previous === null]),
    [
      [3, true],
      [4, false],
    ],
  )
  assert.ok(!bobs.text.includes('ann'))
  const later = await (await service.ask('/jobs/moved/history', { as: 'bob' })).text()
  assert.ok(later.includes('"version":3') && !later.includes('ann') && !later.includes('"version":2'))

  await store.update('moved', { userId: 'ann', note: 'back' })
  assert.deepEqual(
    (await all.take(2)).map(({ data }) => data.version),
    [2, 5],
    "of ann's own events none is missing, and none is bob's",
  )
  await Promise.all([all.cancel(), bobs.cancel()])
})

test('a client that was away while its job was another user’s gets its own events only', async () => {
  await using service = openService()
  const { store } = service
  await store.create(aJob({ id: 'moved', userId: 'ann' }))
  const [first] = await new SseReader(await service.ask('/events?after=start')).take(1)
  await store.update('moved', { userId: 'bob' })
  await store.update('moved', { secretOfBob: 1 })
  await store.update('moved', { userId: 'ann' })
  const reader = new SseReader(
    await service.ask('/jobs/moved/events', { headers: { 'Last-Event-ID': first?.id ?? '' } }),
  )
  assert.equal((await reader.take(1))[0]?.data.version, 4)
  assert.ok(!reader.text.includes('secretOfBob'))
  await reader.cancel()
})

test('an id that another user takes after the end of a job keeps the two apart', async () => {
  await using service = openService()
  const { store } = service
  await store.create(aJob({ id: 'again', userId: 'ann' }))
  await store.delete('again')
  await store.create(aJob({ id: 'again', userId: 'bob' }))
  for (const [as, versions] of [
    ['ann', [1, 2]],
    ['bob', [3]],
  ] as const) {
    const events = (await (await service.ask('/jobs/again/history', { as })).json()) as Record<string, unknown>[]
    assert.deepEqual(
      events.map(({ version, userId }) => [version, userId]),
      versions.map((version) => [version, as]),
    )
    assert.equal(events[0]?.['previous'], null)
  }
  assert.deepEqual(
    [await service.ask('/jobs/again'), await service.ask('/jobs/again', { as: 'bob' })].map(({ status }) => status),
    [404, 200],
  )
})

test.run()
