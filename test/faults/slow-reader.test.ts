import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { collect } from '../contract/assertions.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis } from '../support/redis-server.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { FollowedLog, sliceFaults } from './support/followed-log.ts'

const HANDLER_MS = 50
const EVENTS_A_SECOND = 2000
const TICK_MS = 10
const JOBS = 20
const BUFFER = 500
/** What one reply of the server brings, and is not in the buffer yet. */
const ON_THE_WAY = 256

faultTest({
  name: 'slow reader',
  promises: ['P8', 'P18'],
  // Seconds of writing.
  amount: { short: 1, long: 30 },
  floor: () => 1,
  mutants: ['the buffer of a reader has no end'],
  run: readSlowly,
})

/** One reader takes 50 ms for each of 2,000 events a second; another one of the same store is quick. */
async function readSlowly(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const prefix = randomPrefix()
  const { RedisJobStore } = await context.load()
  await using writer = openRedis(server.url, { prefix })
  await using store = new RedisJobStore<AnyJob>(server.url, { prefix, sweepIntervalMs: 0, onWarning: () => {} })
  const ids = Array.from({ length: JOBS }, (_, index) => `job-${index}`)
  await Promise.all(ids.map((id) => writer.create(aJob({ id }))))
  let isSlow = false
  const handle = async (): Promise<void> => void (isSlow && (await delay(HANDLER_MS)))
  const [slow, quick] = [new FollowedLog(store, { bufferSize: BUFFER, handle }), new FollowedLog(store)]
  await eventually(() => assert.deepEqual([slow.place, quick.place], [JOBS, JOBS]))
  isSlow = true
  let furthest = 0
  const heapBefore = process.memoryUsage().heapUsed
  let heap = 0
  const ticks = Math.ceil((context.amount * 1000) / TICK_MS)
  for (let tick = 0; tick < ticks; tick++) {
    const calls = ids.slice(0, (EVENTS_A_SECOND * TICK_MS) / 1000)
    await Promise.all([delay(TICK_MS), ...calls.map((id) => writer.updateProgress(id, { percent: tick % 101 }))])
    if (slow.slices.length === 1) furthest = Math.max(furthest, quick.place - slow.place)
    heap = Math.max(heap, process.memoryUsage().heapUsed - heapBefore)
  }
  isSlow = false
  const violations: string[] = []
  if (furthest > BUFFER + ON_THE_WAY) violations.push(`P18: ${furthest} events were held for a reader, of ${BUFFER}`)
  const log = await collect(writer.events())
  await eventually(() => assert.deepEqual([slow.place, quick.place], [log.length, log.length]), {
    timeoutMs: 30_000,
  }).catch((error: unknown) => violations.push(`P8: a reader did not catch up: ${String(error)}`))
  await Promise.all([slow.end(), quick.end()])
  violations.push(...sliceFaults(slow.slices, log), ...sliceFaults(quick.slices, log))
  if (quick.slices.length > 1) violations.push('P8: the slow reader held up the quick one')
  const told = slow.slices.filter(({ ending }) => ending === 'SLOW_CONSUMER').length
  const figures = `${log.length} events; at most ${furthest} held for a buffer of ${BUFFER}; heap + ${(heap / 1e6).toFixed(0)} MB; told ${told} times`
  return { hits: told, violations, figures }
}
