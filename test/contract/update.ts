import * as assert from 'node:assert/strict'

import { assertWritesNothing, assertTypeError, collect, newestOf, pictureOf, typesOf } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aFullJob, aJob, fieldsOf, HOUR_MS, removing, textOf } from './jobs.ts'

export const update: Suite = (test) => {
  test('sets the fields that are given, keeps the others, and gives back the job', async (store) => {
    const job = aFullJob()
    await store.create(job)
    const updates = { result: ['a', { b: new Date(7) }], retryCount: 1, note: 'new' }
    const updated = await store.update('job-1', updates)
    assert.deepStrictEqual(updated, { ...job, ...updates })
    assert.deepStrictEqual(await store.findById('job-1'), updated)
  })

  test('sets a field as a whole: what is inside is not merged', async (store) => {
    await store.create(aJob({ options: { codec: 'h264', width: 640 } }))
    const updated = await store.update('job-1', { options: { width: 1280 } })
    assert.deepStrictEqual(updated?.['options'], { width: 1280 })
    assert.deepStrictEqual((await store.findById('job-1'))?.['options'], { width: 1280 })
  })

  test('a field given as undefined is removed', async (store) => {
    await store.create(aFullJob())
    const updated = await store.update('job-1', { ...removing('error', 'completedAt', 'videoId'), note: 1 })
    const { error: _, completedAt: __, videoId: ___, ...rest } = aFullJob()
    const found = await store.findById('job-1')
    assert.deepStrictEqual(found, { ...rest, note: 1, createdAt: found?.createdAt, expiresAt: found?.expiresAt })
    assert.deepStrictEqual(updated, found)
    const { data, removed } = await newestOf(store, 'job-1')
    assert.deepStrictEqual([data, removed.sort()], [{ note: 1 }, ['completedAt', 'error', 'videoId']])
  })

  test('a field that was removed can be set again, and one that was never there can be removed', async (store) => {
    await store.create(aJob())
    await store.update('job-1', { note: 'a' })
    await store.update('job-1', { note: undefined, never: undefined })
    const updated = await store.update('job-1', { note: 'b' })
    assert.strictEqual(updated?.['note'], 'b')
    assert.strictEqual((await store.findRecord('job-1'))?.version, 4)
  })

  test('5,000 fields can be set at once, and removed', async (store) => {
    const job = aJob()
    await store.create(job)
    const fields = fieldsOf(5000)
    const updated = await store.update('job-1', fields)
    assert.deepStrictEqual(updated, { ...job, ...fields })
    assert.deepStrictEqual(await store.findById('job-1'), updated)
    const { 'field 7': _, ...others } = fields
    assert.deepStrictEqual(await store.update('job-1', removing(...Object.keys(others))), { ...job, 'field 7': 7 })
    assert.deepStrictEqual(await store.findById('job-1'), { ...job, 'field 7': 7 })
  })

  test('a job that is missing, or was deleted, gives null and no event', async (store) => {
    await store.create(aJob())
    await store.delete('job-1')
    const before = await pictureOf(store)
    for (const id of ['job-1', 'nobody', '', textOf(513), 'lone \ud800']) {
      assert.strictEqual(await store.update(id, { note: 1 }), null)
      assert.strictEqual(await store.update(id, {}), null)
    }
    assert.deepStrictEqual(await pictureOf(store), before)
  })

  test('an update that changes nothing is an event all the same', async (store) => {
    const job = aJob()
    await store.create(job)
    assert.deepStrictEqual(await store.update('job-1', {}), job)
    assert.deepStrictEqual(await store.update('job-1', { retryCount: 0 }), job)
    assert.deepStrictEqual(await store.update('job-1', { id: 'job-1' }), job)
    const events = await collect(store.history('job-1'))
    assert.deepStrictEqual(
      events.slice(1).map((event) => [event.type, event.version, event.data]),
      [
        ['updated', 2, {}],
        ['updated', 3, { retryCount: 0 }],
        ['updated', 4, {}],
      ],
    )
  })

  test('the id can not change', async (store) => {
    await store.create(aJob())
    for (const id of ['job-2', '', undefined, null, 5])
      await assertWritesNothing(store, () => store.update('job-1', { id } as Partial<AnyJob>), 'INVALID_JOB', {
        field: 'id',
      })
  })

  for (const field of ['userId', 'status', 'progress', 'retryCount', 'maxRetries', 'createdAt', 'expiresAt']) {
    test(`${field} can not be removed`, async (store) => {
      await store.create(aJob())
      await assertWritesNothing(store, () => store.update('job-1', removing(field)), 'INVALID_JOB', { field })
    })
  }

  test('a new userId moves the job to that user at once', async (store) => {
    await store.create(aJob({ status: 'queued' }))
    const updated = await store.update('job-1', { userId: 'user-2' })
    assert.strictEqual(updated?.userId, 'user-2')
    assert.deepStrictEqual(await store.findByUserId('user-1'), [])
    assert.deepStrictEqual(await store.findByUserId('user-1', { status: 'queued' }), [])
    assert.deepStrictEqual(await store.findByUserId('user-2', { status: 'queued' }), [updated])
    assert.deepStrictEqual([await store.countByUserId('user-1'), await store.countByUserId('user-2')], [0, 1])
    assert.strictEqual(await store.countByStatus('queued'), 1)
    assert.strictEqual((await newestOf(store, 'job-1')).userId, 'user-2')
  })

  test('a new userId and a new status in one update move the job once', async (store) => {
    await store.create(aJob({ status: 'queued' }))
    const updated = await store.update('job-1', { userId: 'user-2', status: 'failed', createdAt: new Date(5) })
    assert.deepStrictEqual(await store.findByUserId('user-2', { status: 'failed' }), [updated])
    assert.deepStrictEqual(await store.findByUserId('user-2', { status: 'queued' }), [])
    assert.deepStrictEqual([await store.countByStatus('queued'), await store.countByStatus('failed')], [0, 1])
  })

  test('a new createdAt gives the job another place in the list at once', async (store) => {
    for (const [index, id] of ['a', 'b', 'c'].entries())
      await store.create(aJob({ id, createdAt: new Date(1000 + index) }))
    await store.update('a', { createdAt: new Date(9000) })
    await store.update('c', { createdAt: new Date(1) })
    const expected = ['a', 'b', 'c']
    assert.deepStrictEqual(
      (await store.findByUserId('user-1')).map((job) => job.id),
      expected,
    )
    assert.deepStrictEqual(
      (await store.findByUserId('user-1', { status: 'pending' })).map((job) => job.id),
      expected,
    )
  })

  test('a new expiresAt counts at once: a time that has passed takes the job away', async (store) => {
    await store.create(aJob({ id: 'a' }))
    await store.create(aJob({ id: 'b' }))
    const updated = await store.update('a', { expiresAt: new Date(5) })
    assert.deepStrictEqual(updated?.expiresAt, new Date(5))
    await store.update('b', { expiresAt: new Date(Date.now() + 2 * HOUR_MS) })
    assert.strictEqual(await store.findById('a'), null)
    assert.strictEqual(await store.update('a', { note: 1 }), null)
    assert.deepStrictEqual([await store.countByUserId('user-1'), await store.countByStatus('pending')], [1, 1])
    assert.deepStrictEqual(await typesOf(store, 'a'), ['created', 'updated', 'expired'])
    assert.ok((await store.findById('b')) !== null)
  })

  test('the type of the event follows from what is set', async (store) => {
    await store.create(aJob())
    const changes: [Partial<AnyJob>, string][] = [
      [{ note: 1 }, 'updated'],
      [{ note: undefined }, 'updated'],
      [{ progress: { percent: 1 } }, 'progressed'],
      [{ id: 'job-1', progress: { percent: 1 } }, 'progressed'],
      [{ progress: { percent: 2 }, note: 1 }, 'updated'],
      [{ progress: { percent: 2 }, note: undefined }, 'updated'],
      [{ status: 'queued' }, 'statusChanged'],
      [{ status: 'queued' }, 'statusChanged'],
      [{ status: 'queued', progress: { percent: 3 }, note: undefined }, 'statusChanged'],
    ]
    for (const [updates] of changes) await store.update('job-1', updates)
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['created', ...changes.map(([, type]) => type)])
  })

  test('an id that is no text, and updates that are no object, are refused', async (store) => {
    await store.create(aJob())
    await assertTypeError(() => store.update(5 as unknown as string, {}), 'id')
    for (const updates of [null, undefined, 5, 'status', [], new Date(), new Map()])
      await assertWritesNothing(store, () => store.update('job-1', updates as object), 'INVALID_JOB', {
        field: 'updates',
      })
  })
}
