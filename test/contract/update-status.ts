import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import {
  assertRejects,
  assertTypeError,
  assertWritesNothing,
  newestOf,
  pictureOf,
  storeNow,
  typesOf,
} from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, removing, textOf } from './jobs.ts'

const STAMPS = [
  ['queued', 'queuedAt'],
  ['processing', 'startedAt'],
  ['completed', 'completedAt'],
  ['failed', 'completedAt'],
  ['cancelled', 'completedAt'],
] as const

export const updateStatus: Suite = (test) => {
  for (const [status, stamp] of STAMPS) {
    for (const [verb, change] of VERBS) {
      test(`${verb}: ${status} stamps ${stamp} with the time of its event`, async (store) => {
        const job = aJob()
        await store.create(job)
        const updated = await change(store, status)
        const event = await newestOf(store, 'job-1')
        assert.deepStrictEqual(updated, { ...job, status, [stamp]: event.at })
        assert.deepStrictEqual(await store.findById('job-1'), updated)
        assert.deepStrictEqual([event.type, event.data], ['statusChanged', { status, [stamp]: event.at }])
      })
    }
  }

  test('pending stamps nothing', async (store) => {
    await store.create(aJob({ status: 'queued' }))
    await store.updateStatus('job-1', 'pending')
    assert.deepStrictEqual((await newestOf(store, 'job-1')).data, { status: 'pending' })
    const found = await store.findById('job-1')
    assert.ok(found !== null && !('queuedAt' in found) && !('startedAt' in found) && !('completedAt' in found))
  })

  test('each time is stamped once, however often the status comes back', async (store) => {
    await store.create(aJob())
    const first = await store.updateStatus('job-1', 'queued')
    const started = await store.updateStatus('job-1', 'processing')
    await store.updateStatus('job-1', 'queued')
    const failed = await store.updateStatus('job-1', 'failed')
    await later(store, failed?.completedAt)
    const again = await store.update('job-1', { status: 'queued' })
    assert.deepStrictEqual(again?.queuedAt, first?.queuedAt)
    const last = await store.updateStatus('job-1', 'completed')
    assert.deepStrictEqual(last?.completedAt, failed?.completedAt)
    assert.deepStrictEqual(last?.startedAt, started?.startedAt)
    assert.deepStrictEqual((await newestOf(store, 'job-1')).data, { status: 'completed' })
  })

  test('a time that the job brought with it is not stamped over', async (store) => {
    const queuedAt = new Date(5)
    await store.create(aJob({ queuedAt }))
    assert.deepStrictEqual((await store.updateStatus('job-1', 'queued'))?.queuedAt, queuedAt)
  })

  test('a time that is given with the status is taken instead of the stamp', async (store) => {
    await store.create(aJob())
    const given = await store.update('job-1', { status: 'processing', startedAt: new Date(7) })
    assert.deepStrictEqual(given?.startedAt, new Date(7))
    const other = await store.update('job-1', { status: 'queued', startedAt: new Date(8) })
    assert.deepStrictEqual([other?.startedAt, other?.queuedAt], [new Date(8), (await newestOf(store, 'job-1')).at])
  })

  test('a time that is removed with the status is removed, and stamped the next time', async (store) => {
    await store.create(aJob())
    await store.updateStatus('job-1', 'queued')
    const removed = await store.update('job-1', { status: 'queued', ...removing('queuedAt') })
    assert.ok(removed !== null && !('queuedAt' in removed))
    const again = await store.updateStatus('job-1', 'queued')
    assert.deepStrictEqual(again?.queuedAt, (await newestOf(store, 'job-1')).at)
  })

  test('a time that was removed is stamped again', async (store) => {
    await store.create(aJob())
    const first = await store.updateStatus('job-1', 'queued')
    await store.update('job-1', removing('queuedAt'))
    await later(store, first?.queuedAt)
    const again = await store.updateStatus('job-1', 'queued')
    assert.deepStrictEqual(again?.queuedAt, (await newestOf(store, 'job-1')).at)
  })

  for (const [verb, change] of VERBS) {
    test(`${verb}: the counts and the filtered lists move`, async (store) => {
      for (const id of ['job-1', 'job-2']) await store.create(aJob({ id }))
      await change(store, 'queued')
      assert.deepStrictEqual(await countsOf(store, ['pending', 'queued', 'failed']), [1, 1, 0])
      await change(store, 'failed')
      assert.deepStrictEqual(await countsOf(store, ['pending', 'queued', 'failed']), [1, 0, 1])
      await change(store, 'failed')
      assert.deepStrictEqual(await countsOf(store, ['pending', 'queued', 'failed']), [1, 0, 1])
      assert.strictEqual((await store.findByUserId('user-1', { status: 'failed' }))[0]?.id, 'job-1')
      assert.deepStrictEqual(await store.findByUserId('user-1', { status: 'queued' }), [])
    })
  }

  test('the status that the job has already is an event all the same', async (store) => {
    await store.create(aJob())
    await store.updateStatus('job-1', 'pending')
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['created', 'statusChanged'])
  })

  test('a job that is missing gives null and no event', async (store) => {
    await store.create(aJob())
    await store.delete('job-1')
    const before = await pictureOf(store)
    for (const id of ['job-1', 'nobody', '', textOf(513)])
      assert.strictEqual(await store.updateStatus(id, 'queued'), null)
    assert.deepStrictEqual(await pictureOf(store), before)
  })

  test('a status that the store does not have is refused', async (store) => {
    await store.create(aJob())
    for (const status of ['done', '', 'QUEUED', ' queued', 'constructor', '__proto__', undefined, null, 5]) {
      const call = (): Promise<unknown> => store.updateStatus('job-1', status as string)
      await assertWritesNothing(store, call, 'INVALID_JOB', { field: 'status' })
    }
    await assertRejects(() => store.updateStatus('nobody', 'done'), 'INVALID_JOB', { field: 'status' })
    await assertTypeError(() => store.updateStatus(null as unknown as string, 'queued'), 'id')
  })
}

const VERBS: [verb: string, change: (store: JobStore<AnyJob>, status: string) => Promise<AnyJob | null>][] = [
  ['updateStatus', (store, status) => store.updateStatus('job-1', status)],
  ['update', (store, status) => store.update('job-1', { status })],
]

/** Waits until the store's clock shows another millisecond than this. */
async function later(store: JobStore<AnyJob>, time: Date | undefined): Promise<void> {
  assert.ok(time !== undefined)
  while ((await storeNow(store)) <= time.getTime());
}

function countsOf(store: JobStore<AnyJob>, statuses: string[]): Promise<number[]> {
  return Promise.all(statuses.map((status) => store.countByStatus(status)))
}
