import assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { Backend, ListQuery, StoredJob } from '../../src/backend.ts'
import type { JobPage } from '../../src/contract.ts'
import { compareBytes, partitionOf } from '../../src/core/order.ts'
import { Statuses } from '../../src/core/statuses.ts'
import { JobLists } from '../../src/job-lists.ts'
import type { Lifecycle } from '../../src/lifecycle.ts'
import { keysOf } from '../../src/redis/keys.ts'
import { Lists, type ListedPartition } from '../../src/redis/lists.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, jobsOf } from '../contract/jobs.ts'
import { openWorkshop } from './support.ts'

const test = suite('Lists over several partitions')

const PARTITIONS = 4

/** What moves between the read of its place and its own: every time, as under a fast writer. */
type Move = (job: AnyJob) => AnyJob | null

const MOVES: Record<string, Move> = {
  'to another status': (job) => ({ ...job, status: 'processing' }),
  'to another user': (job) => ({ ...job, userId: 'user-2' }),
  'out of the store': () => null,
  'to an older time': (job) => ({ ...job, createdAt: new Date(5) }),
}

/** Partitions that hold jobs, of which those with these ids have always just moved; and what was asked of them. */
class Moving {
  readonly asked: number[] = []
  readonly lists: Lists
  readonly #jobs: readonly AnyJob[]
  readonly #moved: (id: string) => boolean
  readonly #move: Move

