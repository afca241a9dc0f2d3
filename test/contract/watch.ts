import * as assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { JobStore } from '../../src/contract.ts'
import { eventually } from '../support/eventually.ts'
import { assertTypeError, collect } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, changeInside, HOUR_MS, removing } from './jobs.ts'
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
    seen.push(await store.update('job-1', { own: { deep: [1] }, retryCount: 1 }))
    seen.push(await store.update('job-1', { ...removing('own'), retryCount: 2 }))
    await store.delete('job-1')
    const sights = await reading.ended()
    assert.deepStrictEqual(
      sights.map(({ job }) => job),
      [...seen, null],
    )
    assert.deepStrictEqual(
      sights.map(({ event }) => event?.type ?? null),
      [null, 'progressed', 'statusChanged', 'updated', 'updated', 'deleted'],
    )
    assert.deepStrictEqual(await collect(store.watch('job-1', { signal: AbortSignal.abort() })), [])
  })

  test('a job that is not there is null, and comes when it is created', async (store) => {
    const reading = new Reading(store.watch('job-1'))
    assert.deepStrictEqual(await reading.has(1), [{ job: null, event: null }])
    await store.create(aJob())
    const [, created] = await reading.has(2)
    assert.deepStrictEqual(created?.job, await store.findById('job-1'))
    assert.strictEqual(created?.event?.type, 'created')
    await reading.leave()
  })

  test('one that was deleted before is null, and its end is not told again', async (store) => {
    await store.create(aJob())
    await store.delete('job-1')
    const reading = new Reading(store.watch('job-1'))
    await reading.has(1)
    await store.create(aJob())
    const sights = await reading.has(2)
    assert.deepStrictEqual(
      sights.map(({ event }) => [event?.type, event?.version]),
      [
        [undefined, undefined],
        ['created', 3],
      ],
    )
    await reading.leave()
  })

  test('an expired job ends it once it is swept', async (store) => {
    await store.create(aJob({ expiresAt: new Date(Date.now() + HOUR_MS) }))
    const reading = new Reading(store.watch('job-1'))
    await reading.has(1)
    await store.update('job-1', { expiresAt: new Date(Date.now() - 1) })
    const late = new Reading(store.watch('job-1'))
    assert.deepStrictEqual(await late.has(1), [{ job: null, event: null }])
    await store.purgeExpired()
    for (const one of [reading, late]) {
      const last = (await one.ended()).at(-1)
      assert.deepStrictEqual([last?.job, last?.event?.type], [null, 'expired'])
    }
  })

  test('whatever is written meanwhile, no version is left out between the state and the events', async (store) => {
    await store.create(aJob())
    let version = 1
    const isWatched = { value: false }
    const writing = write(store, isWatched, () => version++)
    const readings = []
    for (let round = 0; round < 20; round++) {
      const record = await store.findRecord('job-1')
      readings.push({ reading: new Reading(store.watch('job-1')), least: record?.version ?? 0 })
      await nextTurn()
    }
    for (const { reading } of readings) await reading.has(5)
    isWatched.value = true
    await writing
    const last = (await store.findRecord('job-1')) ?? assert.fail('the job is gone')
    for (const { reading, least } of readings) {
      await eventually(() => assert.strictEqual(reading.all.at(-1)?.event?.version, last.version))
      const [first, ...rest] = reading.all
      const start = Number(first?.job?.progress['step'] ?? 0) + 1
      assert.ok(start >= least && first?.event === null)
      const expected = Array.from({ length: rest.length }, (_, index) => start + 1 + index)
      assert.deepStrictEqual(
        rest.map(({ event }) => event?.version),
        expected,
      )
      assert.deepStrictEqual(
        rest.map(({ job }) => Number(job?.progress['step']) + 1),
        expected,
      )
      await reading.leave()
    }
  })

  test('what a reader changes is not seen by what comes after it', async (store) => {
    await store.create(aJob({ own: { deep: [1] } }))
    const reading = new Reading(store.watch('job-1'))
    const [found] = await reading.has(1)
    changeInside(found?.job?.['own'])
    await store.update('job-1', { mine: { deep: [3] } })
    const [, second] = await reading.has(2)
    assert.deepStrictEqual(second?.job?.['own'], { deep: [1] })
    changeInside(second?.event?.data['mine'])
    await store.updateProgress('job-1', { percent: 1 })
    const [, , third] = await reading.has(3)
    assert.deepStrictEqual(third?.job?.['mine'], { deep: [3] })
    await reading.leave()
  })

  test('it goes on over a compaction', async (store) => {
    await store.create(aJob())
    const reading = new Reading(store.watch('job-1'))
    await reading.has(1)
    await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    await store.updateProgress('job-1', { percent: 1 })
    const sights = await reading.has(2)
    assert.deepStrictEqual(
      sights.map(({ event }) => event?.type),
      [undefined, 'progressed'],
    )
    await reading.leave()
  })

  test('an id whose last life was compacted away begins anew, and ends anew', async (store) => {
    await store.create(aJob())
    await store.updateStatus('job-1', 'queued')
    await store.delete('job-1')
    const reading = new Reading(store.watch('job-1'))
    assert.deepStrictEqual(await reading.has(1), [{ job: null, event: null }])
    await store.compact({ before: new Date(Date.now() + HOUR_MS) })
    await store.create(aJob())
    const created = await store.findById('job-1')
    const [, sight] = await reading.has(2)
    assert.deepStrictEqual([sight?.job, sight?.event?.type, sight?.event?.version], [created, 'created', 1])
    const updated = await store.update('job-1', { own: 1 })
    await store.delete('job-1')
    const sights = await reading.ended()
    assert.deepStrictEqual(
      sights.map(({ job, event }) => [job, event?.type, event?.version]),
      [
        [null, undefined, undefined],
        [created, 'created', 1],
        [updated, 'updated', 2],
        [null, 'deleted', 3],
      ],
    )
  })

  test('return(), a signal and close() end it, while it waits too', async (store) => {
    await store.create(aJob())
    const controller = new AbortController()
    const readings = [
      new Reading(store.watch('job-1')),
      new Reading(store.watch('job-1', { signal: controller.signal })),
      new Reading(store.watch('job-1')),
    ]
    for (const reading of readings) await reading.has(1)
    await readings[0]?.leave()
    await readings[0]?.ended()
    controller.abort()
    await readings[1]?.ended()
    assert.strictEqual(readings[2]?.outcome, null)
    await store.close()
    await readings[2]?.ended()
  })

  test('wrong arguments are refused by the first next()', async (store) => {
    await assertTypeError(() => collect(store.watch(5 as never)), 'id')
    await assertTypeError(() => collect(store.watch('job-1', { signal: 5 as never })), 'options.signal')
    await assertTypeError(() => collect(store.watch('job-1', null as never)), 'options')
  })

  test('what is no id is not there', async (store) => {
    const reading = new Reading(store.watch(''))
    assert.deepStrictEqual(await reading.has(1), [{ job: null, event: null }])
    await reading.leave()
  })
}

/** Counts steps up in the job's progress: its version is always one more. */
async function write(store: JobStore<AnyJob>, isDone: { value: boolean }, next: () => number): Promise<void> {
  while (!isDone.value) {
    const step = next()
    await store.updateProgress('job-1', { percent: step % 100, step })
    // A store in memory answers within one turn of the event loop, which would go on for ever.
    await nextTurn()
  }
}
