import * as assert from 'node:assert/strict'

import { assertTypeError, collect, newestOf, pictureOf, typesOf } from './assertions.ts'
import type { Suite } from './harness.ts'
import { aJob, createMany, textOf } from './jobs.ts'

export const remove: Suite = (test) => {
  test('takes the job out of every list and count, and says that it was there', async (store) => {
    await store.create(aJob({ id: 'a', status: 'queued' }))
    await store.create(aJob({ id: 'b', status: 'queued' }))
    assert.strictEqual(await store.delete('a'), true)
    assert.strictEqual(await store.findById('a'), null)
    assert.deepStrictEqual(
      (await store.findByUserId('user-1')).map((job) => job.id),
      ['b'],
    )
    assert.deepStrictEqual(
      (await store.findByUserId('user-1', { status: 'queued' })).map((job) => job.id),
      ['b'],
    )
    assert.deepStrictEqual([await store.countByUserId('user-1'), await store.countByStatus('queued')], [1, 1])
  })

  test('a job that is not there gives false and no event', async (store) => {
    await store.create(aJob())
    await store.delete('job-1')
    const before = await pictureOf(store)
    for (const id of ['job-1', 'nobody', '', textOf(513), 'lone \ud800'])
      assert.strictEqual(await store.delete(id), false)
    assert.deepStrictEqual(await pictureOf(store), before)
  })

  test('of two deletes at once, one finds the job', async (store) => {
    await store.create(aJob())
    assert.deepStrictEqual(await Promise.all([store.delete('job-1'), store.delete('job-1')]), [true, false])
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['created', 'deleted'])
  })

  test('the history stays readable', async (store) => {
    await store.create(aJob())
    await store.updateStatus('job-1', 'queued')
    await store.delete('job-1', { meta: { actor: 'admin', reason: 'asked for' } })
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['created', 'statusChanged', 'deleted'])
    const { version, userId, data, removed, meta } = await newestOf(store, 'job-1')
    assert.deepStrictEqual(
      { version, userId, data, removed, meta },
      { version: 3, userId: 'user-1', data: {}, removed: [], meta: { actor: 'admin', reason: 'asked for' } },
    )
  })

  test('nothing finds the job afterwards', async (store) => {
    await store.create(aJob())
    await store.delete('job-1')
    assert.strictEqual(await store.update('job-1', { note: 1 }), null)
    assert.strictEqual(await store.updateStatus('job-1', 'queued'), null)
    assert.strictEqual(await store.updateProgress('job-1', { percent: 1 }), null)
    assert.strictEqual((await collect(store.events())).length, 2)
  })

  test('a user whose jobs are all deleted can start again', async (store) => {
    const ids = await createMany(store, 30)
    await Promise.all(ids.map((id) => store.delete(id)))
    assert.strictEqual(await store.countByUserId('user-1'), 0)
    assert.deepStrictEqual(await store.listByUserId('user-1'), { jobs: [], next: null })
    await store.create(aJob())
    assert.strictEqual(await store.countByUserId('user-1'), 1)
  })

  test('an id that is no text is a TypeError', async (store) => {
    for (const id of [undefined, null, 5, {}]) await assertTypeError(() => store.delete(id as string), 'id')
  })
}
