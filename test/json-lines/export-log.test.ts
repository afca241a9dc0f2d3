import * as assert from 'node:assert/strict'
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import { suite } from 'uvu'

import type { JobStore } from '../../src/contract.ts'
import { evolve, type JobState } from '../../src/core/evolve.ts'
import { exportLog } from '../../src/json-lines/export-log.ts'
import { readLogLines } from '../../src/json-lines/read-log-lines.ts'
import { MemoryJobStore } from '../../src/memory/memory-job-store.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aFullJob, aJob, removing } from '../contract/jobs.ts'
import { STORABLE } from '../contract/storable.ts'
import { openStore, withPath } from '../sqlite/support/stores.ts'
import { openRedis } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'

const test = suite('exporting the whole log')

const STORES: Record<string, (path: string) => Promise<JobStore<AnyJob>>> = {
  memory: async () => new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 }),
  SQLite: async (path) => openStore(path),
  Redis: async () => openRedis((await sharedRedis()).url),
  'Redis in 7 partitions': async () => openRedis((await sharedRedis()).url, { partitions: 7 }),
}

/** A life of every kind, with every value that can be stored. */
async function fill(store: JobStore<AnyJob>): Promise<void> {
  await store.create(aFullJob(), { meta: { actor: 'ann', at: new Date(5) } })
  for (const [name, value] of STORABLE) await store.update('job-1', { [`$${name}`]: value }, { meta: { value } })
  await store.updateStatus('job-1', 'queued')
  await store.update('job-1', { ...removing('webhook', 'error'), userId: 'user-2' })
  await store.updateProgress('job-1', { percent: 33.3, $date: 'mine' })
  await store.delete('job-1', { meta: { reason: 'tidy' } })
  await store.create(aJob())
  for (let number = 2; number < 300; number++) await store.create(aJob({ id: `job-${number}` }))
  await store.update('job-2', { expiresAt: new Date(Date.now() - 1000) })
  await store.purgeExpired()
}

for (const [name, open] of Object.entries(STORES))
  test(
    `${name}: events come back equal from a file, and fold to the same jobs`,
    withPath(async (path) => {
      const store = await open(path)
      await fill(store)
      const file = `${path}.jsonl`
      await pipeline(exportLog(store), createWriteStream(file))
      const events = await collect(readLogLines<AnyJob>(createReadStream(file, { highWaterMark: 1000 })))
      const expected = (await collect(store.events())).map((event) => ({ ...event, cursor: '' }))
      assert.deepStrictEqual(events, expected)
      assert.ok(events.some((event) => event.type === 'expired'))

      const states = new Map<string, JobState>()
      for (const event of events) states.set(event.jobId, evolve(states.get(event.jobId) ?? null, event))
      for (const [id, { job }] of states) assert.deepStrictEqual(job, await store.findById(id))
      await store.close()
    }),
  )

test('the lines of an export may be read without a file in between', async () => {
  const store = new MemoryJobStore<AnyJob>({ sweepIntervalMs: 0 })
  await fill(store)
  const events = await collect(readLogLines<AnyJob>(exportLog(store)))
  assert.equal(events.length, (await store.stats()).events)
  await store.close()
})

test('an empty log is a first and a last line', async () => {
  const store = new MemoryJobStore({ sweepIntervalMs: 0 })
  const lines = await collect(exportLog(store))
  assert.deepEqual(lines, ['{"jobledger":1,"content":"log"}\n', '{"end":true,"events":0}\n'])
  await store.close()
})

test('an export that fails has no last line', async () => {
  const store = new MemoryJobStore({ sweepIntervalMs: 0 })
  await store.close()
  const lines = exportLog(store)
  assert.equal((await lines.next()).value, '{"jobledger":1,"content":"log"}\n')
  await assert.rejects(lines.next(), { code: 'STORE_CLOSED' })
})

test.run()
