import * as assert from 'node:assert/strict'
import { inspect } from 'node:util'

import type { AnyJob, Suite } from './harness.ts'
import { assertTypeError, collect } from './assertions.ts'
import { aFullJob, aJob, removing, textOf } from './jobs.ts'

export const history: Suite = (test) => {
  test('an id that was never used has none', async (store) => {
    await store.create(aJob())
    for (const id of ['nobody', '', textOf(513), 'lone \ud800', 'job-'])
      assert.deepStrictEqual(await collect(store.history(id)), [])
  })

  test('is every change of one job, oldest first, with what was set and removed', async (store) => {
    const job = aFullJob()
    await store.create(job)
    await store.create(aJob({ id: 'another' }))
    await store.update('job-1', { note: { at: new Date(5), big: 5n }, ...removing('error') })
    await store.updateProgress('another', { percent: 1 })
    await store.updateProgress('job-1', { percent: 50 })
    await store.updateStatus('job-1', 'queued')
    await store.delete('job-1')
    const events = await collect(store.history('job-1'))
    assert.deepStrictEqual(
      events.map(({ type, jobId, userId, version, data, removed, meta }) => [
        type,
        jobId,
        userId,
        version,
        data,
        removed,
        meta,
      ]),
      [
        ['created', 'job-1', 'user-1', 1, job, [], null],
        ['updated', 'job-1', 'user-1', 2, { note: { at: new Date(5), big: 5n } }, ['error'], null],
        ['progressed', 'job-1', 'user-1', 3, { progress: { percent: 50 } }, [], null],
        ['statusChanged', 'job-1', 'user-1', 4, { status: 'queued' }, [], null],
        ['deleted', 'job-1', 'user-1', 5, {}, [], null],
      ],
    )
  })

  test('each event names the one before it, and is never earlier', async (store) => {
    await store.create(aJob())
    for (let percent = 1; percent <= 10; percent++) await store.updateProgress('job-1', { percent })
    const events = await collect(store.history('job-1'))
    assert.deepStrictEqual(
      events.map((event) => event.previous),
      [null, ...events.slice(0, -1).map((event) => event.id)],
    )
    assert.strictEqual(new Set(events.map((event) => event.id)).size, 11)
    assert.strictEqual(new Set(events.map((event) => event.cursor)).size, 11)
    assert.ok(events.every((event, index) => index === 0 || event.at >= (events[index - 1]?.at as Date)))
    assert.ok(events.every((event) => Math.abs(event.at.getTime() - Date.now()) < 60_000))
  })

  test('goes on over deletes and expiries of the same id', async (store) => {
    const lives: Partial<AnyJob>[] = [{}, { expiresAt: new Date(5) }, {}]
    for (const life of lives) {
      await store.create(aJob(life))
      await store.updateProgress('job-1', { percent: 1 })
      await store.delete('job-1')
    }
    const events = await collect(store.history('job-1'))
    assert.deepStrictEqual(
      events.map((event) => event.type),
      ['created', 'progressed', 'deleted', 'created', 'expired', 'created', 'progressed', 'deleted'],
    )
    assert.deepStrictEqual(
      events.map((event) => event.version),
      [1, 2, 3, 4, 5, 6, 7, 8],
    )
  })

  test('who was told by meta stands in the event, as it was given', async (store) => {
    const meta = {
      actor: 'ada',
      reason: 'retry',
      correlationId: 'c-1',
      at: new Date(5),
      tags: ['x', { n: 1n }],
      none: null,
    }
    await store.create(aJob(), { meta })
    await store.update('job-1', { note: 1 }, { meta: {} })
    await store.updateStatus('job-1', 'queued', { meta: { actor: 'bob' } })
    await store.updateProgress('job-1', { percent: 1 }, { meta: { version: 7, data: 'x' } })
    await store.delete('job-1', { meta: { reason: '' } })
    assert.deepStrictEqual(
      (await collect(store.history('job-1'))).map((event) => event.meta),
      [meta, {}, { actor: 'bob' }, { version: 7, data: 'x' }, { reason: '' }],
    )
  })

  for (const count of [255, 256, 257, 700]) {
    test(`is whole with ${count} events`, async (store) => {
      await store.create(aJob())
      const work = Array.from({ length: count - 1 }, (_, index) => store.update('job-1', { index }))
      await Promise.all(work)
      const events = await collect(store.history('job-1'))
      assert.deepStrictEqual(
        events.map((event) => event.version),
        Array.from({ length: count }, (_, index) => index + 1),
      )
      assert.deepStrictEqual(
        events.slice(1).map((event) => event.data['index']),
        Array.from({ length: count - 1 }, (_, index) => index),
      )
    })
  }

  test('is without gap or double while the job goes on changing', async (store) => {
    await store.create(aJob())
    await Promise.all(Array.from({ length: 600 }, (_, index) => store.update('job-1', { index })))
    const versions: number[] = []
    for await (const event of store.history('job-1')) {
      versions.push(event.version)
      if (versions.length % 50 === 0) await store.updateProgress('job-1', { percent: 1 })
      assert.ok(versions.length < 2000, 'it follows the writers and never ends')
    }
    assert.ok(versions.length >= 601)
    assert.deepStrictEqual(
      versions,
      versions.map((_, index) => index + 1),
    )
  })

  test('can be left in the middle, and read again', async (store) => {
    await store.create(aJob())
    await store.updateStatus('job-1', 'queued')
    for await (const event of store.history('job-1')) {
      assert.strictEqual(event.version, 1)
      break
    }
    assert.strictEqual((await collect(store.history('job-1'))).length, 2)
  })

  test("what it gives is the caller's: changing it changes nothing in the log", async (store) => {
    await store.create(aFullJob({ bytes: Buffer.from([1, 2]) }), { meta: { tags: ['a'] } })
    await store.update('job-1', { list: [1], ...removing('error') })
    // As text, since two reads that share an object would be equal whatever happens to it.
    const before = inspect(await collect(store.history('job-1')), { depth: null })
    const spoilt = await collect(store.history('job-1'))
    for (const event of spoilt) {
      event.at.setTime(0)
      event.removed.push('spoilt')
      event.type = 'deleted'
      ;(event.data['bytes'] as Buffer | undefined)?.fill(0)
      ;(event.data['list'] as number[] | undefined)?.push(2)
      event.data.status = 'spoilt'
      ;(event.meta?.['tags'] as string[] | undefined)?.push('b')
    }
    assert.notStrictEqual(inspect(spoilt, { depth: null }), before)
    assert.strictEqual(inspect(await collect(store.history('job-1')), { depth: null }), before)
    assert.deepStrictEqual((await store.findById('job-1'))?.['list'], [1])
  })

  test('of what is no text is a TypeError', async (store) => {
    for (const id of [undefined, null, 5, {}]) await assertTypeError(() => collect(store.history(id as string)), 'id')
  })
}
