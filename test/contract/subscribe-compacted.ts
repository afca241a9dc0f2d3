import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import { CursorGapError } from '../../src/core/errors.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { collect } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { createMany, HOUR_MS } from './jobs.ts'
import { Reading } from './reading.ts'

const later = (): Date => new Date(Date.now() + HOUR_MS)

export const subscribeCompacted: Suite = (test) => {
  test('a cursor that was compacted away is a gap, with the oldest that can be gone on from', async (store) => {
    await createMany(store, 20)
    const [first] = await collect(store.events())
    await store.compact({ before: later() })
    const reading = new Reading(store.subscribe({ after: first?.cursor ?? '' }))
    const error = await reading.ended().catch((reason: unknown) => reason)
    assert.ok(error instanceof CursorGapError, String(error))
    const again = new Reading(store.subscribe({ after: error.oldest }))
    await store.updateStatus('job-00000', 'queued')
    assert.deepStrictEqual(
      (await again.has(1)).map(({ type }) => type),
      ['statusChanged'],
    )
    await again.leave()
  })

  test('a compaction passes readers unnoticed: no snapshot, and no link to one', async (store) => {
    const live = new Reading(store.subscribe())
    await createMany(store, 10)
    await live.has(10)
    await store.compact({ before: later() })
    const late = new Reading(store.subscribe())
    for (let round = 1; round <= 3; round++) {
      await progressAll(store, 10)
      await late.has(round * 10)
      await live.has(round * 10 + 10)
      await store.compact({ before: later() })
    }
    await progressAll(store, 10)
    await late.has(40)
    const come = await live.has(50)
    assertChained(come, null)
    assertChained(late.all, come)
    await live.leave()
    await late.leave()
  })

  test('nor does one that catches up meet any', async (store) => {
    const reading = new Reading(store.subscribe())
    await createMany(store, 10)
    await reading.has(10)
    await store.compact({ before: later() })
    const middle = new Reading(store.subscribe())
    await store.updateProgress('job-00000', { percent: 1 })
    const [event] = await middle.has(1)
    await progressAll(store, 10)
    const come = await reading.has(21)
    const again = new Reading(store.subscribe({ after: event?.cursor ?? '' }))
    assertChained(await again.has(10), come)
    const fromStart = new Reading(store.subscribe({ after: 'start' }))
    assertChained(await fromStart.has(11), come)
    for (const one of [reading, middle, again, fromStart]) await one.leave()
  })
}

function progressAll(store: JobStore<AnyJob>, count: number): Promise<unknown> {
  const ids = Array.from({ length: count }, (_, index) => `job-${String(index).padStart(5, '0')}`)
  return Promise.all(ids.map((id) => store.updateProgress(id, { percent: 2 })))
}

/** Each event names the event of its job before it, which is none but what a reader has seen. */
function assertChained(events: readonly JobEvent<AnyJob>[], known: readonly JobEvent<AnyJob>[] | null): void {
  const all = known ?? events
  for (const { type, jobId, version, previous } of events) {
    assert.notStrictEqual(type, 'snapshotted')
    const before = all.find((one) => one.jobId === jobId && one.version === version - 1)
    assert.strictEqual(previous, before?.id ?? null, `${jobId} at ${version}`)
  }
}
