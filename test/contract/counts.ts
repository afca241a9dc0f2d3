import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import { assertRejects, assertTypeError } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, textOf } from './jobs.ts'

const STATUSES = ['pending', 'queued', 'processing', 'completed', 'failed', 'cancelled']

export const counts: Suite = (test) => {
  test('are 0 where there is nothing', async (store) => {
    for (const userId of ['user-1', '', textOf(513), 'lone \ud800'])
      assert.strictEqual(await store.countByUserId(userId), 0)
    for (const status of STATUSES) assert.strictEqual(await store.countByStatus(status), 0)
  })

  test('are exact after each command of a life', async (store) => {
    const steps: [
      () => Promise<unknown>,
      pending: number,
      queued: number,
      failed: number,
      user1: number,
      user2: number,
    ][] = [
      [() => store.create(aJob({ id: 'a' })), 1, 0, 0, 1, 0],
      [() => store.create(aJob({ id: 'b' })), 2, 0, 0, 2, 0],
      [() => store.create(aJob({ id: 'c', userId: 'user-2', status: 'queued' })), 2, 1, 0, 2, 1],
      [() => store.updateStatus('a', 'queued'), 1, 2, 0, 2, 1],
      [() => store.updateProgress('a', { percent: 3 }), 1, 2, 0, 2, 1],
      [() => store.update('a', { userId: 'user-2' }), 1, 2, 0, 1, 2],
      [() => store.update('b', { status: 'failed', userId: 'user-2' }), 0, 2, 1, 0, 3],
      [() => store.update('b', { note: 1 }), 0, 2, 1, 0, 3],
      [() => store.delete('b'), 0, 2, 0, 0, 2],
      [() => store.delete('b'), 0, 2, 0, 0, 2],
      [() => store.create(aJob({ id: 'b' })), 1, 2, 0, 1, 2],
      [() => store.update('c', { expiresAt: new Date(1) }), 1, 1, 0, 1, 1],
      [() => store.create(aJob({ id: 'c', status: 'failed' })), 1, 1, 1, 2, 1],
    ]
    for (const [step, ...expected] of steps) {
      await step()
      assert.deepStrictEqual(await countsOf(store), expected, String(step))
    }
  })

  test('are the same as the lists while many commands are under way', async (store) => {
    const users = ['user-1', 'user-2']
    const work = Array.from({ length: 120 }, async (_, index) => {
      const id = `job-${index}`
      await store.create(aJob({ id, userId: users[index % 2] as string }))
      await store.updateStatus(id, STATUSES[index % 6] as string)
      if (index % 5 === 0) await store.delete(id)
      else await store.update(id, { userId: users[index % 3 === 0 ? 0 : 1] as string })
    })
    const done = Promise.all(work)
    await done
    for (const userId of users) {
      const list = await store.findByUserId(userId, { limit: 1000 })
      assert.strictEqual(await store.countByUserId(userId), list.length)
    }
    const byStatus = await Promise.all(STATUSES.map((status) => store.countByStatus(status)))
    assert.strictEqual(
      byStatus.reduce((sum, count) => sum + count, 0),
      96,
    )
  })

  test('of what is no user or no status are refused', async (store) => {
    for (const userId of [undefined, null, 5])
      await assertTypeError(() => store.countByUserId(userId as unknown as string), 'userId')
    for (const status of ['done', '', 'toString', undefined, null, 5])
      await assertRejects(() => store.countByStatus(status as unknown as string), 'INVALID_JOB', { field: 'status' })
  })
}

function countsOf(store: JobStore<AnyJob>): Promise<number[]> {
  return Promise.all([
    store.countByStatus('pending'),
    store.countByStatus('queued'),
    store.countByStatus('failed'),
    store.countByUserId('user-1'),
    store.countByUserId('user-2'),
  ])
}
