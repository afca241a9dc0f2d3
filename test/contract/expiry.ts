import * as assert from 'node:assert/strict'

import { eventually } from '../support/eventually.ts'
import { assertRejects, assertTypeError, collect, newestOf, pictureOf, storeNow, typesOf } from './assertions.ts'
import type { Suite } from './harness.ts'
import { aJob, HOUR_MS, jobsOf } from './jobs.ts'

const PAST = new Date(1_600_000_000_000)

/** Long enough to see the job alive, short enough to wait for its end. */
const SOON_MS = 80

export const expiry: Suite = (test) => {
  test('a job whose time had come before it was created is accepted, and no read finds it', async (store) => {
    assert.strictEqual(await store.create(aJob({ expiresAt: PAST })), undefined)
    assert.strictEqual(await store.findById('job-1'), null)
    assert.strictEqual(await store.findRecord('job-1'), null)
    assert.deepStrictEqual(await store.findByUserId('user-1'), [])
    assert.deepStrictEqual(await store.findByUserId('user-1', { status: 'pending' }), [])
    assert.deepStrictEqual(await store.listByUserId('user-1'), { jobs: [], next: null })
    assert.deepStrictEqual([await store.countByUserId('user-1'), await store.countByStatus('pending')], [0, 0])
    assert.strictEqual((await store.stats()).jobs, 0)
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['created', 'expired'])
  })

  test('no command finds an expired job, and none leaves an event', async (store) => {
    await store.create(aJob({ expiresAt: PAST }))
    const find = [
      () => store.update('job-1', { expiresAt: new Date(Date.now() + HOUR_MS) }),
      () => store.updateStatus('job-1', 'queued'),
      () => store.updateProgress('job-1', { percent: 1 }),
    ]
    for (const command of find) assert.strictEqual(await command(), null)
    assert.strictEqual(await store.delete('job-1'), false)
    await store.purgeExpired()
    const before = await pictureOf(store)
    for (const command of find) assert.strictEqual(await command(), null)
    assert.strictEqual(await store.delete('job-1'), false)
    assert.deepStrictEqual(await pictureOf(store), before)
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['created', 'expired'])
  })

  test('a job is there until its time comes, and gone from every read from then on', async (store) => {
    const expiresAt = new Date((await storeNow(store)) + SOON_MS)
    await store.create(aJob({ expiresAt, status: 'failed' }))
    await store.create(aJob({ id: 'stays', status: 'failed' }))
    await eventually(async () => {
      const before = await storeNow(store)
      const found = await store.findById('job-1')
      const after = await storeNow(store)
      if (before >= expiresAt.getTime()) assert.strictEqual(found, null)
      if (after < expiresAt.getTime()) assert.ok(found !== null)
      assert.strictEqual(found, null)
    })
    assert.deepStrictEqual([await store.countByUserId('user-1'), await store.countByStatus('failed')], [1, 1])
    assert.deepStrictEqual(
      (await store.findByUserId('user-1', { status: 'failed' })).map((job) => job.id),
      ['stays'],
    )
    assert.strictEqual((await store.listByUserId('user-1')).jobs.length, 1)
  })

  test('the expired event says whose job it was, and when', async (store) => {
    await store.create(aJob({ expiresAt: PAST }))
    assert.strictEqual(await store.purgeExpired(), 1)
    const [created] = await collect(store.history('job-1'))
    const { type, jobId, userId, version, previous, data, removed, meta, at } = await newestOf(store, 'job-1')
    assert.deepStrictEqual(
      { type, jobId, userId, version, previous, data, removed, meta },
      {
        type: 'expired',
        jobId: 'job-1',
        userId: 'user-1',
        version: 2,
        previous: created?.id,
        data: {},
        removed: [],
        meta: null,
      },
    )
    assert.ok(created !== undefined && at >= created.at)
  })

  test('counts and lists are exact at every moment while jobs expire', async (store) => {
    const start = await storeNow(store)
    const jobs = jobsOf('user-1', 100).map((job, index) =>
      Object.assign(job, { status: 'failed', expiresAt: new Date(start + SOON_MS + 4 * index) }),
    )
    await Promise.all(jobs.map((job) => store.create(job)))
    const moments = new Set<number>()
    for (let left = Infinity; left > 0;) {
      const from = await storeNow(store)
      const byUser = await store.countByUserId('user-1')
      const byStatus = await store.countByStatus('failed')
      const listed = (await store.findByUserId('user-1', { limit: 1000 })).length
      const filtered = (await store.findByUserId('user-1', { status: 'failed', limit: 1000 })).length
      const to = await storeNow(store)
      const most = jobs.filter((job) => job.expiresAt.getTime() > from).length
      const least = jobs.filter((job) => job.expiresAt.getTime() > to).length
      const seen = [byUser, byStatus, listed, filtered]
      assert.ok(
        seen.every((count) => count >= least && count <= most),
        `${seen.join()} of ${least} to ${most}`,
      )
      assert.deepStrictEqual(
        seen,
        seen.toSorted((one, other) => other - one),
      )
      moments.add(byUser)
      left = filtered
    }
    assert.ok(moments.size >= 3, 'the jobs were gone before they could be watched')
  })

  test('an id can be created again once its job has expired, and its versions go on', async (store) => {
    await store.create(aJob({ expiresAt: PAST, mark: 'first' }))
    await store.create(aJob({ mark: 'second', userId: 'user-2' }))
    const record = await store.findRecord('job-1')
    assert.deepStrictEqual([record?.version, record?.job['mark']], [3, 'second'])
    const events = await collect(store.history('job-1'))
    assert.deepStrictEqual(
      events.map((event) => [event.type, event.version, event.previous, event.userId]),
      [
        ['created', 1, null, 'user-1'],
        ['expired', 2, events[0]?.id, 'user-1'],
        ['created', 3, events[1]?.id, 'user-2'],
      ],
    )
    await assertRejects(() => store.create(aJob()), 'JOB_ALREADY_EXISTS', { jobId: 'job-1' })
    assert.deepStrictEqual([await store.countByUserId('user-1'), await store.countByUserId('user-2')], [0, 1])
  })

  test('an id whose time is coming is taken until then, and free from then on', async (store) => {
    await store.create(aJob({ expiresAt: new Date((await storeNow(store)) + SOON_MS) }))
    await assertRejects(() => store.create(aJob()), 'JOB_ALREADY_EXISTS')
    await eventually(() => store.create(aJob({ mark: 'second' })))
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['created', 'expired', 'created'])
  })

  test('a renewal in time keeps the job', async (store) => {
    // A busy machine must be in time too.
    const expiresAt = new Date((await storeNow(store)) + 10 * SOON_MS)
    await store.create(aJob({ expiresAt }))
    const renewed = await store.update('job-1', { expiresAt: new Date(Date.now() + HOUR_MS) })
    assert.ok(renewed !== null)
    await eventually(async () => assert.ok((await storeNow(store)) > expiresAt.getTime()))
    assert.strictEqual(await store.purgeExpired(), 0)
    assert.deepStrictEqual(await store.findById('job-1'), renewed)
    assert.strictEqual(await store.countByUserId('user-1'), 1)
  })

  test('purgeExpired removes as many as it is told, and says how many those were', async (store) => {
    await Promise.all(jobsOf('user-1', 10, { expiresAt: PAST }).map((job) => store.create(job)))
    await store.create(aJob({ id: 'stays' }))
    assert.strictEqual(await store.purgeExpired(0), 0)
    assert.strictEqual(await store.purgeExpired(4), 4)
    assert.strictEqual(await store.purgeExpired(), 6)
    assert.strictEqual(await store.purgeExpired(), 0)
    assert.strictEqual((await collect(store.events({ types: ['expired'] }))).length, 10)
    assert.ok((await store.findById('stays')) !== null)
  })

  test('purgeExpired removes more than one batch of jobs', async (store) => {
    await Promise.all(jobsOf('user-1', 1200, { expiresAt: PAST }).map((job) => store.create(job)))
    assert.strictEqual(await store.purgeExpired(1100), 1100)
    assert.strictEqual(await store.purgeExpired(), 100)
    assert.strictEqual(await store.countByStatus('pending'), 0)
  })

  test('purgeExpired refuses a limit that is no whole number from 0', async (store) => {
    for (const limit of [-1, 0.5, Number.NaN, Infinity, '5', null])
      await assertTypeError(() => store.purgeExpired(limit as number), 'limit')
  })

  test('reads, counts and purges at once leave one expired event a job', async (store) => {
    await Promise.all(jobsOf('user-1', 60, { expiresAt: PAST }).map((job) => store.create(job)))
    const counts = [1, 2, 3, 4].map(() => store.countByUserId('user-1'))
    const purges = [1, 2, 3, 4].map(() => store.purgeExpired())
    const lists = [1, 2, 3, 4].map(() => store.findByUserId('user-1'))
    assert.deepStrictEqual(await Promise.all(counts), [0, 0, 0, 0])
    assert.deepStrictEqual((await Promise.all(lists)).flat(), [])
    await Promise.all(purges)
    const expired = await collect(store.events({ types: ['expired'] }))
    assert.strictEqual(expired.length, 60)
    assert.strictEqual(new Set(expired.map((event) => event.jobId)).size, 60)
  })

  test('the sweeper removes expired jobs without being asked', { sweepIntervalMs: 15 }, async (store) => {
    const soon = new Date((await storeNow(store)) + 30)
    await Promise.all(jobsOf('user-1', 20, { expiresAt: soon }).map((job) => store.create(job)))
    await store.create(aJob({ id: 'stays' }))
    // The log alone is asked: a count or a list would sweep by itself.
    const expired = await eventually(async () => {
      const found = await collect(store.events({ types: ['expired'] }))
      assert.strictEqual(found.length, 20)
      return found
    })
    assert.ok(expired.every((event) => event.version === 2 && event.at >= soon))
    assert.ok((await store.findById('stays')) !== null)
  })
}
