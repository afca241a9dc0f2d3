import assert from 'node:assert/strict'

import { Redis } from 'ioredis'

import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { startRedis } from '../support/redis-server.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { newPlace, openAt } from './harness/place.ts'
import { watchScripts } from './support/script-watch.ts'

const OWNER = 'owner'
const LONG_ID = 'long'
const AT_ONCE = 2000
/** A call that gives no more commands than these holds Redis for some 5 ms at most. How long it is is no violation: a busy
 * machine makes any call long. */
const MOST_COMMANDS = 2000

faultTest({
  name: 'long log',
  promises: ['P18'],
  // Events.
  amount: { short: 15_000, long: 1_000_000 },
  floor: () => 200,
  mutants: ['a sweep takes all that is due', 'a call takes all that waits'],
  run: useLongLog,
})

/** Each verb, on a log with that many events, half of them of one user's jobs, and one job with a tenth of them. */
async function useLongLog(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  await using store = await openAt(newPlace(server, 1), { build: context.build })
  await fill(store, context.amount)
  const violations: string[] = []
  let [calls, most, longestMs, longest] = [0, 0, 0, '']
  for (const [verb, run] of Object.entries(deedsOn(store, context.amount))) {
    const watch = await watchScripts(redis)
    await run()
    const found = await watch.end()
    calls += found.calls
    most = Math.max(most, found.commandsEach)
    if (found.longestMs > longestMs) [longestMs, longest] = [found.longestMs, verb]
    if (found.commandsEach > MOST_COMMANDS) violations.push(`${verb}: ${found.commandsEach} commands a script call`)
  }
  redis.disconnect()
  const slow = longestMs === 0 ? 'none over 5 ms' : `the longest ${longestMs.toFixed(0)} ms (${longest})`
  const figures = `${context.amount} events: ${calls} script calls, ${most.toFixed(0)} commands each at most; ${slow}`
  return { hits: calls, violations, figures }
}

async function fill(store: JobStore<AnyJob>, events: number): Promise<void> {
  const jobs = Math.ceil(events / 5)
  await inChunks(jobs, async (index) => {
    const id = `job-${index}`
    await store.create(aJob({ id, userId: index % 2 === 0 ? OWNER : `user-${index % 1000}` }))
    for (let step = 1; step <= 3; step++) await store.updateProgress(id, { percent: step })
  })
  await store.create(aJob({ id: LONG_ID }))
  await inChunks(Math.ceil(events / 10), (index) => store.updateProgress(LONG_ID, { percent: index % 101 }))
  const expiresAt = new Date(Date.now() + 1)
  await inChunks(Math.ceil(events / 10), (index) =>
    store.create(aJob({ id: `due-${index}`, userId: OWNER, expiresAt })),
  )
}

/** What a program does: alone, and as many at once as a busy instance has. */
function deedsOn(store: JobStore<AnyJob>, events: number): Record<string, () => Promise<unknown>> {
  const many = (call: (index: number) => Promise<unknown>) => (): Promise<unknown> => inChunks(AT_ONCE, call)
  return {
    'counts, with many jobs due': () => store.countByStatus('pending'),
    'progress of many jobs': many((index) => store.updateProgress(`job-${index}`, { percent: 5 })),
    'a status of many jobs, guarded': many((index) =>
      store.updateStatus(`job-${index}`, 'queued', { expectedVersion: 5, commandId: 'a' }),
    ),
    'many new jobs': many((index) => store.create(aJob({ id: `new-${index}`, userId: OWNER }))),
    'many reads': many((index) => store.findById(`job-${index}`)),
    'many deletes': many((index) => store.delete(`new-${index}`)),
    'a page deep in a list': () => store.findByUserId(OWNER, { limit: 100, offset: Math.floor(events / 20) }),
    'a page of a status': () => store.findByUserId(OWNER, { status: 'queued', limit: 100 }),
    'the count of a user': () => store.countByUserId(OWNER),
    'the history of one job': () => passOver(store.history(LONG_ID)),
    'a job as of a version': () => store.findByIdAsOf(LONG_ID, { version: 2 }),
    'the whole log': () => passOver(store.events()),
    stats: () => store.stats(),
    verify: async () => assert.deepEqual((await store.verify()).drift, []),
    rebuild: async () => assert.equal((await store.rebuild()).repaired, 0),
    compact: async () => assert.ok((await store.compact({ before: new Date() })).dropped > 0),
  }
}

async function inChunks(count: number, call: (index: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => call(from + at)))
}

async function passOver(events: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of events) count++
  return count
}
