import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { Reading } from '../contract/reading.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { Ledger } from './harness/ledger.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'
import { compareWithSlice } from './harness/reader-oracle.ts'

const DEADLINE_MS = 1000
/** For a process that was busy with something else when the deadline came. */
const SLACK_MS = 1500
const SHORT_FREEZE_S = 3
const CALLS_EVERY_MS = 20
const JOBS = ['a', 'b', 'c']

faultTest({
  name: 'frozen server',
  promises: ['P5', 'P8'],
  // Seconds of the longest freeze.
  amount: { short: SHORT_FREEZE_S, long: 30 },
  floor: (amount) => amount * 10,
  mutants: ['a call has no deadline', 'what may have been applied is called rejected'],
  run: freeze,
})

/** Hits are the calls that the freeze kept from ending well. Readers wait through it, and miss nothing. */
async function freeze({ amount, build }: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const place = newPlace(server, 1)
  const ledger = new Ledger('client')
  await using store = await openAt(place, { build, retryForMs: DEADLINE_MS })
  await eventually(() => store.ready(), { timeoutMs: 30_000 })
  const readings = [new Reading(store.subscribe({ after: 'start' })), new Reading(store.subscribe({ jobId: 'a' }))]
  await eventually(() => create(store), { timeoutMs: 30_000 })
  for (const reading of readings) await reading.has(1)
  const connections = await connectionsTo(server)
  const violations: string[] = []
  for (const seconds of new Set([Math.min(SHORT_FREEZE_S, amount), amount])) {
    server.pause()
    await callFor(store, ledger, seconds * 1000)
    server.resume()
    await ledger.settled(DEADLINE_MS + SLACK_MS)
    violations.push(...(await recovers(store, ledger)))
  }
  const { events, violations: found } = await inspect(place, ledger.entries)
  violations.push(...found, ...late(ledger), ...(await missed(readings, events)))
  await eventually(async () => assert.equal(await connectionsTo(server), connections, 'connections are left behind'))
  const hits = ledger.entries.filter(({ told }) => told === 'unknown' || told === 'rejected').length
  const slowest = Math.max(...ledger.entries.map(({ ms }) => ms))
  return {
    hits,
    violations,
    figures: `${ledger.entries.length} calls, the slowest ended after ${Math.round(slowest)} ms`,
  }
}

async function create(store: JobStore<AnyJob>): Promise<void> {
  for (const id of JOBS) if ((await store.findById(id)) === null) await store.create(aJob({ id }))
}

async function callFor(store: JobStore<AnyJob>, ledger: Ledger, ms: number): Promise<void> {
  const end = performance.now() + ms
  for (let count = 0; performance.now() < end; count++) {
    const id = JOBS[count % JOBS.length] as string
    void ledger.give(id, (options) => store.updateProgress(id, { percent: count % 101 }, options))
    // A read is no command, and has the same deadline.
    void ledger.give(id, async () => {
      await store.findById(id)
      return null
    })
    await delay(CALLS_EVERY_MS)
  }
}

/** Once the server is back, the store is too. */
async function recovers(store: JobStore<AnyJob>, ledger: Ledger): Promise<string[]> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const job = await ledger.give('a', (options) => store.updateProgress('a', { percent: 100 }, options))
    if (job !== null) return []
  }
  return ['P5: the server is back, and the store is not']
}

function late({ entries }: Ledger): string[] {
  return entries
    .filter(({ ms }) => ms > DEADLINE_MS + SLACK_MS)
    .map(({ mark, ms }) => `P5: ${mark} ended after ${Math.round(ms)} ms`)
}

async function missed(
  readings: readonly Reading<{ id: string }>[],
  events: readonly { id: string; jobId: string }[],
): Promise<string[]> {
  const wanted = [events, events.filter(({ jobId }) => jobId === 'a')].map((all) => all.map(({ id }) => id))
  const violations: string[] = []
  for (const [index, reading] of readings.entries()) {
    const ids = wanted[index] ?? []
    await eventually(() => assert.ok(reading.all.length >= ids.length), { timeoutMs: 15_000 }).catch(() => {})
    const read = reading.all.map(({ id }) => id)
    violations.push(...compareWithSlice(`reader ${index}`, read, ids))
  }
  return violations
}

async function connectionsTo(server: RedisServer): Promise<number> {
  let count = 0
  await tell(server, async (redis) => {
    count = Number(/^connected_clients:(\d+)/m.exec(await redis.info('clients'))?.[1])
  })
  return count
}
