import * as assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import type { AsOf, JobEvent } from '../../src/core/event.ts'
import { evolve, isExpired, type JobState } from '../../src/core/evolve.ts'
import { assertTypeError, collect, newestOf, storeNow } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aFullJob, aJob, HOUR_MS, removing, textOf } from './jobs.ts'

export const asOf: Suite = (test) => {
  test('what is no id is nobody, however a driver would write it', async (store) => {
    await store.create(aJob({ id: 'lone \ufffd' }))
    for (const id of ['lone \ud800', textOf(513), '']) {
      assert.strictEqual(await store.findByIdAsOf(id, { version: 1 }), null)
      assert.strictEqual(await store.findByIdAsOf(id, new Date()), null)
    }
  })

  test('at each event of a life, by version, event and time, the job is as it was', async (store) => {
    const events = await writeLife(store)
    let state: JobState | null = null
    for (const event of events) {
      state = evolve(state, event)
      const job = state.job !== null && isExpired(state.job, event.at.getTime()) ? null : state.job
      assert.deepStrictEqual(await store.findByIdAsOf('job-1', { version: event.version }), job, `${event.version}`)
      assert.deepStrictEqual(await store.findByIdAsOf('job-1', { eventId: event.id }), job, `${event.version}`)
      const isLastOfItsTime = events.every((other) => other.version <= event.version || other.at > event.at)
      if (isLastOfItsTime) assert.deepStrictEqual(await store.findByIdAsOf('job-1', event.at), job, `${event.version}`)
    }
  })

  test('at a time, it is the job after the last event that had happened by then', async (store) => {
    await store.create(aJob())
    for (let count = 1; count <= 30; count++) await store.update('job-1', { count })
    const events = await collect(store.history('job-1'))
    for (const { at } of events) {
      const last = events.findLast((event) => event.at <= at)
      assert.strictEqual((await store.findByIdAsOf('job-1', at))?.['count'], last?.data['count'])
    }
  })

  test('before the creation there is none', async (store) => {
    await store.create(aJob({ createdAt: new Date(5) }))
    const { at } = await newestOf(store, 'job-1')
    assert.strictEqual(await store.findByIdAsOf('job-1', new Date(at.getTime() - 1)), null)
    assert.strictEqual(await store.findByIdAsOf('job-1', new Date(-8.64e15)), null)
    assert.strictEqual(await store.findByIdAsOf('job-1', { version: 0 }), null)
  })

  test('between a deletion and the next creation there is none', async (store) => {
    await store.create(aJob({ mark: 'first' }))
    await store.delete('job-1')
    const deleted = await newestOf(store, 'job-1')
    await eventuallyLater(store, deleted.at)
    await store.create(aJob({ mark: 'second' }))
    assert.strictEqual(await store.findByIdAsOf('job-1', deleted.at), null)
    assert.strictEqual(await store.findByIdAsOf('job-1', { version: 2 }), null)
    assert.strictEqual(await store.findByIdAsOf('job-1', { eventId: deleted.id }), null)
    assert.strictEqual((await store.findByIdAsOf('job-1', { version: 1 }))?.['mark'], 'first')
    assert.strictEqual((await store.findByIdAsOf('job-1', { version: 3 }))?.['mark'], 'second')
  })

  test('from its expiresAt on there is none, whether or not the job has been swept by then', async (store) => {
    const job = aJob()
    await store.create(job)
    const expiresMs = job.expiresAt.getTime()
    assert.deepStrictEqual(await store.findByIdAsOf('job-1', new Date(expiresMs - 1)), job)
    assert.strictEqual(await store.findByIdAsOf('job-1', new Date(expiresMs)), null)
    assert.strictEqual(await store.findByIdAsOf('job-1', new Date(expiresMs + 1)), null)
  })

  test('a job that was swept is still there for the times before', async (store) => {
    const expiresAt = new Date((await storeNow(store)) + 60)
    const job = aJob({ expiresAt })
    await store.create(job)
    const created = await newestOf(store, 'job-1')
    await eventuallyLater(store, expiresAt)
    assert.strictEqual(await store.purgeExpired(), 1)
    const expired = await newestOf(store, 'job-1')
    assert.strictEqual(expired.type, 'expired')
    assert.deepStrictEqual(await store.findByIdAsOf('job-1', created.at), job)
    assert.deepStrictEqual(await store.findByIdAsOf('job-1', new Date(expiresAt.getTime() - 1)), job)
    assert.deepStrictEqual(await store.findByIdAsOf('job-1', { version: 1 }), job)
    for (const then of [expiresAt, expired.at, { version: 2 }, { eventId: expired.id }] satisfies AsOf[])
      assert.strictEqual(await store.findByIdAsOf('job-1', then), null)
  })

  test('a job whose time had come before it was created never was', async (store) => {
    await store.create(aJob({ expiresAt: new Date(5) }))
    const created = await newestOf(store, 'job-1')
    for (const then of [created.at, { version: 1 }, { eventId: created.id }] satisfies AsOf[])
      assert.strictEqual(await store.findByIdAsOf('job-1', then), null)
  })

  test('a renewal counts from its time on', async (store) => {
    const first = aJob()
    await store.create(first)
    await store.update('job-1', { expiresAt: new Date(first.expiresAt.getTime() + HOUR_MS) })
    const later = new Date(first.expiresAt.getTime() + 1)
    assert.ok((await store.findByIdAsOf('job-1', later)) !== null)
  })

  test('what never was gives null', async (store) => {
    await store.create(aJob())
    await store.create(aJob({ id: 'another' }))
    const another = await newestOf(store, 'another')
    for (const id of ['nobody', '', textOf(513)]) assert.strictEqual(await store.findByIdAsOf(id, { version: 1 }), null)
    for (const then of [{ version: 2 }, { version: 999 }, { eventId: 'nothing' }, { eventId: '' }, { eventId: '0-0' }])
      assert.strictEqual(await store.findByIdAsOf('job-1', then), null)
    assert.strictEqual(await store.findByIdAsOf('nobody', { eventId: another.id }), null)
  })

  test('an event of another job says nothing about this one', async (store) => {
    await store.create(aJob())
    await store.create(aJob({ id: 'another' }))
    await store.updateStatus('another', 'queued')
    const another = await collect(store.history('another'))
    const own = await collect(store.history('job-1'))
    const foreign = another.filter((event) => own.every((one) => one.id !== event.id))
    for (const { id } of foreign) assert.strictEqual(await store.findByIdAsOf('job-1', { eventId: id }), null)
  })

  test('far back in a long history it is found as well', async (store) => {
    await store.create(aJob())
    await Promise.all(Array.from({ length: 700 }, (_, count) => store.update('job-1', { count })))
    for (const version of [1, 2, 255, 256, 257, 444, 445, 446, 512, 513, 700, 701]) {
      const found = await store.findByIdAsOf('job-1', { version })
      assert.strictEqual(found?.['count'], version === 1 ? undefined : version - 2)
    }
  })

  test('a moment that is none is a TypeError', async (store) => {
    await store.create(aJob())
    const moments: [unknown, string][] = [
      [new Date(Number.NaN), 'asOf'],
      [undefined, 'asOf'],
      [null, 'asOf'],
      [5, 'asOf'],
      ['2024-01-01', 'asOf'],
      [{}, 'asOf'],
      [{ version: -1 }, 'asOf.version'],
      [{ version: 1.5 }, 'asOf.version'],
      [{ version: '1' }, 'asOf.version'],
      [{ eventId: 5 }, 'asOf.eventId'],
    ]
    for (const [moment, argument] of moments)
      await assertTypeError(() => store.findByIdAsOf('job-1', moment as AsOf), argument)
    await assertTypeError(() => store.findByIdAsOf(5 as unknown as string, { version: 1 }), 'id')
  })
}

/** Two lives of job-1, with every type of event. */
async function writeLife(store: JobStore<AnyJob>): Promise<JobEvent<AnyJob>[]> {
  await store.create(aFullJob())
  await store.updateStatus('job-1', 'processing')
  await store.update('job-1', { note: { deep: [new Date(5)] }, userId: 'user-2', ...removing('error', 'result') })
  await store.updateProgress('job-1', { percent: 50 })
  await store.update('job-1', { result: 'again', createdAt: new Date(9), ...removing('note') })
  await store.delete('job-1')
  await store.create(aJob({ mark: 'second life' }))
  await store.updateStatus('job-1', 'queued')
  await store.update('job-1', { expiresAt: new Date(5) })
  await store.purgeExpired()
  return collect(store.history('job-1'))
}

/** Until the store's clock is past a time. */
async function eventuallyLater(store: JobStore<AnyJob>, time: Date): Promise<void> {
  while ((await storeNow(store)) <= time.getTime());
}
