import * as assert from 'node:assert/strict'

import { assertRejects, assertTypeError, assertWritesNothing, newestOf, pictureOf } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aFullJob, aJob, textOf } from './jobs.ts'

export const updateProgress: Suite = (test) => {
  test('sets the progress as a whole, keeps the rest, and gives back the job', async (store) => {
    const job = aFullJob()
    await store.create(job)
    const progress = { percent: 12.5, stage: 'mux', at: new Date(3), parts: [1n, 2n] }
    const updated = await store.updateProgress('job-1', progress)
    assert.deepStrictEqual(updated, { ...job, progress })
    assert.deepStrictEqual(await store.findById('job-1'), updated)
  })

  test('is an event with the progress alone', async (store) => {
    await store.create(aJob())
    await store.updateProgress('job-1', { percent: 5 }, { meta: { actor: 'worker' } })
    const { type, version, data, removed, meta } = await newestOf(store, 'job-1')
    assert.deepStrictEqual(
      { type, version, data, removed, meta },
      { type: 'progressed', version: 2, data: { progress: { percent: 5 } }, removed: [], meta: { actor: 'worker' } },
    )
  })

  test('may be anything from 0 to 100, also less than it was', async (store) => {
    await store.create(aJob())
    for (const percent of [100, 0, 0.1, 99.99, 50, Number.MIN_VALUE])
      assert.deepStrictEqual((await store.updateProgress('job-1', { percent }))?.progress, { percent })
  })

  test('a percent of -0 is stored as 0', async (store) => {
    await store.create(aJob({ progress: { percent: -0 } }))
    assert.ok(Object.is((await store.findById('job-1'))?.progress.percent, 0))
    assert.ok(Object.is((await store.updateProgress('job-1', { percent: -0 }))?.progress.percent, 0))
  })

  test('a percent that is none is refused', async (store) => {
    await store.create(aJob())
    for (const percent of [-1, 100.001, Number.NaN, Infinity, '5', null, undefined, 5n, new Date(5)]) {
      const progress = { percent } as AnyJob['progress']
      const facts = { field: 'progress.percent' }
      await assertWritesNothing(store, () => store.updateProgress('job-1', progress), 'INVALID_JOB', facts)
      await assertWritesNothing(store, () => store.update('job-1', { progress }), 'INVALID_JOB', facts)
      await assertRejects(() => store.create(aJob({ id: 'job-2', progress })), 'INVALID_JOB', facts)
    }
  })

  test('a progress that is no object is refused', async (store) => {
    await store.create(aJob())
    for (const progress of [null, 5, 'half', [50], new Date(), new Map([['percent', 5]])]) {
      const given = progress as unknown as AnyJob['progress']
      await assertRejects(() => store.updateProgress('job-1', given), 'INVALID_JOB', { field: 'progress' })
    }
    const none = undefined as unknown as AnyJob['progress']
    await assertRejects(() => store.updateProgress('job-1', none), 'INVALID_JOB', { field: 'progress' })
  })

  test('a job that is missing gives null and no event', async (store) => {
    await store.create(aJob())
    await store.delete('job-1')
    const before = await pictureOf(store)
    for (const id of ['job-1', 'nobody', '', textOf(513)])
      assert.strictEqual(await store.updateProgress(id, { percent: 5 }), null)
    assert.deepStrictEqual(await pictureOf(store), before)
    await assertTypeError(() => store.updateProgress(5 as unknown as string, { percent: 5 }), 'id')
  })
}
