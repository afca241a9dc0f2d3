import assert from 'node:assert/strict'

import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { Reading } from '../contract/reading.ts'
import { eventually } from '../support/eventually.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { tell } from '../support/server-with-store.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { promote, startPrimary, startReplica } from '../support/topology/replica.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { codeOf } from './support/code-of.ts'

/** Promised is a second; a machine may be busy. */
const TOLD_WITHIN_MS = 5000
const SOON_MS = 1000

faultTest({
  name: 'rewound reader',
  promises: ['P8', 'P9'],
  amount: { short: 2, long: 50 },
  floor: (amount) => amount,
  mutants: ["a cursor's own entry is not looked up", "a cursor's epoch is not compared"],
  run: rewind,
})

async function rewind(context: ScenarioContext): Promise<Outcome> {
  const violations: string[] = []
  const tookMs: number[] = []
  for (let round = 0; round < context.amount; round++)
    tookMs.push(await promoteBehind(context, round % 2 === 0 ? 1 : 3, violations))
  const soon = tookMs.filter((ms) => ms < SOON_MS).length
  const figures = `readers told after ${Math.max(...tookMs).toFixed(0)} ms at most, ${soon} of ${tookMs.length} times in under 1 s`
  return { hits: tookMs.length, violations, figures }
}

/** A replica is promoted that lacks what readers have had. @returns how long it took until each of them was told, in ms */
async function promoteBehind(context: ScenarioContext, partitions: number, violations: string[]): Promise<number> {
  await using primary = await startPrimary()
  await using replica = await startReplica(primary.port)
  await using front = await TcpProxy.to(primary.port)
  const { RedisJobStore } = await context.load()
  const own = { partitions, sweepIntervalMs: 0, onWarning: () => {} }
  const url = `redis://127.0.0.1:${front.port}`
  await using store = new RedisJobStore<AnyJob>(url, { ...own, prefix: randomPrefix() })
  await store.create(aJob({ id: 'a' }))
  await tell(replica, (redis) => eventually(async () => assert.equal((await redis.keys('*}:events')).length, 1)))
  await promote(replica)
  const readings = [{}, { jobId: 'a' }].map((query) => new Reading(store.subscribe({ ...query, after: 'start' })))
  const sights = new Reading(store.watch('a'))
  await sights.has(1)
  for (let percent = 2; percent <= 9; percent++) await store.updateProgress('a', { percent })
  for (const reading of readings) await reading.has(9)
  const held = readings[0]?.all.at(-1)?.cursor ?? ''

  const startedAt = performance.now()
  front.failOver(replica.port)
  for (const reading of readings) {
    await eventually(() => assert.notEqual(reading.outcome, null), { timeoutMs: 2 * TOLD_WITHIN_MS }).catch(() => {})
    if (codeOf(reading.outcome) !== 'LOG_REWOUND')
      violations.push(`P8: a reader ahead of the log ended with ${codeOf(reading.outcome)}`)
  }
  const tookMs = performance.now() - startedAt
  if (tookMs > TOLD_WITHIN_MS) violations.push(`P8: readers were told after ${tookMs.toFixed(0)} ms`)
  const newest = (readings[0]?.outcome as { newest?: string } | null)?.newest
  violations.push(...(await outgrow(store, held, newest)))
  await using other = new RedisJobStore<AnyJob>(url, { ...own, prefix: randomPrefix() })
  const foreign = await endingOf(other, held)
  if (foreign !== 'INVALID_CURSOR') violations.push(`P9: another store's cursor was read: ${foreign}`)
  const last = await store.findById('a')
  await eventually(() => assert.deepEqual(sights.all.at(-1)?.job, last)).catch((error: unknown) =>
    violations.push(`P8: watch() did not recover: ${String(error)}`),
  )
  return tookMs
}

/** The log comes to hold other events where the readers were: they must not be taken for those that come next. */
async function outgrow(store: JobStore<AnyJob>, held: string, newest: string | undefined): Promise<string[]> {
  const violations: string[] = []
  const percents = Array.from({ length: 20 }, (_, index) => 51 + index)
  for (const percent of percents) await store.updateProgress('a', { percent })
  const resumed = await endingOf(store, held)
  if (resumed !== 'LOG_REWOUND') violations.push(`P8: a reader went on after an event that is lost: ${resumed}`)
  if (newest === undefined) return violations
  const again = new Reading(store.subscribe({ after: newest }))
  const read = await again.has(percents.length)
  if (read.some(({ data }, index) => data.progress?.percent !== percents[index]))
    violations.push('P8: a reader that went on where it was told to did not get what comes next')
  await again.leave()
  return violations
}

/** What a reader that goes on after a cursor ends with; 'it goes on' if nothing ends it. */
async function endingOf(store: JobStore<AnyJob>, after: string): Promise<string> {
  const reading = new Reading(store.subscribe({ after }))
  try {
    await eventually(() => assert.notEqual(reading.outcome, null), { timeoutMs: 1500 })
    return codeOf(reading.outcome)
  } catch {
    return 'it goes on'
  } finally {
    await reading.leave()
  }
}
