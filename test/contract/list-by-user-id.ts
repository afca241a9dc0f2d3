import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import { assertRejects, assertTypeError } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, createMany, jobsOf } from './jobs.ts'

export const listByUserId: Suite = (test) => {
  test('a user without jobs has one empty page', async (store) => {
    assert.deepStrictEqual(await store.listByUserId('user-1'), { jobs: [], next: null })
    assert.deepStrictEqual(await store.listByUserId(''), { jobs: [], next: null })
  })

  test('the pages, one after the other, are the list', async (store) => {
    const newest = await createMany(store, 23)
    for (const limit of [1, 2, 5, 22, 23, 24, Number.MAX_SAFE_INTEGER]) {
      const pages = await pagesOf(store, { limit })
      assert.deepStrictEqual(pages.flat(), newest)
      assert.deepStrictEqual(
        pages.map((page) => page.length),
        [...Array<number>(Math.ceil(23 / limit) - 1).fill(limit), 23 % limit === 0 ? limit : 23 % limit],
      )
    }
  })

  test('the last page says that it is, also when it is full', async (store) => {
    await createMany(store, 4)
    const { jobs, next } = await store.listByUserId('user-1', { limit: 2 })
    assert.ok(jobs.length === 2 && next !== null)
    const last = await store.listByUserId('user-1', { limit: 2, after: next })
    assert.ok(last.jobs.length === 2 && last.next === null)
  })

  test('a page has 20 jobs unless told otherwise', async (store) => {
    await createMany(store, 45)
    const pages = await pagesOf(store, {})
    assert.deepStrictEqual(
      pages.map((page) => page.length),
      [20, 20, 5],
    )
  })

  test('jobs of the same time are not lost between pages', async (store) => {
    const createdAt = new Date(1_700_000_000_000)
    const ids = ['\uff5e', '😀', 'a', 'b', 'ab', 'é', '\u0000', 'x y', '1']
    for (const id of ids) await store.create(aJob({ id, createdAt }))
    const expected = (await store.findByUserId('user-1')).map((job) => job.id)
    for (const limit of [1, 2, 3]) assert.deepStrictEqual((await pagesOf(store, { limit })).flat(), expected)
  })

  test('a status filters', async (store) => {
    for (const [index, job] of jobsOf('user-1', 15).entries())
      await store.create({ ...job, status: index % 3 === 0 ? 'failed' : 'queued' })
    const expected = (await store.findByUserId('user-1', { status: 'failed' })).map((job) => job.id)
    assert.strictEqual(expected.length, 5)
    assert.deepStrictEqual((await pagesOf(store, { limit: 2, status: 'failed' })).flat(), expected)
  })

  test('a page goes on in its place though the job that it ended with is gone', async (store) => {
    const newest = await createMany(store, 6)
    const { jobs, next } = await store.listByUserId('user-1', { limit: 3 })
    for (const job of jobs) await store.delete(job.id)
    const rest = await store.listByUserId('user-1', { after: next as string })
    assert.deepStrictEqual(
      rest.jobs.map((job) => job.id),
      newest.slice(3),
    )
  })

  test('jobs that come before the place change nothing after it, those that come after it are seen', async (store) => {
    const newest = await createMany(store, 6)
    const { next } = await store.listByUserId('user-1', { limit: 3 })
    await store.create(aJob({ id: 'newer', createdAt: new Date() }))
    await store.create(aJob({ id: 'older', createdAt: new Date(5) }))
    const rest = await store.listByUserId('user-1', { after: next as string })
    assert.deepStrictEqual(
      rest.jobs.map((job) => job.id),
      [...newest.slice(3), 'older'],
    )
  })

  test('limit 0 gives an empty page', async (store) => {
    await createMany(store, 3)
    assert.deepStrictEqual((await store.listByUserId('user-1', { limit: 0 })).jobs, [])
  })

  test('an `after` that no page gave is refused', async (store) => {
    for (const after of ['', 'x', '5', '.', 'a.b', '1.1.1', 'job-1', '5.\u0000', '5.ä', '0x5.YQ', '-.YQ', null, 5, {}])
      await assertRejects(() => store.listByUserId('user-1', { after: after as string }), 'INVALID_CURSOR')
  })

  test('bad limits, statuses, users and options are refused', async (store) => {
    for (const limit of [-1, 1.5, Number.NaN, Infinity, '5', null])
      await assertTypeError(() => store.listByUserId('user-1', { limit: limit as number }), 'limit')
    await assertRejects(() => store.listByUserId('user-1', { status: 'done' }), 'INVALID_JOB', { field: 'status' })
    await assertTypeError(() => store.listByUserId(5 as unknown as string), 'userId')
    await assertTypeError(() => store.listByUserId('user-1', null as unknown as object), 'options')
  })
}

async function pagesOf(store: JobStore<AnyJob>, options: { limit?: number; status?: string }): Promise<string[][]> {
  const pages: string[][] = []
  let after: string | null = null
  do {
    const page = await store.listByUserId('user-1', after === null ? options : { ...options, after })
    pages.push(page.jobs.map((job) => job.id))
    after = page.next
  } while (after !== null)
  return pages
}