  constructor(jobs: readonly AnyJob[], moved: (id: string) => boolean, move: Move) {
    this.#jobs = jobs.toSorted(inOrder)
    this.#moved = moved
    this.#move = move
    this.lists = new Lists(Array.from({ length: PARTITIONS }, (_, index) => this.#partition(index)))
  }

  #partition(index: number): ListedPartition {
    const own = this.#jobs.filter(({ id }) => partitionOf(id, PARTITIONS) === index)
    return {
      list: () => assert.fail('lists of several partitions are merged by their places'),
      places: async ([, status, limit, offset, ms, id]) => {
        this.asked.push(Number(limit))
        const after = aJob({ id: String(id), createdAt: new Date(Number(ms)) })
        return own
          .filter((job) => (status === '' || job.status === status) && (ms === '' || inOrder(job, after) > 0))
          .slice(Number(offset), Number(offset) + Number(limit))
          .map((job) => ({ id: job.id, createdAtMs: job.createdAt.getTime() }))
      },
      read: async (ids) =>
        ids.map((id) => {
          const job = own.find((one) => one.id === id) ?? assert.fail(`partition ${index} has no ${id}`)
          const now = this.#moved(id) ? this.#move(job) : job
          return now === null ? null : ({ job: now, version: 1, lastEventId: '' } satisfies StoredJob)
        }),
    }
  }
}

function inOrder(left: AnyJob, right: AnyJob): number {
  return right.createdAt.getTime() - left.createdAt.getTime() || compareBytes(right.id, left.id)
}

/** The public lists over these. */
function jobListsOf({ lists }: Moving): JobLists {
  const backend = { list: (query: ListQuery) => lists.list(query) } as Backend
  const lifecycle = { requireOpen: () => {}, call: <R>(work: () => Promise<R>) => work() } as unknown as Lifecycle
  return new JobLists(backend, lifecycle, new Statuses(undefined, undefined))
}

async function pagesOf(lists: JobLists, limit: number, status?: string): Promise<string[][]> {
  const pages: string[][] = []
  let after: string | null = null
  do {
    const page: JobPage<AnyJob> = await lists.page('user-1', {
      limit,
      ...(status !== undefined && { status }),
      ...(after !== null && { after }),
    })
    pages.push(page.jobs.map(({ id }) => id))
    after = page.next
  } while (after !== null)
  return pages
}

const JOBS = jobsOf('user-1', 1500, { status: 'queued' })

for (const [where, move] of Object.entries(MOVES))
  for (const every of [2, 10, 400])
    test(`jobs that move ${where} all the time keep none from being listed once, with ${every - 1} of ${every} moving`, async () => {
      const stays = (id: string): boolean => Number(id.slice(4)) % every === 1
      const expected = JOBS.map(({ id }) => id)
        .filter(stays)
        .reverse()
      for (const limit of [1, 7, 20, 250]) {
        const moving = new Moving(JOBS, (id) => !stays(id), move)
        const lists = jobListsOf(moving)
        const status = where === 'to another status' ? 'queued' : undefined
        const pages = await pagesOf(lists, limit, status)
        assert.deepEqual(pages.flat(), expected)
        assert.ok(pages.slice(0, -1).every((page) => page.length === limit))
        const found = await lists.find<AnyJob>('user-1', { limit, ...(status !== undefined && { status }) })
        assert.deepEqual(
          found.map(({ id }) => id),
          expected.slice(0, limit),
        )
        assert.ok(moving.asked.every((places) => places <= 200))
      }
    })

test('a list in which all moves ends, after each place was looked at once or so', async () => {
  const moving = new Moving(
    JOBS,
    () => true,
    () => null,
  )
  assert.deepEqual(await jobListsOf(moving).find('user-1', { limit: 1 }), [])
  const calls = moving.asked.length / PARTITIONS
  // 1, 1, 2, 4, … 128 places, then 200 at a time.
  assert.ok(calls <= 9 + Math.ceil(JOBS.length / 200), `${calls} calls`)
})

test('a list from which nothing moves asks for no more than it is asked for', async () => {
  const moving = new Moving(
    JOBS,
    () => false,
    () => null,
  )
  const newest = JOBS.map(({ id }) => id).reverse()
  const found = await jobListsOf(moving).find('user-1', { limit: 250, offset: 40 })
  assert.deepEqual(
    found.map(({ id }) => id),
    newest.slice(40, 290),
  )
  assert.deepEqual([...new Set(moving.asked)], [200, 50])
})

test('no call looks at more places than one page has, however far behind the beginning a list is asked for', async () => {
  const newest = JOBS.map(({ id }) => id).reverse()
  for (const offset of [0, 1, 199, 200, 201, 777, 1499, 1500, 9999])
    for (const limit of [1, 30, 250]) {
      const moving = new Moving(
        JOBS,
        () => false,
        () => null,
      )
      const found = await jobListsOf(moving).find('user-1', { limit, offset })
      assert.deepEqual(
        found.map(({ id }) => id),
        newest.slice(offset, offset + limit),
      )
      assert.ok(moving.asked.every((places) => places <= 200))
      const looked = moving.asked.reduce((sum, places) => sum + places, 0)
      assert.ok(looked <= 2 * Math.min(offset + limit, JOBS.length) + 4 * 400, `${looked} places looked at`)
    }
})

test('a page that ends on an entry whose job is gone, or has no readable time, is followed by the others', async () => {
  for (const partitions of [1, 2]) {
    await using workshop = await openWorkshop({ partitions })
    const { store, redis, prefix } = workshop
    for (const [index, id] of ['a', 'b', 'c', 'd'].entries())
      await store.create(aJob({ id, createdAt: new Date(1000 - index) }))
    const keyOf = (id: string): string => keysOf(prefix, partitionOf(id, partitions)).job(id)
    await redis.del(keyOf('b'))
    const reader = workshop.open()
    const found = async (limit: number): Promise<string[]> =>
      (await reader.findByUserId('user-1', { limit })).map(({ id }) => id)
    assert.deepEqual([await found(1), await found(2), await found(9)], [['a'], ['a', 'c'], ['a', 'c', 'd']])
    await redis.hset(keyOf('c'), 'createdAt', `${'9'.repeat(400)}-01-01T00:00:00.000Z`)
    assert.deepEqual((await found(2))[0], 'a')
  }
})

test.run()
