import * as assert from 'node:assert/strict'

import { JobStoreError } from '../../src/core/errors.ts'
import type { JobStore } from '../../src/contract.ts'
import { assertRejects, collect } from './assertions.ts'
import type { AnyJob, Suite } from './harness.ts'
import { aJob, createMany } from './jobs.ts'

/** Every verb, each with arguments that are fine. */
const CALLS: Record<
  Exclude<keyof JobStore<AnyJob>, 'close' | typeof Symbol.asyncDispose>,
  (store: JobStore<AnyJob>) => Promise<unknown>
> = {
  ready: (store) => store.ready(),
  create: (store) => store.create(aJob({ id: 'job-2' })),
  findById: (store) => store.findById('job-1'),
  findRecord: (store) => store.findRecord('job-1'),
  findByUserId: (store) => store.findByUserId('user-1'),
  listByUserId: (store) => store.listByUserId('user-1'),
  update: (store) => store.update('job-1', { note: 1 }),
  updateStatus: (store) => store.updateStatus('job-1', 'queued'),
  updateProgress: (store) => store.updateProgress('job-1', { percent: 1 }),
  delete: (store) => store.delete('job-1'),
  countByUserId: (store) => store.countByUserId('user-1'),
  countByStatus: (store) => store.countByStatus('pending'),
  findByIdAsOf: (store) => store.findByIdAsOf('job-1', { version: 1 }),
  history: (store) => collect(store.history('job-1')),
  events: (store) => collect(store.events()),
  subscribe: (store) => store.subscribe()[Symbol.asyncIterator]().next(),
  watch: (store) => store.watch('job-1')[Symbol.asyncIterator]().next(),
  purgeExpired: (store) => store.purgeExpired(),
  verify: (store) => store.verify(),
  rebuild: (store) => store.rebuild(),
  compact: (store) => store.compact({ before: new Date() }),
  stats: (store) => store.stats(),
}

export const closed: Suite = (test) => {
  for (const [verb, call] of Object.entries(CALLS)) {
    test(`${verb} rejects once the store is closed`, async (store) => {
      await store.create(aJob())
      await store.close()
      await assertRejects(() => call(store), 'STORE_CLOSED')
    })

    test(`${verb} rejects once the store is being closed`, async (store) => {
      await store.create(aJob())
      const closing = store.close()
      await assertRejects(() => call(store), 'STORE_CLOSED')
      await closing
    })

    test(`${verb} rejects on a store that was closed before its first use`, async (store) => {
      await store.close()
      await assertRejects(() => call(store), 'STORE_CLOSED')
    })

    test(`${verb} comes to an end when the store is closed under it`, async (store) => {
      await store.create(aJob())
      const calls = Array.from({ length: 20 }, () => call(store))
      const [settled] = await Promise.all([Promise.allSettled(calls), store.close()])
      for (const one of settled) {
        if (one.status === 'fulfilled') continue
        assert.ok(one.reason instanceof JobStoreError, String(one.reason))
        assert.ok(['STORE_CLOSED', 'JOB_ALREADY_EXISTS'].includes(one.reason.code), String(one.reason))
      }
    })
  }

  test('arguments that are no longer of use do not make another error', async (store) => {
    await store.close()
    await assertRejects(() => store.findById(''), 'STORE_CLOSED')
    await assertRejects(() => store.findByUserId('user-1', { limit: 0 }), 'STORE_CLOSED')
    await assertRejects(() => store.countByUserId(''), 'STORE_CLOSED')
    await assertRejects(() => store.update('', {}), 'STORE_CLOSED')
    await assertRejects(() => collect(store.events({ types: [] })), 'STORE_CLOSED')
    await assertRejects(() => collect(store.history('')), 'STORE_CLOSED')
  })

  test('commands that were given before are finished', async (store) => {
    const given = [
      store.create(aJob()),
      store.updateStatus('job-1', 'queued'),
      store.updateProgress('job-1', { percent: 9 }),
    ]
    const [outcomes] = await Promise.all([Promise.all(given), store.close()])
    assert.ok(typeof outcomes[2] === 'object' && outcomes[2]?.progress.percent === 9)
    assert.strictEqual(outcomes[2].status, 'queued')
  })

  test('close waits for the commands that were given before', async (store) => {
    let isDone = false
    const given = Promise.all(Array.from({ length: 600 }, (_, index) => store.create(aJob({ id: `${index}` })))).then(
      () => {
        isDone = true
      },
    )
    await store.close()
    await Promise.resolve()
    assert.ok(isDone)
    await given
  })

  const readings: [string, (store: JobStore<AnyJob>) => AsyncIterable<unknown>][] = [
    ['the log', (store) => store.events()],
    ['a history', (store) => store.history('job-00000')],
  ]
  for (const [name, read] of readings) {
    test(`a reading of ${name} that is under way ends with the error`, async (store) => {
      await createMany(store, 10)
      await store.updateStatus('job-00000', 'queued')
      const iterator = read(store)[Symbol.asyncIterator]()
      assert.strictEqual((await iterator.next()).done, false)
      await store.close()
      await assertRejects(() => iterator.next(), 'STORE_CLOSED')
      assert.strictEqual((await iterator.next()).done, true)
    })
  }

  test('closing again is fine, by either name, also at once', async (store) => {
    await store.create(aJob())
    await Promise.all([store.close(), store.close(), store[Symbol.asyncDispose]()])
    await store.close()
    await store[Symbol.asyncDispose]()
  })

  test('leaving the block of an `await using` closes the store', async (_, open) => {
    const store = await open.elsewhere()
    {
      await using own = store
      await own.create(aJob())
    }
    await assertRejects(() => store.findById('job-1'), 'STORE_CLOSED')
  })

  test('ready can be awaited as often as one likes', async (store) => {
    await Promise.all([store.ready(), store.ready()])
    await store.ready()
    await store.create(aJob())
    assert.strictEqual(await store.ready(), undefined)
  })
}
