import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import type { EventQuery, JobEvent, JobEventType } from '../../src/core/event.ts'
import { assertRejects, assertTypeError, collect } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, createMany } from './jobs.ts'

type Event = JobEvent<AnyJob>

export const events: Suite = (test) => {
  test('an empty log has none', async (store) => {
    assert.deepStrictEqual(await collect(store.events()), [])
    assert.deepStrictEqual(await collect(store.events({ jobId: 'job-1', userId: 'user-1', types: ['created'] })), [])
  })

  test("the log is every job's history, each in its order", async (store) => {
    const ids = await writeLives(store)
    const log = await collect(store.events())
    for (const id of ids) {
      const withoutCursor = (event: Event): object => ({ ...event, cursor: '' })
      const own = await collect(store.history(id))
      assert.deepStrictEqual(log.filter((event) => event.jobId === id).map(withoutCursor), own.map(withoutCursor))
    }
    assert.strictEqual(new Set(log.map((event) => event.id)).size, log.length)
    assert.strictEqual((await store.stats()).events, log.length)
  })

  test('types, userId and jobId filter, alone and together', async (store) => {
    const [id = ''] = await writeLives(store)
    const log = await collect(store.events())
    const queries: [EventQuery, (event: Event) => boolean][] = [
      [{ types: ['created'] }, (event) => event.type === 'created'],
      [{ types: ['deleted', 'expired'] }, (event) => event.type === 'deleted' || event.type === 'expired'],
      [{ userId: 'user-2' }, (event) => event.userId === 'user-2'],
      [{ jobId: id }, (event) => event.jobId === id],
      [{ jobId: id, types: ['statusChanged'] }, (event) => event.jobId === id && event.type === 'statusChanged'],
      [{ jobId: id, userId: 'user-2' }, (event) => event.jobId === id && event.userId === 'user-2'],
      [
        { userId: 'user-1', types: ['progressed'] },
        (event) => event.userId === 'user-1' && event.type === 'progressed',
      ],
    ]
    for (const [query, matches] of queries) {
      const expected = log.filter(matches).map((event) => event.id)
      assert.ok(expected.length > 0, `nothing matches ${JSON.stringify(query)}`)
      assert.deepStrictEqual(sorted(await idsOf(store, query)), sorted(expected), JSON.stringify(query))
    }
  })

  test('a filter that nothing matches gives nothing', async (store) => {
    await writeLives(store)
    const none: EventQuery[] = [
      { types: [] },
      { types: ['snapshotted'] },
      { types: ['no such type' as JobEventType] },
      { userId: 'nobody' },
      { jobId: 'nobody' },
      { userId: '' },
      { jobId: '' },
    ]
    for (const query of none) assert.deepStrictEqual(await collect(store.events(query)), [], JSON.stringify(query))
  })

  test('an event belongs to the user that its job has after it', async (store) => {
    await store.create(aJob())
    await store.update('job-1', { userId: 'user-2' })
    await store.delete('job-1')
    const typesFor = async (userId: string): Promise<string[]> =>
      (await collect(store.events({ userId }))).map((event) => event.type)
    assert.deepStrictEqual(await typesFor('user-1'), ['created'])
    assert.deepStrictEqual(await typesFor('user-2'), ['updated', 'deleted'])
  })

  test("after each event's cursor comes exactly the rest, whatever the filter", async (store) => {
    const [id = ''] = await writeLives(store)
    const queries: EventQuery[] = [
      {},
      { userId: 'user-1' },
      { types: ['created', 'deleted'] },
      { jobId: id },
      { jobId: id, types: ['progressed'] },
    ]
    for (const query of queries) {
      const all = await collect(store.events(query))
      assert.ok(all.length >= 2)
      for (const [index, { cursor }] of all.entries())
        assert.deepStrictEqual(await collect(store.events({ ...query, after: cursor })), all.slice(index + 1))
    }
  })

  test("a cursor of the whole log is good for one job's events", async (store) => {
    const [id = ''] = await writeLives(store)
    const log = await collect(store.events())
    for (const [index, { cursor }] of log.entries()) {
      const expected = log.slice(index + 1).filter((event) => event.jobId === id)
      assert.deepStrictEqual(
        await idsOf(store, { jobId: id, after: cursor }),
        expected.map((event) => event.id),
      )
    }
  })

  test('after a cursor from a history, nothing of that job is missing or double', async (store) => {
    const [id = ''] = await writeLives(store)
    const own = await collect(store.history(id))
    for (const [index, { cursor }] of own.entries()) {
      const rest = (await collect(store.events({ after: cursor }))).filter((event) => event.jobId === id)
      assert.deepStrictEqual(
        rest.map((event) => event.version),
        own.slice(index + 1).map((event) => event.version),
      )
    }
  })

  test('after the last cursor comes what is written later, and only that', async (store) => {
    await createMany(store, 12)
    const after = (await collect(store.events())).at(-1)?.cursor as string
    assert.deepStrictEqual(await collect(store.events({ after })), [])
    await store.create(aJob())
    await store.updateStatus('job-00003', 'queued')
    const later = await collect(store.events({ after }))
    assert.deepStrictEqual(later.map((event) => `${event.jobId} ${event.type}`).sort(), [
      'job-00003 statusChanged',
      'job-1 created',
    ])
  })

  test('a long log comes whole, also behind a narrow filter', async (store) => {
    await createMany(store, 1500)
    await store.create(aJob({ userId: 'user-2' }))
    assert.strictEqual((await collect(store.events())).length, 1501)
    assert.deepStrictEqual(
      (await collect(store.events({ userId: 'user-2' }))).map((event) => event.jobId),
      ['job-1'],
    )
  })

  test('reading ends at the end that the log had, however fast it grows', async (store) => {
    await createMany(store, 300)
    const ids: string[] = []
    for await (const event of store.events()) {
      ids.push(event.id)
      await store.update('job-00000', { count: ids.length })
      assert.ok(ids.length <= 600, 'it follows the writers and never ends')
    }
    assert.strictEqual(new Set(ids).size, ids.length)
    assert.ok(ids.length >= 300)
  })

  test('a cursor is safe in a URL and in a header', async (store) => {
    await writeLives(store)
    for (const { cursor } of await collect(store.events())) {
      assert.strictEqual(encodeURIComponent(cursor), cursor)
      assert.match(cursor, /^[\w.~-]{1,4000}$/)
    }
  })

  test('what is no cursor is refused', async (store) => {
    await store.create(aJob())
    const [{ cursor, id }] = (await collect(store.events())) as [Event]
    const garbage = [
      '',
      'now',
      'start',
      '$',
      '0',
      '0-0',
      id,
      cursor.slice(0, 5),
      `${cursor}.1_1`,
      `x${cursor}`,
      `${cursor} `,
    ]
    for (const after of [...garbage, cursor.toUpperCase().replace('1.', '2.'), '\u0000', null, 5, {}])
      for (const query of [{}, { jobId: 'job-1' }, { userId: 'user-1' }])
        await assertRejects(() => collect(store.events({ ...query, after: after as string })), 'INVALID_CURSOR')
  })

  test("another store's cursor is refused", async (store, open) => {
    const other = await open.elsewhere()
    for (const one of [store, other]) await one.create(aJob())
    const [{ cursor }] = (await collect(other.events())) as [Event]
    await assertRejects(() => collect(store.events({ after: cursor })), 'INVALID_CURSOR')
    assert.deepStrictEqual(await collect(other.events({ after: cursor })), [])
  })

  test('a query that is none is a TypeError that names the field', async (store) => {
    const queries: [unknown, string][] = [
      [null, 'query'],
      [[], 'query'],
      ['job-1', 'query'],
      [{ jobId: 5 }, 'query.jobId'],
      [{ userId: null }, 'query.userId'],
      [{ types: 'created' }, 'query.types'],
      [{ types: null }, 'query.types'],
    ]
    for (const [query, field] of queries) await assertTypeError(() => collect(store.events(query as EventQuery)), field)
  })
}

/** The lives of nine jobs of two users: all types of events, mixed. @returns the ids, the richest life first */
async function writeLives(store: JobStore<AnyJob>): Promise<string[]> {
  const ids = Array.from({ length: 9 }, (_, index) => `job-${index}`)
  for (const [index, id] of ids.entries()) await store.create(aJob({ id, userId: `user-${(index % 2) + 1}` }))
  await Promise.all(ids.map((id) => store.updateStatus(id, 'queued')))
  for (const id of ids.slice(0, 5)) await store.updateProgress(id, { percent: 5 })
  await store.updateProgress('job-0', { percent: 6 })
  await store.update('job-0', { userId: 'user-2', note: 1 })
  await store.update('job-1', { expiresAt: new Date(5) })
  await store.purgeExpired()
  for (const id of ['job-2', 'job-0']) await store.delete(id)
  await store.create(aJob({ id: 'job-0' }))
  return ids
}

async function idsOf(store: JobStore<AnyJob>, query: EventQuery): Promise<string[]> {
  return (await collect(store.events(query))).map((event) => event.id)
}

function sorted(ids: string[]): string[] {
  return ids.toSorted()
}
