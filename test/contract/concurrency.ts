import * as assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { collect, typesOf } from './assertions.ts'
import type { Suite } from './harness.ts'
import { aJob, jobsOf } from './jobs.ts'

export const concurrency: Suite = (test) => {
  test('256 writers of one job at once make versions 2 to 257, without a gap', async (store) => {
    await store.create(aJob())
    const writers = Array.from({ length: 256 }, (_, writer) => store.update('job-1', { [`by ${writer}`]: writer }))
    const updated = await Promise.all(writers)
    const events = await collect(store.history('job-1'))
    assert.deepStrictEqual(
      events.map((event) => event.version),
      Array.from({ length: 257 }, (_, index) => index + 1),
    )
    assert.strictEqual((await store.findRecord('job-1'))?.version, 257)
    for (const [writer, job] of updated.entries()) assert.strictEqual(job?.[`by ${writer}`], writer)
  })

  test('each of many writers gets the job as it was just after its own command', async (store) => {
    await store.create(aJob({ count: 0 }))
    const updated = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0
          ? store.update('job-1', { count: index })
          : store.updateProgress('job-1', { percent: index / 10 }),
      ),
    )
    for (const [index, job] of updated.entries()) {
      const even = index - (index % 2)
      const odd = index - 1 + (index % 2)
      assert.deepStrictEqual([job?.['count'], job?.progress.percent], [even, odd < 0 ? 0 : odd / 10])
    }
  })

  test('commands on one job are applied in the order in which they were given, without waiting', async (store) => {
    const given = [
      store.create(aJob()),
      store.updateStatus('job-1', 'queued'),
      store.update('job-1', { note: 1 }),
      store.delete('job-1'),
      store.update('job-1', { note: 2 }),
      store.create(aJob({ note: 3 })),
      store.updateProgress('job-1', { percent: 5 }),
      store.updateStatus('job-1', 'processing'),
    ]
    const [, queued, noted, deleted, missed, , progressed, processing] = await Promise.all(given)
    assert.ok(typeof queued === 'object' && queued !== null && queued.status === 'queued')
    assert.ok(typeof noted === 'object' && noted?.['note'] === 1)
    assert.deepStrictEqual([deleted, missed], [true, null])
    assert.ok(typeof progressed === 'object' && progressed?.['note'] === 3 && progressed.status === 'pending')
    assert.deepStrictEqual(await store.findById('job-1'), processing)
    assert.deepStrictEqual(await typesOf(store, 'job-1'), [
      'created',
      'statusChanged',
      'updated',
      'deleted',
      'created',
      'progressed',
      'statusChanged',
    ])
  })

  test('the order holds for many jobs at once, over many batches', async (store) => {
    const jobs = jobsOf('user-1', 40)
    const given: Promise<unknown>[] = jobs.map((job) => store.create(job))
    for (let step = 1; step <= 25; step++)
      for (const job of jobs) given.push(store.update(job.id, { [`step ${step}`]: step, last: step }))
    await Promise.all(given)
    for (const job of jobs) {
      const events = await collect(store.history(job.id))
      assert.deepStrictEqual(
        events.map((event) => event.data['last']),
        [undefined, ...Array.from({ length: 25 }, (_, index) => index + 1)],
      )
    }
  })

  test('of many creates of one id at once, one stands', async (store) => {
    const creates = Array.from({ length: 50 }, (_, index) =>
      store.create(aJob({ mark: index, userId: `user-${index}` })),
    )
    const settled = await Promise.allSettled(creates)
    assert.strictEqual(settled.filter((one) => one.status === 'fulfilled').length, 1)
    assert.deepStrictEqual(await typesOf(store, 'job-1'), ['created'])
    const counts = await Promise.all(creates.map((_, index) => store.countByUserId(`user-${index}`)))
    assert.strictEqual(
      counts.reduce((sum, count) => sum + count, 0),
      1,
    )
  })

  test('of many writers that expect the same version, one wins each round', async (store) => {
    await store.create(aJob({ wins: 0 }))
    for (let version = 1; version <= 10; version++) {
      const writers = Array.from({ length: 20 }, () =>
        store.update('job-1', { wins: version }, { expectedVersion: version }),
      )
      const settled = await Promise.allSettled(writers)
      assert.strictEqual(settled.filter((one) => one.status === 'fulfilled').length, 1)
    }
    assert.strictEqual((await store.findRecord('job-1'))?.version, 11)
  })

  test('readers see whole commands only', async (store) => {
    await store.create(aJob({ left: 0, right: 0 }))
    const writes = Array.from({ length: 200 }, (_, index) => store.update('job-1', { left: index, right: index }))
    const writing = { isOver: false }
    const done = Promise.all(writes).finally(() => {
      writing.isOver = true
    })
    let reads = 0
    while (!writing.isOver || reads < 10) {
      const record = await store.findRecord('job-1')
      const [listed] = await store.findByUserId('user-1')
      assert.strictEqual(record?.job['left'], record?.job['right'])
      assert.strictEqual(listed?.['left'], listed?.['right'])
      if ((record?.version ?? 0) > 1) assert.strictEqual(record?.job['left'], (record?.version ?? 0) - 2)
      reads++
      // An embedded store answers without leaving this turn of the event loop: writers need one too.
      await nextTurn()
    }
    await done
  })
}
