import * as assert from 'node:assert/strict'

import { collect } from './assertions.ts'
import type { Suite } from './harness.ts'
import { aJob, HOUR_MS } from './jobs.ts'

const NONE = { pending: 0, queued: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 }

export const stats: Suite = (test) => {
  test('of an empty store name every status, at 0', async (store) => {
    const { backend, ...rest } = await store.stats()
    assert.ok(['memory', 'sqlite', 'redis'].includes(backend))
    assert.deepStrictEqual(rest, { jobs: 0, events: 0, byStatus: NONE, oldestEventAt: null, newestEventAt: null })
  })

  test('count live jobs, each status, and every event', async (store) => {
    for (const id of ['a', 'b', 'c']) await store.create(aJob({ id }))
    await store.updateStatus('a', 'queued')
    await store.updateProgress('a', { percent: 1 })
    await store.delete('b')
    const found = await store.stats()
    const { jobs, events, byStatus } = found
    assert.deepStrictEqual(
      { jobs, events, byStatus },
      { jobs: 2, events: 6, byStatus: { ...NONE, pending: 1, queued: 1 } },
    )
  })

  test('leave out jobs whose time has come', async (store) => {
    await store.create(aJob({ id: 'a' }))
    await store.create(aJob({ id: 'b', expiresAt: new Date(5) }))
    const { jobs, events, byStatus } = await store.stats()
    assert.deepStrictEqual({ jobs, events, byStatus }, { jobs: 1, events: 3, byStatus: { ...NONE, pending: 1 } })
  })

  test('say when the first and the last event were', async (store) => {
    for (let index = 0; index < 10; index++) await store.create(aJob({ id: `${index}` }))
    await store.delete('3')
    const times = (await collect(store.events())).map((event) => event.at.getTime())
    const { oldestEventAt, newestEventAt } = await store.stats()
    assert.deepStrictEqual(oldestEventAt, new Date(Math.min(...times)))
    assert.deepStrictEqual(newestEventAt, new Date(Math.max(...times)))
  })

  test("are the caller's to change", async (store) => {
    await store.create(aJob())
    const spoilt = await store.stats()
    spoilt.byStatus['pending'] = 99
    spoilt.oldestEventAt?.setTime(0)
    const { byStatus, oldestEventAt } = await store.stats()
    assert.strictEqual(byStatus['pending'], 1)
    assert.ok(oldestEventAt !== null && oldestEventAt.getTime() > 0)
  })

  test('of a log of which nothing is left have no oldest and no newest event', async (store) => {
    await store.create(aJob({ expiresAt: new Date(5) }))
    await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    const { events, oldestEventAt, newestEventAt } = await store.stats()
    assert.deepStrictEqual([events, oldestEventAt, newestEventAt], [0, null, null])
  })
}
