import * as assert from 'node:assert/strict'

import type { Suite } from './harness.ts'
import { aJob } from './jobs.ts'
import { Reading } from './reading.ts'

export const watch: Suite = (test) => {
  test('the job comes as it is, then after each event, until it is deleted', async (store) => {
    await store.create(aJob())
    await store.create(aJob({ id: 'other' }))
    const reading = new Reading(store.watch('job-1'))
    await reading.has(1)
    const seen = [await store.findById('job-1')]
    seen.push(await store.updateProgress('job-1', { percent: 5 }))
    await store.updateStatus('other', 'queued')
    seen.push(await store.updateStatus('job-1', 'queued'))
    await store.delete('job-1')
    const sights = await reading.ended()
    assert.deepStrictEqual(
      sights.map(({ job }) => job),
      [...seen, null],
    )
    assert.deepStrictEqual(
      sights.map(({ event }) => event?.type ?? null),
      [null, 'progressed', 'statusChanged', 'deleted'],
    )
  })
}
