import * as assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { Connection } from '../../src/sqlite/driver.ts'
import type { EventSourcedStore } from '../../src/store.ts'
import { assertRejects, collect } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { newBackend, storeOver, watchedDriver, withPath, withWriteLock } from './support/stores.ts'

const test = suite('reads of an SQLite file that can’t be written')

const START_MS = 1_700_000_000_000

/** More than are swept at once. */
const JOBS = 2000

/** Keeps a store, whose connection this is, from writing for as long as the body runs. */
type Obstacle = (path: string, connection: Connection, body: () => Promise<void>) => Promise<void>

const OBSTACLES: Record<string, Obstacle> = {
  'another program holds the write lock': (path, _, body) => withWriteLock(path, body),
  'the disk is full': async (_, connection, body) => {
    connection.pragma(`max_page_count = ${String(connection.pragma('page_count', { simple: true }))}`)
    await body()
    connection.pragma('max_page_count = 1000000')
  },
  'the file may only be read': async (_, connection, body) => {
    connection.pragma('query_only = ON')
    await body()
    connection.pragma('query_only = OFF')
  },
}

for (const [name, withObstacle] of Object.entries(OBSTACLES))
  test(
    `lists, counts and stats leave out what is due while ${name}`,
    withPath(async (path) => {
      const clock = { ms: START_MS }
      const { driver, connections } = watchedDriver()
      const store = storeOver(newBackend(path, { driver, now: () => clock.ms, busyTimeoutMs: 60_000 }))
      const jobs = someJobs()
      await Promise.all(jobs.map((job) => store.create(job)))
      clock.ms += JOBS / 2
      const living = jobs.filter(({ expiresAt }) => expiresAt.getTime() > clock.ms)
      assert.ok(living.length > 500 && jobs.length - living.length > 500)
      const [connection] = connections as [Connection]
      await withObstacle(path, connection, async () => {
        await assertReads(store, living)
        assert.deepEqual(await collect(store.events({ types: ['expired'] })), [])
      })
      await assertReads(store, living)
      assert.equal((await collect(store.events({ types: ['expired'] }))).length, jobs.length - living.length)
      await assertStateIsFold(store)
      await store.close()
    }),
  )

test(
  'a sweep that was asked for says that nothing can be written',
  withPath(async (path) => {
    const store = storeOver(newBackend(path, { busyTimeoutMs: 20 }))
    await store.create(aJob({ expiresAt: new Date(1) }))
    await withWriteLock(path, () =>
      assertRejects(() => store.purgeExpired(), 'STORE_UNAVAILABLE', { outcome: 'rejected' }),
    )
    assert.equal(await store.purgeExpired(), 1)
    await store.close()
  }),
)

/** Of three users and two statuses; one millisecond after the other they are due, in no order that lists have. */
function someJobs(): AnyJob[] {
  return Array.from({ length: JOBS }, (_, index) =>
    aJob({
      id: `job-${String(index).padStart(5, '0')}`,
      userId: `user-${index % 3}`,
      status: index % 5 === 0 ? 'failed' : 'pending',
      createdAt: new Date(START_MS - Math.floor(index / 4)),
      expiresAt: new Date(START_MS + 1 + ((index * 37) % JOBS)),
    }),
  )
}

/** Holds every way to read more than one job against what must come. */
async function assertReads(store: EventSourcedStore<AnyJob>, living: readonly AnyJob[]): Promise<void> {
  const newestFirst = living.toSorted((one, other) => +other.createdAt - +one.createdAt || (one.id < other.id ? 1 : -1))
  for (const userId of ['user-0', 'user-1', 'user-2', 'nobody'])
    for (const status of [undefined, 'failed', 'pending']) {
      const expected = newestFirst.filter((job) => job.userId === userId && job.status === (status ?? job.status))
      const options = { limit: 1000, ...(status !== undefined && { status }) }
      assert.deepEqual(idsOf(await store.findByUserId(userId, options)), idsOf(expected))
      assert.deepEqual(
        idsOf(await store.findByUserId(userId, { ...options, limit: 7, offset: 5 })),
        idsOf(expected.slice(5, 12)),
      )
      assert.deepEqual(idsOf(await inPages(store, userId, status)), idsOf(expected))
      if (status === undefined) assert.equal(await store.countByUserId(userId), expected.length)
    }
  const stats = await store.stats()
  assert.equal(stats.jobs, living.length)
  for (const status of ['failed', 'pending', 'queued']) {
    const count = living.filter((job) => job.status === status).length
    assert.equal(await store.countByStatus(status), count)
    assert.equal(stats.byStatus[status], count)
  }
}

async function inPages(store: EventSourcedStore<AnyJob>, userId: string, status?: string): Promise<AnyJob[]> {
  const jobs: AnyJob[] = []
  let after: string | null = null
  do {
    const page = await store.listByUserId(userId, {
      limit: 50,
      ...(status !== undefined && { status }),
      ...(after !== null && { after }),
    })
    jobs.push(...page.jobs)
    after = page.next
  } while (after !== null)
  return jobs
}

function idsOf(jobs: readonly AnyJob[]): string[] {
  return jobs.map(({ id }) => id)
}

test.run()
