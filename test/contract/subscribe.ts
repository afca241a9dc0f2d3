import * as assert from 'node:assert/strict'

import type { JobEvent } from '../../src/core/event.ts'
import { collect } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, createMany } from './jobs.ts'
import { Reading } from './reading.ts'

type Event = JobEvent<AnyJob>

export const subscribe: Suite = (test) => {
  test('every event comes as it happens, as events() gives it', async (store) => {
    const reading = new Reading(store.subscribe())
    await store.create(aJob({ note: { deep: [1, new Date(5)] } }), { meta: { actor: 'ann' } })
    await store.updateProgress('job-1', { percent: 5 })
    await store.updateStatus('job-1', 'queued')
    await store.update('job-1', { note: undefined as never })
    await store.delete('job-1')
    const come = await reading.has(5)
    assert.deepStrictEqual(come, await collect(store.events()))
    await reading.leave()
    assert.strictEqual(reading.outcome, 'done')
  })

  test('by default only what comes after the call, also if it is read later', async (store) => {
    await createMany(store, 3)
    const events = store.subscribe()
    await store.create(aJob({ id: 'later' }))
    const reading = new Reading(events)
    assert.deepStrictEqual(idsOf(await reading.has(1)), ['later'])
    await reading.leave()
  })

  test('the first call of a store may be subscribe', async (store) => {
    const events = store.subscribe()
    const created = store.create(aJob())
    const reading = new Reading(events)
    await created
    assert.deepStrictEqual(idsOf(await reading.has(1)), ['job-1'])
    await reading.leave()
  })

  test("after 'start' the whole log comes first, then what happens", async (store) => {
    const ids = await createMany(store, 300)
    const reading = new Reading(store.subscribe({ after: 'start' }))
    await reading.has(300)
    await store.updateStatus('job-00007', 'queued')
    const come = await reading.has(301)
    assert.deepStrictEqual(sorted(idsOf(come.slice(0, 300))), sorted(ids))
    assert.deepStrictEqual([come[300]?.jobId, come[300]?.type], ['job-00007', 'statusChanged'])
    assert.deepStrictEqual(come, await collect(store.events()))
    await reading.leave()
  })
}

function idsOf(events: readonly Event[]): string[] {
  return events.map((event) => event.jobId)
}

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted()
}
