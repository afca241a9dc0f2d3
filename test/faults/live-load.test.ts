import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

import { suite } from 'uvu'

import { SlowConsumerError } from '../../src/core/errors.ts'
import type { JobEvent } from '../../src/core/event.ts'
import type { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, textOf } from '../contract/jobs.ts'
import { Reading } from '../contract/reading.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'

const test = suite('P8, P18: readers that stop, and many of them')

test('P18: a reader that stops reading is given up, holds nobody up, and goes on from its cursor', async () => {
  await using store = openRedis((await sharedRedis()).url)
  const stuck = store.subscribe({ bufferSize: 1000 })[Symbol.asyncIterator]()
  const quick = new Reading(store.subscribe())
  const first = stuck.next()
  await store.create(aJob({ id: 'a', text: textOf(1000) }))
  const seen = [((await first).value as JobEvent<AnyJob>).id]
  await write(store, 5000)
  await eventually(() => assert.equal(quick.all.length, 5001))
  const error = await stuck.next().catch((reason: unknown) => reason)
  assert.ok(error instanceof SlowConsumerError, String(error))
  const again = new Reading(store.subscribe({ after: error.cursor, bufferSize: 10 }))
  await eventually(() => assert.equal(again.all.length, 5000))
  seen.push(...again.all.map(({ id }) => id))
  assert.deepEqual(
    seen,
    quick.all.map(({ id }) => id),
  )
})

test('P8: readers that take their time catch up, each at its own pace, while others are live', async () => {
  await using store = openRedis((await sharedRedis()).url)
  await store.create(aJob({ id: 'a' }))
  await write(store, 2000)
  const live = new Reading(store.subscribe())
  const slow = Array.from({ length: 20 }, async (_, reader) => {
    const ids: string[] = []
    for await (const event of store.subscribe({ after: 'start' })) {
      ids.push(event.id)
      if (ids.length % 200 === 0) await delay(reader)
      if (event.version === 4001) break
    }
    return ids
  })
  for (let round = 0; round < 20; round++) {
    await write(store, 100)
    await eventually(() => assert.equal(live.all.length, (round + 1) * 100))
  }
  const log = (await collect(store.events())).map(({ id }) => id)
  for (const ids of await Promise.all(slow)) assert.deepEqual(ids, log)
})

test('10,000 readers of one job each cost one decode an event', async () => {
  let decoded = 0
  await using store = openRedis((await sharedRedis()).url, {
    retryForMs: 60_000,
    upcast: (event) => (decoded++, event),
  })
  const readings = Array.from({ length: 10_000 }, (_, job) => new Reading(store.subscribe({ jobId: `${job}` })))
  const ids = readings.map((_, job) => `${job}`)
  await Promise.all(ids.map((id) => store.create(aJob({ id }))))
  await eventually(() => assert.ok(readings.every(({ all }) => all.length === 1)), { timeoutMs: 30_000 })
  for (const [job, reading] of readings.entries()) assert.equal(reading.all[0]?.jobId, `${job}`)
  assert.equal(decoded, 10_000)
})

async function write(store: RedisJobStore<AnyJob>, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, step) => store.updateProgress('a', { percent: step % 101, step })),
  )
}

test.run()
