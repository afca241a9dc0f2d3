import * as assert from 'node:assert/strict'

import type { JobEvent, SubscribeOptions } from '../../src/core/event.ts'
import { assertRejects, assertTypeError, collect } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, changeInside, createMany, removing } from './jobs.ts'
import { Reading } from './reading.ts'

type Event = JobEvent<AnyJob>

export const subscribe: Suite = (test) => {
  test('every event comes as it happens, as events() gives it', async (store) => {
    const reading = new Reading(store.subscribe())
    await store.create(aJob({ note: { deep: [1, new Date(5)] } }), { meta: { actor: 'ann' } })
    await store.updateProgress('job-1', { percent: 5 })
    await store.updateStatus('job-1', 'queued')
    await store.update('job-1', removing('note'))
    await store.delete('job-1')
    const come = await reading.has(5)
    assert.deepStrictEqual(come, await collect(store.events()))
    await reading.leave()
    assert.strictEqual(reading.outcome, 'done')
  })

  test('by default only what comes after the call, also if it is read later', async (store) => {
    await createMany(store, 3)
    const events = store.subscribe()
    await store.create(aJob({ id: 'later' }))
    const reading = new Reading(events)
    assert.deepStrictEqual(idsOf(await reading.has(1)), ['later'])
    await reading.leave()
  })

  test('the first call of a store may be subscribe', async (store) => {
    const events = store.subscribe()
    const created = store.create(aJob())
    const reading = new Reading(events)
    await created
    assert.deepStrictEqual(idsOf(await reading.has(1)), ['job-1'])
    await reading.leave()
  })

  test("after 'start' the whole log comes first, then what happens", async (store) => {
    const ids = await createMany(store, 600)
    const reading = new Reading(store.subscribe({ after: 'start' }))
    await reading.has(600)
    await store.updateStatus('job-00007', 'queued')
    const come = await reading.has(601)
    assert.deepStrictEqual(sorted(idsOf(come.slice(0, 600))), sorted(ids))
    assert.deepStrictEqual([come[600]?.jobId, come[600]?.type], ['job-00007', 'statusChanged'])
    assert.deepStrictEqual(withoutCursors(come), withoutCursors(await collect(store.events())))
    await reading.leave()
  })

  test('after a cursor of events() or of its own it goes on, with nothing missing and nothing twice', async (store) => {
    await createMany(store, 20)
    const log = await collect(store.events())
    const first = new Reading(store.subscribe({ after: log[9]?.cursor ?? '' }))
    await first.has(10)
    await store.updateStatus('job-00003', 'queued')
    await store.updateStatus('job-00004', 'queued')
    const come = await first.has(12)
    await first.leave()
    const own = come[10] ?? assert.fail('nothing came')
    const second = new Reading(store.subscribe({ after: own.cursor }))
    assert.deepStrictEqual(idsOf(await second.has(1)), idsOf(come.slice(11)))
    assert.deepStrictEqual(sorted(idsOf(come.slice(0, 10))), sorted(idsOf(log.slice(10))))
    await second.leave()
  })

  test('a cursor of its own is one of events() too', async (store) => {
    const reading = new Reading(store.subscribe())
    await createMany(store, 10)
    const come = await reading.has(10)
    for (const [index, { cursor }] of come.entries()) {
      const rest = await collect(store.events({ after: cursor }))
      assert.deepStrictEqual(sorted(idsOf(rest)), sorted(idsOf(come.slice(index + 1))))
    }
    await reading.leave()
  })

  test('types, userId and jobId filter, alone and together, live and from the start', async (store) => {
    const filters: SubscribeOptions[] = [
      {},
      { types: ['created'] },
      { userId: 'user-2' },
      { jobId: 'b' },
      { jobId: 'b', userId: 'user-2' },
      { jobId: 'b', types: ['statusChanged', 'deleted'] },
      { userId: 'user-1', types: ['progressed'] },
    ]
    const live = filters.map((filter) => new Reading(store.subscribe(filter)))
    for (const id of ['a', 'b', 'c']) await store.create(aJob({ id, userId: id === 'c' ? 'user-2' : 'user-1' }))
    await store.updateProgress('a', { percent: 1 })
    await store.update('b', { userId: 'user-2' })
    await store.updateStatus('b', 'queued')
    await store.delete('b')
    await store.updateProgress('c', { percent: 1 })
    for (const [index, filter] of filters.entries()) {
      const expected = await collect(store.events(filter))
      assert.ok(expected.length > 0)
      const late = new Reading(store.subscribe({ ...filter, after: 'start' }))
      for (const reading of [live[index] ?? assert.fail(), late]) {
        const come = await reading.has(expected.length)
        assert.deepStrictEqual(sorted(come.map(({ id }) => id)), sorted(expected.map(({ id }) => id)))
        await reading.leave()
      }
    }
  })

  test('the cursor of a filtered reader passes what does not match', async (store) => {
    const reading = new Reading(store.subscribe({ jobId: 'job-00000' }))
    await createMany(store, 50)
    await store.updateStatus('job-00000', 'queued')
    const [, last] = await reading.has(2)
    await reading.leave()
    const rest = await collect(store.events({ after: last?.cursor ?? '' }))
    assert.ok(rest.length < 50, `${rest.length} events are to be read again`)
    assert.ok(!rest.some(({ jobId }) => jobId === 'job-00000'))
  })

  test('a filter that nothing can match waits, and ends when it is left', async (store) => {
    const none: SubscribeOptions[] = [
      { types: [] },
      { jobId: '' },
      { userId: '', after: 'start' },
      { types: ['snapshotted'] },
    ]
    const readings = none.map((filter) => new Reading(store.subscribe(filter)))
    const all = new Reading(store.subscribe())
    await createMany(store, 3)
    await all.has(3)
    for (const reading of [...readings, all]) {
      assert.strictEqual(reading.outcome, null)
      await reading.leave()
      assert.strictEqual(reading.outcome, 'done')
    }
    assert.deepStrictEqual(
      readings.flatMap(({ all: come }) => come),
      [],
    )
  })

  test('a job or a user that can not be is nobody else’s: not of the text that a driver takes it for', async (store) => {
    const halves = ['\ud800', 'a\udfff']
    for (const text of halves) {
      const replaced = text.toWellFormed()
      await store.create(aJob({ id: replaced, userId: replaced }))
    }
    const [first] = await collect(store.events())
    const readings = [...halves, 'x'.repeat(513)].flatMap((text) => [
      new Reading(store.subscribe({ jobId: text, after: 'start' })),
      new Reading(store.subscribe({ jobId: text, after: first?.cursor ?? '' })),
      new Reading(store.subscribe({ userId: text, after: 'start' })),
      new Reading(store.subscribe({ jobId: text })),
    ])
    const all = new Reading(store.subscribe({ after: 'start' }))
    for (const text of halves) await store.updateStatus(text.toWellFormed(), 'queued')
    await all.has(4)
    // By then each of them has read the log, too.
    await store.stats()
    for (const reading of readings) {
      assert.deepStrictEqual([reading.all, reading.outcome], [[], null])
      await reading.leave()
      assert.strictEqual(reading.outcome, 'done')
    }
    await all.leave()
  })

  test('each reader has its own events: what one changes another does not see', async (store) => {
    const readings = [new Reading(store.subscribe()), new Reading(store.subscribe())]
    await store.create(aJob({ note: { deep: [1] } }))
    const [one, other] = await Promise.all(readings.map((reading) => reading.has(1)))
    changeInside(one?.[0]?.data['note'])
    assert.deepStrictEqual(other?.[0]?.data['note'], { deep: [1] })
    for (const reading of readings) await reading.leave()
  })

  test('what another store in the same place writes comes too', async (store, open) => {
    const other = open.again()
    await other.ready()
    await store.ready()
    // A place that does not persist is another one: then there is nothing to be seen.
    await store.create(aJob({ id: 'seen' }))
    if ((await other.findById('seen')) === null) return
    const reading = new Reading(store.subscribe())
    await other.create(aJob({ id: 'a' }))
    await other.updateStatus('a', 'queued')
    assert.deepStrictEqual(
      (await reading.has(2)).map(({ type }) => type),
      ['created', 'statusChanged'],
    )
    await reading.leave()
  })

  test('an expired job comes as an event when it is swept', async (store) => {
    const reading = new Reading(store.subscribe({ types: ['expired'] }))
    await store.create(aJob({ expiresAt: new Date(Date.now() - 1) }))
    await store.purgeExpired()
    assert.deepStrictEqual(idsOf(await reading.has(1)), ['job-1'])
    await reading.leave()
  })

  test('many readers of one job each have the events of theirs', async (store) => {
    const readings = Array.from({ length: 200 }, (_, index) => new Reading(store.subscribe({ jobId: `${index}` })))
    await Promise.all(readings.map((_, index) => store.create(aJob({ id: `${index}` }))))
    await Promise.all(readings.map((_, index) => store.updateProgress(`${index}`, { percent: 1 })))
    for (const [index, reading] of readings.entries()) {
      const come = await reading.has(2)
      assert.deepStrictEqual(
        come.map(({ jobId, version }) => [jobId, version]),
        [
          [`${index}`, 1],
          [`${index}`, 2],
        ],
      )
      await reading.leave()
    }
  })

  const wrong: [SubscribeOptions, string][] = [
    [null as never, 'options'],
    [{ jobId: 1 as never }, 'query.jobId'],
    [{ userId: {} as never }, 'query.userId'],
    [{ types: 'created' as never }, 'query.types'],
    [{ signal: {} as never }, 'options.signal'],
    [{ conflateProgress: 1 as never }, 'options.conflateProgress'],
    [{ bufferSize: 0 }, 'options.bufferSize'],
    [{ bufferSize: 1.5 }, 'options.bufferSize'],
  ]
  for (const [options, argument] of wrong)
    test(`wrong options are refused by the first next(): ${argument} ${String(Object.values(options ?? {})[0])}`, async (store) => {
      await assertTypeError(() => collect(store.subscribe(options)), argument)
    })

  test('a cursor that is none, or of another store, is refused', async (store, open) => {
    for (const after of ['', 'now ', '1.abc', 5 as never, null as never])
      await assertRejects(() => collect(store.subscribe({ after })), 'INVALID_CURSOR')
    const other = await open.elsewhere()
    await other.create(aJob())
    const [event] = await collect(other.events())
    await assertRejects(() => collect(store.subscribe({ after: event?.cursor ?? '' })), 'INVALID_CURSOR')
  })
}

function idsOf(events: readonly Event[]): string[] {
  return events.map((event) => event.jobId)
}

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted()
}

/** Partitions have no order among them: by job, each in its own. */
function withoutCursors(events: readonly Event[]): object {
  const byJob = new Map<string, object[]>()
  for (const event of events) byJob.set(event.jobId, [...(byJob.get(event.jobId) ?? []), { ...event, cursor: '' }])
  return byJob
}
