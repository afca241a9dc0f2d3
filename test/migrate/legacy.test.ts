import * as assert from 'node:assert/strict'
import { Readable } from 'node:stream'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import type { Job } from '../../src/core/job.ts'
import { readLegacyJsonLines } from '../../src/legacy/json-lines.ts'
import { readLegacyRedis } from '../../src/legacy/redis.ts'
import { readLegacySqlite } from '../../src/legacy/sqlite.ts'
import { aFullLegacyJob, aLegacyJob } from '../legacy/fixtures/jobs.ts'
import { OutlineRedisStore } from '../legacy/fixtures/outline-redis-store.ts'
import { OutlineSqliteStore } from '../legacy/fixtures/outline-sqlite-store.ts'
import { withPath } from '../sqlite/support/stores.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { House, HOUSES } from './support/houses.ts'

const test = suite('jobs of stores written by hand')

const JOBS = [aLegacyJob(), aFullLegacyJob({ id: 'job-2' }), aLegacyJob({ id: 'job-3', userId: 'user-2' })]

/** Creates what comes in each kind of store, and finds it there. */
async function assertMovesEverywhere(read: () => AsyncIterable<Job>): Promise<void> {
  for (const [name, factory] of Object.entries(HOUSES)) {
    await using house = new House(factory)
    const store = await house.open()
    for await (const job of read()) await store.create({ ...job })
    for (const job of JOBS) assert.deepEqual(await store.findById(job.id), job, name)
    assert.equal(await store.countByUserId('user-1'), 2)
    assert.equal((await store.stats()).jobs, JOBS.length)
    assert.deepEqual((await store.verify()).drift, [])
  }
}

test('move from Redis hashes into every kind of store', async () => {
  const { url } = await sharedRedis()
  const keyPrefix = `${randomPrefix()}:job:`
  const redis = new Redis(url)
  const outline = new OutlineRedisStore(redis, keyPrefix)
  for (const job of JOBS) await outline.create(job)
  await assertMovesEverywhere(() => readLegacyRedis(redis, { keyPrefix }))
  await redis.quit()
})

test(
  'move from a table of SQLite into every kind of store',
  withPath(async (path) => {
    const outline = new OutlineSqliteStore(path)
    for (const job of JOBS) outline.create(job)
    outline.close()
    await assertMovesEverywhere(() => readLegacySqlite(path))
  }),
)

test('move from JSON lines into every kind of store', () =>
  assertMovesEverywhere(() => readLegacyJsonLines(Readable.from(JOBS.map((job) => `${JSON.stringify(job)}\n`)))))

test.run()
