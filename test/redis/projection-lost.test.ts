import assert from 'node:assert/strict'

import { suite } from 'uvu'

import type { JobStore } from '../../src/contract.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { collect, pictureOf } from '../contract/assertions.ts'
import { assertStateIsFold } from '../contract/fold.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { deleteAllButLogs, fill, openWorkshop, type Workshop } from './support.ts'

const test = suite('P12: a store of which nothing but the log is left')

/** The epoch is gone with the state, so cursors of before are another store's. */
async function pictureWithoutCursors(store: JobStore<AnyJob>): Promise<object> {
  const picture = (await pictureOf(store)) as { events: JobEvent<AnyJob>[] }
  return { ...picture, events: picture.events.map((event) => ({ ...event, cursor: '' })) }
}

/** A store whose state was deleted, and what it showed before. */
async function lose(workshop: Workshop): Promise<object> {
  await fill(workshop.store)
  const before = await pictureWithoutCursors(workshop.store)
  await deleteAllButLogs(workshop.redis, workshop.prefix)
  return before
}

for (const partitions of [1, 3]) {
  test(`refuses to open and to write, and comes back by rebuild(): ${partitions} partitions`, async () => {
    await using workshop = await openWorkshop({ partitions })
    const before = await lose(workshop)
    await assert.rejects(workshop.store.create(aJob({ id: 'job-1' })), { code: 'PROJECTION_LOST' })
    const store = workshop.open()
    await assert.rejects(store.ready(), { code: 'PROJECTION_LOST' })
    await assert.rejects(store.findById('job-1'), { code: 'PROJECTION_LOST' })
    const { events, jobs, repaired } = await store.rebuild()
    assert.deepEqual([events, jobs], [24, 9])
    assert.ok(repaired >= 10, String(repaired))
    assert.deepEqual((await store.verify()).drift, [])
    assert.deepEqual(await pictureWithoutCursors(store), before)
    await store.updateProgress('job-1', { percent: 6 }, { expectedVersion: 2 })
    await assertStateIsFold(store)
    assert.equal((await workshop.store.findRecord('job-1'))?.version, 3)
  })
}

test("is made again at start with onProjectionLost: 'rebuild', by one store while the others wait", async () => {
  await using workshop = await openWorkshop({ partitions: 2 })
  const before = await lose(workshop)
  const stores = Array.from({ length: 4 }, () => workshop.open({ onProjectionLost: 'rebuild' }))
  const counts = await Promise.all(stores.map((store) => store.countByStatus('pending')))
  assert.deepEqual(counts, [8, 8, 8, 8])
  for (const store of stores) assert.deepEqual((await store.verify()).drift, [])
  assert.deepEqual(await pictureWithoutCursors(stores[0] as (typeof stores)[0]), before)
})

test('keeps its cursors if one partition still has its epoch', async () => {
  await using workshop = await openWorkshop({ partitions: 2 })
  await fill(workshop.store)
  const events = await collect(workshop.store.events())
  const cursor = events[4]?.cursor ?? ''
  const { redis, prefix } = workshop
  await redis.del(`{${prefix}:1}:meta`, `{${prefix}:1}:counts`, `{${prefix}:1}:expiry`)
  const store = workshop.open({ onProjectionLost: 'rebuild' })
  assert.deepEqual(
    (await collect(store.events({ after: cursor }))).map(({ id }) => id).sort(),
    events
      .slice(5)
      .map(({ id }) => id)
      .sort(),
  )
})

test.run()
