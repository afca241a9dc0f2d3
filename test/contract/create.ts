import * as assert from 'node:assert/strict'

import { REQUIRED_FIELDS } from '../../src/core/job.ts'
import { assertRejects, assertWritesNothing, collect, typesOf } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aFullJob, aJob, fieldsOf } from './jobs.ts'

export const create: Suite = (test) => {
  test('what comes back equals what was stored, with every field that a job can have', async (store) => {
    const job = aFullJob()
    assert.strictEqual(await store.create(job), undefined)
    assert.deepStrictEqual(await store.findById('job-1'), job)
  })

  test('a job needs nothing but the required fields', async (store) => {
    const job = aJob()
    await store.create(job)
    assert.deepStrictEqual(await store.findById('job-1'), job)
  })

  test('a job may have 5,000 fields', async (store) => {
    const job = aJob(fieldsOf(5000))
    await store.create(job)
    assert.deepStrictEqual(await store.findById('job-1'), job)
    const guarded = { ...job, id: 'guarded' }
    await store.create(guarded, { commandId: 'c-1' })
    assert.deepStrictEqual(await store.findById('guarded'), guarded)
  })

  test('a second create with the same id is refused and writes nothing', async (store) => {
    await store.create(aJob())
    const again = aJob({ userId: 'user-2', status: 'queued' })
    await assertWritesNothing(store, () => store.create(again), 'JOB_ALREADY_EXISTS', { jobId: 'job-1' })
    await assertWritesNothing(store, () => store.create(aJob()), 'JOB_ALREADY_EXISTS', { jobId: 'job-1' })
  })

  test('of two creates that are given at once, the first one stands', async (store) => {
    const first = store.create(aJob({ mark: 'first' }))
    const second = store.create(aJob({ mark: 'second' }))
    const settled = await Promise.allSettled([first, second])
    assert.deepStrictEqual(
      settled.map((one) => one.status),
      ['fulfilled', 'rejected'],
    )
    assert.strictEqual((await store.findById('job-1'))?.['mark'], 'first')
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['created'])
  })

  test('a refused create leaves its neighbours in the same batch alone', async (store) => {
    await store.create(aJob())
    const ids = ['a', 'job-1', 'b']
    const settled = await Promise.allSettled(ids.map((id) => store.create(aJob({ id }))))
    assert.deepStrictEqual(
      settled.map((one) => one.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.strictEqual(await store.countByUserId('user-1'), 3)
  })

  test('creates of one id in one batch stand or fall by what came before them there', async (store) => {
    const settled = await Promise.allSettled([
      store.create(aJob({ id: 'guarded', mark: 'first' }), { commandId: 'c-1' }),
      store.create(aJob({ id: 'guarded', mark: 'second' })),
      store.create(aJob({ id: 'plain' })),
      store.create(aJob({ id: 'ended' })),
      store.updateProgress('ended', { percent: 5 }),
      store.delete('ended'),
      store.create(aJob({ id: 'ended', mark: 'again' })),
      store.create(aJob({ id: 'ended' })),
    ])
    assert.deepStrictEqual(
      settled.map(({ status }) => status === 'fulfilled'),
      [true, false, true, true, true, true, true, false],
    )
    assert.deepStrictEqual(await typesOf(store, 'guarded'), ['created'])
    assert.strictEqual((await store.findById('guarded'))?.['mark'], 'first')
    assert.deepStrictEqual(await typesOf(store, 'ended'), ['created', 'progressed', 'deleted', 'created'])
    assert.strictEqual((await store.findRecord('ended'))?.version, 4)
    assert.strictEqual(await store.countByStatus('pending'), 3)
  })

  test('a field given as undefined is left out', async (store) => {
    await store.create({ ...aJob(), result: undefined, note: undefined })
    const found = await store.findById('job-1')
    assert.ok(found !== null && !('result' in found) && !('note' in found))
    const [created] = await collect(store.events())
    assert.ok(created !== undefined && !('result' in created.data) && !('note' in created.data))
    assert.deepStrictEqual(created.removed, [])
  })

  for (const field of REQUIRED_FIELDS) {
    test(`a job without ${field} is refused`, async (store) => {
      const { [field]: _, ...rest } = aJob()
      await assertRejects(() => store.create(rest as AnyJob), 'INVALID_JOB', { field })
      await assertRejects(() => store.create(aJob({ [field]: undefined })), 'INVALID_JOB', { field })
      await assertRejects(() => store.create(aJob({ [field]: null })), 'INVALID_JOB', { field })
      assert.deepStrictEqual(await collect(store.events()), [])
    })
  }

  test('a job is stored with the stamps that it brings, and no others', async (store) => {
    const completedAt = new Date(1_600_000_000_000)
    await store.create(aJob({ status: 'queued', completedAt }))
    const found = await store.findById('job-1')
    assert.ok(found !== null && !('queuedAt' in found))
    assert.deepStrictEqual(found.completedAt, completedAt)
  })

  test('a create counts at once, for its user and its status', async (store) => {
    await store.create(aJob({ id: 'a', status: 'queued' }))
    await store.create(aJob({ id: 'b', status: 'queued', userId: 'user-2' }))
    assert.deepStrictEqual(await Promise.all([store.countByUserId('user-1'), store.countByUserId('user-2')]), [1, 1])
    assert.deepStrictEqual(await Promise.all([store.countByStatus('queued'), store.countByStatus('pending')]), [2, 0])
  })

  test('its event holds the whole job', async (store) => {
    const job = aFullJob()
    await store.create(job, { meta: { actor: 'api' } })
    const [event, ...more] = await collect(store.history('job-1'))
    assert.ok(event !== undefined && more.length === 0)
    assert.deepStrictEqual(event.data, job)
    const { type, jobId, userId, version, previous, removed, meta } = event
    assert.deepStrictEqual(
      { type, jobId, userId, version, previous, removed, meta },
      {
        type: 'created',
        jobId: 'job-1',
        userId: 'user-1',
        version: 1,
        previous: null,
        removed: [],
        meta: { actor: 'api' },
      },
    )
  })

  test('an id can be created again after a delete, and its versions go on', async (store) => {
    await store.create(aJob({ mark: 'first', only: 'in the first' }))
    await store.delete('job-1')
    const again = aJob({ mark: 'second' })
    await store.create(again)
    assert.strictEqual((await store.findRecord('job-1'))?.version, 3)
    assert.deepStrictEqual(await store.findById('job-1'), again)
    const events = await collect(store.history('job-1'))
    assert.deepStrictEqual(
      events.map((event) => [event.type, event.version, event.previous]),
      [
        ['created', 1, null],
        ['deleted', 2, events[0]?.id],
        ['created', 3, events[1]?.id],
      ],
    )
    assert.strictEqual(await store.countByUserId('user-1'), 1)
  })

  test("an id that was deleted may come back as another user's", async (store) => {
    await store.create(aJob({ userId: 'user-1', status: 'failed' }))
    await store.delete('job-1')
    await store.create(aJob({ userId: 'user-2', status: 'queued' }))
    assert.deepStrictEqual(await store.findByUserId('user-1'), [])
    assert.strictEqual((await store.findByUserId('user-2')).length, 1)
    assert.deepStrictEqual(await Promise.all([store.countByStatus('failed'), store.countByStatus('queued')]), [0, 1])
  })
}
