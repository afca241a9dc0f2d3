import * as assert from 'node:assert/strict'

import { assertTypeError, newestOf } from './assertions.ts'
import type { Suite } from './harness.ts'
import { aFullJob, aJob, jobsOf, textOf } from './jobs.ts'

/** Texts that no job can have as its id. */
const IMPOSSIBLE = ['', textOf(513), textOf(514, 'é'), 'lone \ud800 surrogate', '\udc00']

export const findById: Suite = (test) => {
  test('an id that was never used gives null', async (store) => {
    assert.strictEqual(await store.findById('nobody'), null)
    assert.strictEqual(await store.findRecord('nobody'), null)
    await store.create(aJob())
    assert.strictEqual(await store.findById('job-'), null)
    assert.strictEqual(await store.findById('job-11'), null)
  })

  test('a deleted job gives null', async (store) => {
    await store.create(aJob())
    await store.delete('job-1')
    assert.strictEqual(await store.findById('job-1'), null)
    assert.strictEqual(await store.findRecord('job-1'), null)
  })

  test('a text that can be no id gives null', async (store) => {
    await store.create(aJob())
    for (const id of IMPOSSIBLE) {
      assert.strictEqual(await store.findById(id), null)
      assert.strictEqual(await store.findRecord(id), null)
    }
  })

  test('what is no text is a TypeError', async (store) => {
    for (const id of [undefined, null, 5, {}, ['job-1']]) {
      await assertTypeError(() => store.findById(id as string), 'id')
      await assertTypeError(() => store.findRecord(id as string), 'id')
    }
  })

  test('a read that follows an awaited write sees it', async (store) => {
    await store.create(aJob())
    for (let count = 1; count <= 20; count++) {
      await store.update('job-1', { count })
      assert.strictEqual((await store.findById('job-1'))?.['count'], count)
    }
  })

  test('findRecord gives the job with its version and its newest event', async (store) => {
    await store.create(aJob())
    for (let version = 1; version <= 4; version++) {
      const record = await store.findRecord('job-1')
      const newest = await newestOf(store, 'job-1')
      assert.deepStrictEqual(record, { job: await store.findById('job-1'), version, lastEventId: newest.id })
      await store.updateProgress('job-1', { percent: version })
    }
  })

  test('many reads at once each get their own job', async (store) => {
    const jobs = jobsOf('user-1', 300)
    await Promise.all(jobs.map((job) => store.create(job)))
    const ids = jobs.flatMap((job) => [job.id, `no-${job.id}`])
    const found = await Promise.all(ids.map((id) => store.findById(id)))
    assert.deepStrictEqual(
      found,
      jobs.flatMap((job) => [job, null]),
    )
  })

  test("what is returned is the caller's: changing it changes nothing in the store", async (store) => {
    const job = aFullJob({ bytes: Buffer.from([1, 2, 3]) })
    await store.create(structuredCloneOf(job))
    const find = [
      () => store.findById('job-1'),
      async () => (await store.findRecord('job-1'))?.job,
      async () => (await store.findByUserId('user-1'))[0],
      async () => (await store.listByUserId('user-1')).jobs[0],
      () => store.findByIdAsOf('job-1', { version: 1 }),
      () => store.findByIdAsOf('job-1', new Date(Date.now() + 60_000)),
    ]
    for (const read of find) {
      const found = await read()
      assert.deepStrictEqual(found, job)
      spoil(found)
      assert.deepStrictEqual(await store.findById('job-1'), job)
    }
  })

  test("what update returns is the caller's too", async (store) => {
    await store.create(aFullJob())
    const update = [
      () => store.update('job-1', { list: [{ deep: [1] }], bytes: Buffer.from([1]) }),
      () => store.updateStatus('job-1', 'queued'),
      () => store.updateProgress('job-1', { percent: 5, parts: [1] }),
    ]
    for (const change of update) {
      const updated = await change()
      const expected = structuredCloneOf(updated)
      spoil(updated)
      assert.deepStrictEqual(await store.findById('job-1'), expected)
    }
  })

  test('changing what was given, once the call has returned its promise, changes nothing', async (store) => {
    const job = aFullJob({ bytes: Buffer.from([1, 2, 3]) })
    const expected = structuredCloneOf(job)
    const created = store.create(job)
    spoil(job)
    await created
    assert.deepStrictEqual(await store.findById('job-1'), expected)

    const updates = { list: [{ deep: [1] }], at: new Date(5), bytes: Buffer.from([1]) }
    const meta = { tags: ['a'] }
    const updated = store.update('job-1', updates, { meta })
    spoil(updates)
    spoil(meta)
    Object.assign(expected as object, { list: [{ deep: [1] }], at: new Date(5), bytes: Buffer.from([1]) })
    assert.deepStrictEqual(await updated, expected)
    assert.deepStrictEqual(await store.findById('job-1'), expected)
    assert.deepStrictEqual((await newestOf(store, 'job-1')).meta, { tags: ['a'] })
  })
}

/** Changes everything inside a value that can be changed. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Date) value.setTime(0)
  else if (Buffer.isBuffer(value)) value.fill(0xff)
  else {
    for (const item of Object.values(value)) spoil(item)
    if (Array.isArray(value)) value.push('spoilt')
    else Object.assign(value, { status: 'spoilt', spoilt: true, userId: 'spoilt' })
  }
}

/** structuredClone, but a Buffer stays one. */
function structuredCloneOf<T>(value: T): T
function structuredCloneOf(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  if (value instanceof Date) return new Date(value)
  if (Array.isArray(value)) return value.map((item) => structuredCloneOf<unknown>(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, structuredCloneOf<unknown>(item)]))
}
