import * as assert from 'node:assert/strict'

import { assertRejects, assertTypeError } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aFullJob, aJob, createMany, jobsOf, textOf } from './jobs.ts'

const NOT_COUNTS = [-1, 0.5, Number.NaN, Infinity, -Infinity, '5', null, 2 ** 53]

export const findByUserId: Suite = (test) => {
  test('a user without jobs has an empty list', async (store) => {
    await store.create(aJob())
    assert.deepStrictEqual(await store.findByUserId('user-2'), [])
    for (const userId of ['', textOf(513), 'lone \ud800']) assert.deepStrictEqual(await store.findByUserId(userId), [])
  })

  test('the newest createdAt comes first, in whatever order the jobs came', async (store) => {
    const times = [5, 1, -3, 9, 0, 7]
    for (const time of times) await store.create(aJob({ id: `at ${time}`, createdAt: new Date(time) }))
    assert.deepStrictEqual(await idsOf(store.findByUserId('user-1')), ['at 9', 'at 7', 'at 5', 'at 1', 'at 0', 'at -3'])
  })

  test('dates from the first to the last that there are stand in order', async (store) => {
    const times = [0, 8.64e15, -8.64e15, 1_700_000_000_001, 1_700_000_000_000, -1]
    for (const time of times) await store.create(aJob({ id: `${time}`, createdAt: new Date(time) }))
    const sorted = times.sort((left, right) => right - left).map(String)
    assert.deepStrictEqual(await idsOf(store.findByUserId('user-1')), sorted)
  })

  test('equal times are ordered by the UTF-8 bytes of the id, descending', async (store) => {
    const createdAt = new Date(1_700_000_000_000)
    // U+FF5E is above U+1F600's first surrogate in UTF-16, and below it in UTF-8.
    const ids = ['b', 'a', '\uff5e', '😀', 'ab', 'é', 'B', '10', '9', '\u0000', 'a\u0000']
    for (const id of ids) await store.create(aJob({ id, createdAt }))
    const sorted = ids.sort((left, right) => Buffer.compare(Buffer.from(right), Buffer.from(left)))
    assert.deepStrictEqual(await idsOf(store.findByUserId('user-1')), sorted)
    assert.deepStrictEqual(sorted.slice(0, 2), ['😀', '\uff5e'])
  })

  test('the jobs in a list are whole', async (store) => {
    const jobs = [aFullJob({ id: 'b', createdAt: new Date(2) }), aJob({ id: 'a', createdAt: new Date(1) })]
    for (const job of jobs) await store.create(job)
    assert.deepStrictEqual(await store.findByUserId('user-1'), jobs)
  })

  test('a list has 20 jobs unless told otherwise', async (store) => {
    const newest = await createMany(store, 25)
    assert.deepStrictEqual(await idsOf(store.findByUserId('user-1')), newest.slice(0, 20))
    assert.deepStrictEqual(await idsOf(store.findByUserId('user-1', {})), newest.slice(0, 20))
    assert.deepStrictEqual(await idsOf(store.findByUserId('user-1', { offset: 20 })), newest.slice(20))
  })

  test('limit and offset cut out of the one order', async (store) => {
    const newest = await createMany(store, 12)
    for (const offset of [0, 1, 5, 11]) {
      for (const limit of [1, 2, 7, 12, 1000, Number.MAX_SAFE_INTEGER]) {
        const found = await idsOf(store.findByUserId('user-1', { limit, offset }))
        assert.deepStrictEqual(found, newest.slice(offset, offset + limit), `limit ${limit} offset ${offset}`)
      }
    }
  })

  test('limit 0 gives an empty list', async (store) => {
    await createMany(store, 3)
    assert.deepStrictEqual(await store.findByUserId('user-1', { limit: 0 }), [])
    assert.deepStrictEqual(await store.findByUserId('user-1', { limit: 0, offset: 1 }), [])
  })

  test('an offset at the end or past it gives an empty list', async (store) => {
    await createMany(store, 3)
    for (const offset of [3, 4, 1000, Number.MAX_SAFE_INTEGER])
      assert.deepStrictEqual(await store.findByUserId('user-1', { offset }), [])
  })

  test('a status filters, and offset and limit count what is left', async (store) => {
    const jobs = jobsOf('user-1', 20)
    for (const [index, job] of jobs.entries())
      await store.create({ ...job, status: ['queued', 'failed', 'completed'][index % 3] as string })
    const failed = (await store.findByUserId('user-1', { limit: 100 })).filter((job) => job.status === 'failed')
    assert.strictEqual(failed.length, 7)
    assert.deepStrictEqual(await store.findByUserId('user-1', { status: 'failed' }), failed)
    assert.deepStrictEqual(
      await store.findByUserId('user-1', { status: 'failed', offset: 2, limit: 3 }),
      failed.slice(2, 5),
    )
    assert.deepStrictEqual(await store.findByUserId('user-1', { status: 'failed', offset: 6 }), failed.slice(6))
    assert.deepStrictEqual(await store.findByUserId('user-1', { status: 'failed', offset: 7 }), [])
    assert.deepStrictEqual(await store.findByUserId('user-1', { status: 'pending' }), [])
  })

  test('a filtered list follows each change of status', async (store) => {
    await store.create(aJob({ id: 'a', createdAt: new Date(1) }))
    await store.create(aJob({ id: 'b', createdAt: new Date(2) }))
    await store.updateStatus('a', 'queued')
    await store.update('b', { status: 'queued' })
    assert.deepStrictEqual(await idsOf(store.findByUserId('user-1', { status: 'pending' })), [])
    assert.deepStrictEqual(await idsOf(store.findByUserId('user-1', { status: 'queued' })), ['b', 'a'])
    await store.delete('b')
    assert.deepStrictEqual(await idsOf(store.findByUserId('user-1', { status: 'queued' })), ['a'])
  })

  test('users whose names look like keys, prefixes or filters of others stay apart', async (store) => {
    const users = ['u', 'u:queued', 'queued:u', '6:queued:u', 'u:', ':u', 'u*', '*', 'u\u0000', 'U', '{u}', 'u}']
    for (const userId of users) await store.create(aJob({ id: `of ${userId}`, userId, status: 'queued' }))
    for (const userId of users) {
      assert.deepStrictEqual(await idsOf(store.findByUserId(userId)), [`of ${userId}`])
      assert.deepStrictEqual(await idsOf(store.findByUserId(userId, { status: 'queued' })), [`of ${userId}`])
      assert.strictEqual(await store.countByUserId(userId), 1)
    }
  })

  test('a limit or an offset that is no whole number from 0 is a TypeError', async (store) => {
    await createMany(store, 3)
    for (const bad of NOT_COUNTS) {
      await assertTypeError(() => store.findByUserId('user-1', { limit: bad as number }), 'limit')
      await assertTypeError(() => store.findByUserId('user-1', { offset: bad as number }), 'offset')
    }
  })

  test('a status that the store does not have is refused', async (store) => {
    for (const status of ['done', '', 'Queued', 'toString', 5, null])
      await assertRejects(() => store.findByUserId('user-1', { status: status as string }), 'INVALID_JOB', {
        field: 'status',
      })
  })

  test('a user or options that are none are TypeErrors', async (store) => {
    for (const userId of [undefined, null, 5, ['user-1']])
      await assertTypeError(() => store.findByUserId(userId as unknown as string), 'userId')
    for (const options of [null, 5, 'queued', [], new Date()])
      await assertTypeError(() => store.findByUserId('user-1', options as object), 'options')
  })
}

async function idsOf(jobs: Promise<AnyJob[]>): Promise<string[]> {
  return (await jobs).map((job) => job.id)
}
