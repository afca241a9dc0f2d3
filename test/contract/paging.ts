import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import { compareBytes } from '../../src/core/order.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, jobsOf } from './jobs.ts'

export const paging: Suite = (test) => {
  test('many jobs of one user by offset: every page is the slice that it must be', async (store, { many }) => {
    const newest = await createAll(store, many)
    const limit = many / 20
    for (let offset = 0; offset < many + limit; offset += limit) {
      const page = await store.findByUserId('user-1', { limit, offset })
      assert.deepStrictEqual(
        page.map((job) => job.id),
        newest.slice(offset, offset + limit),
      )
    }
    assert.strictEqual(await store.countByUserId('user-1'), many)
    assert.strictEqual((await store.findByUserId('user-1', { limit: many * 2 })).length, many)
  })

  test('many jobs by offset while jobs come and go: each page is whole, in order, without a double', async (store, {
    many,
  }) => {
    await createAll(store, many)
    const limit = many / 50
    let round = 0
    for (let offset = 0; offset < many; offset += many / 10) {
      const churn = comeAndGo(store, many, round++)
      const page = await store.findByUserId('user-1', { limit, offset })
      await churn
      assert.strictEqual(page.length, limit)
      assert.ok(page.every((job) => job.userId === 'user-1'))
      assert.ok(page.every((job, index) => index === 0 || comesBefore(page[index - 1] as AnyJob, job)))
    }
  })

  test('many jobs by cursor while jobs come and go: what stays is seen once, and nothing twice', async (store, {
    many,
  }) => {
    const limit = many / 40
    const staying = new Set((await createAll(store, many)).filter((id) => !isChurned(id)))
    const seen: string[] = []
    let after: string | null = null
    let round = 0
    do {
      const page = await store.listByUserId('user-1', after === null ? { limit } : { limit, after })
      seen.push(...page.jobs.map((job) => job.id))
      after = page.next
      await comeAndGo(store, many, round++)
    } while (after !== null)
    assert.ok(round > 35, 'too few pages for anything to come or go between')
    assert.strictEqual(new Set(seen).size, seen.length)
    const seenOfStaying = seen.filter((id) => staying.has(id))
    assert.strictEqual(seenOfStaying.length, staying.size)
  })
}

/** @returns the ids, newest first; some of the jobs share their time */
async function createAll(store: JobStore<AnyJob>, count: number): Promise<string[]> {
  const jobs = jobsOf('user-1', count).map((job, index) =>
    Object.assign(job, { createdAt: new Date(1_700_000_000_000 + Math.floor(index / 3)) }),
  )
  await Promise.all(jobs.map((job) => store.create(job)))
  return jobs.sort((left, right) => (comesBefore(left, right) ? -1 : 1)).map((job) => job.id)
}

function comesBefore(left: AnyJob, right: AnyJob): boolean {
  const byTime = right.createdAt.getTime() - left.createdAt.getTime()
  return byTime === 0 ? compareBytes(right.id, left.id) < 0 : byTime < 0
}

/** Jobs that comeAndGo deletes, moves to another user, or lets expire. */
function isChurned(id: string): boolean {
  return Number(id.slice(4)) % 10 === 0
}

/** Takes jobs away and adds others, at the start, in the middle and at the end of the list. */
async function comeAndGo(store: JobStore<AnyJob>, many: number, round: number): Promise<void> {
  const idAt = (share: number): string => `job-${String(share * many + round * 20).padStart(5, '0')}`
  const times = [0, 1_700_000_000_000 + round * 83, 1_700_000_003_300 - round * 83, 1_800_000_000_000 + round]
  await Promise.all([
    store.delete(idAt(0)),
    store.update(idAt(0.5), { userId: 'user-2' }),
    store.update(idAt(0.9), { expiresAt: new Date(5) }),
    ...times.map((ms, index) => store.create(aJob({ id: `new-${round}-${index}`, createdAt: new Date(ms) }))),
  ])
}
