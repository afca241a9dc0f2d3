import * as assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { JobStore } from '../../src/contract.ts'
import { SlowConsumerError } from '../../src/core/errors.ts'
import type { JobEvent } from '../../src/core/event.ts'
import { eventually } from '../support/eventually.ts'
import { collect } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, createMany } from './jobs.ts'
import { Reading } from './reading.ts'

export const subscribeEnding: Suite = (test) => {
  test('leaving the loop ends it', async (store) => {
    const events = store.subscribe()
    await createMany(store, 3)
    for await (const event of events) if (event.version === 1) break
    assert.deepStrictEqual(await collect(events), [])
  })

  test('return() ends it while it waits, also before anything was read', async (store) => {
    const iterator = store.subscribe()[Symbol.asyncIterator]()
    const pending = iterator.next()
    await store.ready()
    assert.deepStrictEqual(await iterator.return?.(), { done: true, value: undefined })
    assert.strictEqual((await pending).done, true)
    const unused = store.subscribe()[Symbol.asyncIterator]()
    await unused.return?.()
    assert.strictEqual((await unused.next()).done, true)
  })

  test('a signal ends it without an error, also one that was aborted before', async (store) => {
    const controller = new AbortController()
    const readings = Array.from({ length: 5 }, () => new Reading(store.subscribe({ signal: controller.signal })))
    await createMany(store, 2)
    await readings[0]?.has(2)
    controller.abort(new Error('enough'))
    for (const reading of readings) await reading.ended()
    assert.deepStrictEqual(await collect(store.subscribe({ signal: controller.signal, after: 'start' })), [])
  })

  test('close() ends all without an error, at once', async (store) => {
    const readings = [
      new Reading(store.subscribe()),
      new Reading(store.subscribe({ jobId: 'job-00000' })),
      new Reading(store.subscribe({ after: 'start', userId: 'user-1' })),
    ]
    await createMany(store, 2)
    for (const reading of readings) await reading.has(1)
    const unread = store.subscribe()
    await store.close()
    for (const reading of readings) await reading.ended()
    assert.deepStrictEqual(await collect(unread), [])
  })

  test('a reader that has left gets nothing more, and another one that came later everything', async (store) => {
    for (let round = 0; round < 5; round++) {
      const reading = new Reading(store.subscribe())
      await store.create(aJob({ id: `${round}` }))
      const [event] = await reading.has(1)
      assert.strictEqual(event?.jobId, `${round}`)
      await reading.leave()
      await store.updateProgress(`${round}`, { percent: 1 })
      assert.strictEqual(reading.all.length, 1)
    }
  })

  test('a reader that is too far behind ends with its cursor, and goes on from there', async (store) => {
    const iterator = store.subscribe({ bufferSize: 10 })[Symbol.asyncIterator]()
    const other = new Reading(store.subscribe())
    const first = iterator.next()
    await createMany(store, 1)
    const come = [(await first).value as JobEvent<AnyJob>]
    await createManyMore(store, 40)
    await other.has(41)
    // Only then is it too slow: it could have come for more.
    await nextTurn()
    const error = await iterator.next().catch((reason: unknown) => reason)
    assert.ok(error instanceof SlowConsumerError, String(error))
    assert.strictEqual(error.cursor, come[0]?.cursor)
    assert.strictEqual((await iterator.next()).done, true)
    const again = new Reading(store.subscribe({ after: error.cursor }))
    come.push(...(await again.has(40)))
    assert.deepStrictEqual(come.map(({ id }) => id).toSorted(), other.all.map(({ id }) => id).toSorted())
    await again.leave()
    await other.leave()
  })

  test('a reader that has read nothing yet goes on from where it began', async (store) => {
    await createMany(store, 3)
    const slow = store.subscribe({ bufferSize: 1 })[Symbol.asyncIterator]()
    const begun = slow.next()
    const other = new Reading(store.subscribe())
    await store.updateStatus('job-00000', 'queued')
    await begun
    await createManyMore(store, 5)
    await other.has(6)
    // It may still get what its buffer holds.
    let taken = 0
    const error = await eventually(async () => {
      const reason = await slow.next().catch((thrown: unknown) => thrown)
      if (!(reason instanceof SlowConsumerError)) taken++
      assert.ok(reason instanceof SlowConsumerError)
      return reason
    })
    const rest = await collect(store.events({ after: error.cursor }))
    assert.strictEqual(taken + rest.length, 5)
    await other.leave()
  })

  test('a reader that waits is not slow, however much comes at once and however little its buffer holds', async (store) => {
    const count = 300
    await createMany(store, 1)
    const readers = [
      store.subscribe({ bufferSize: 1 }),
      store.subscribe({ bufferSize: 10 }),
      store.subscribe({ bufferSize: 10, jobId: 'job-00000' }),
      store.subscribe({ bufferSize: 10, userId: 'user-1' }),
    ].map((events) => new Reading(events))
    await store.updateStatus('job-00000', 'queued')
    for (const reader of readers) await reader.has(1)
    await Promise.all(
      Array.from({ length: count }, (_, step) => store.updateProgress('job-00000', { percent: 1, step })),
    )
    for (const reader of readers)
      assert.deepStrictEqual(
        (await reader.has(count + 1)).map(({ version }) => version),
        Array.from({ length: count + 1 }, (_, index) => index + 2),
      )
    // They are live again, or the next ones would not come.
    await store.updateStatus('job-00000', 'processing')
    for (const reader of readers) {
      assert.strictEqual((await reader.has(count + 2)).at(-1)?.version, count + 3)
      await reader.leave()
    }
  })

  test('with conflateProgress only the newest progress of a job waits, and every other event', async (store) => {
    const iterator = store.subscribe({ conflateProgress: true, bufferSize: 10 })[Symbol.asyncIterator]()
    const other = new Reading(store.subscribe())
    const first = iterator.next()
    await createMany(store, 1)
    await first
    const change = (percent: number): Promise<unknown> => store.updateProgress('job-00000', { percent })
    for (let percent = 1; percent <= 50; percent++) await change(percent)
    await store.updateStatus('job-00000', 'processing')
    for (let percent = 51; percent <= 99; percent++) await change(percent)
    await store.create(aJob({ id: 'other' }))
    await store.updateProgress('other', { percent: 7 })
    await other.has(103)
    const come: JobEvent<AnyJob>[] = []
    while (come.length < 4) come.push((await iterator.next()).value as JobEvent<AnyJob>)
    assert.deepStrictEqual(
      come.map(({ jobId, type, data }) => `${jobId} ${type} ${String(data.progress?.percent)}`).toSorted(),
      ['job-00000 progressed 99', 'job-00000 statusChanged undefined', 'other created 0', 'other progressed 7'],
    )
    await change(100)
    const { value } = (await iterator.next()) as { value: JobEvent<AnyJob> }
    assert.deepStrictEqual(value.data, { progress: { percent: 100 } })
    await iterator.return?.()
    await other.leave()
  })

  test('with conflateProgress a reader of the log gets the newest progress of a job, and every other event', async (store) => {
    for (const id of ['a', 'b']) await store.create(aJob({ id }))
    for (let percent = 1; percent <= 90; percent++) {
      await store.updateProgress('a', { percent })
      if (percent % 30 === 0) await store.update('b', { percent })
      if (percent % 2 === 0) await store.updateProgress('b', { percent })
    }
    await store.updateStatus('a', 'completed')
    const reading = new Reading(store.subscribe({ after: 'start', conflateProgress: true }))
    const come = await reading.has(8)
    await reading.leave()
    const log = await collect(store.events())
    const newest = ['a', 'b'].map((id) => log.findLast(({ jobId, type }) => jobId === id && type === 'progressed')?.id)
    const due = log.filter(({ id, type }) => type !== 'progressed' || newest.includes(id))
    assert.deepStrictEqual(come.map(({ id }) => id).toSorted(), due.map(({ id }) => id).toSorted())
    for (const [index, { cursor }] of come.entries()) {
      const rest = new Set((await collect(store.events({ after: cursor }))).map(({ id }) => id))
      assert.deepStrictEqual(
        come.map(({ id }) => rest.has(id)),
        come.map((_, other) => other > index),
      )
    }
  })
}

async function createManyMore(store: JobStore<AnyJob>, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => store.create(aJob({ id: `more-${index}` }))))
}
