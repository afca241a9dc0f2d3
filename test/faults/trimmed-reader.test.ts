import assert from 'node:assert/strict'

import type { Backend } from '../../src/backend.ts'
import { readCursor, type Position } from '../../src/core/cursor.ts'
import type { JobEvent } from '../../src/core/event.ts'
import type { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import { EventSourcedStore } from '../../src/store.ts'
import { collect } from '../contract/assertions.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { Reading } from '../contract/reading.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { codeOf } from './support/code-of.ts'

/** Entries of a stream node: trimming works by nodes. */
const NODE = 10
const STANDS = [NODE - 1, NODE, NODE + 1, 2 * NODE]
const LOG = 35
/** Shorter than a reader's look at its place: nothing but the numbers tells it then. */
const DEAD_MS = 100

faultTest({
  name: 'trimmed reader',
  promises: ['P8'],
  amount: { short: 4, long: 200 },
  floor: (amount) => amount,
  mutants: ['the numbers of events are not looked at', 'where the log begins is not looked at'],
  run: trimUnderReaders,
})

/** Half of the readers come back with a cursor, and half are live on a connection that is dead for a moment. */
async function trimUnderReaders(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis({ args: ['--stream-node-max-entries', String(NODE)] })
  await using proxy = await TcpProxy.to(server.port)
  const violations: string[] = []
  let hits = 0
  // One that is not told is waited for: the first says enough.
  for (let round = 0; round < context.amount && violations.length === 0; round++) {
    const stands = STANDS[round % STANDS.length] as number
    for (const trimmed of [stands - 1, stands, stands + 1, stands + NODE]) {
      violations.push(...(await comeBack(context, server, stands, trimmed)))
      if (trimmed > stands) hits++
    }
    violations.push(...(await passLive(context, server, proxy)))
  }
  return { hits, violations, figures: `${hits} readers passed beside, ${context.amount} live ones` }
}

async function comeBack(
  context: ScenarioContext,
  server: RedisServer,
  stands: number,
  trimmed: number,
): Promise<string[]> {
  const { RedisJobStore } = await context.load()
  const prefix = randomPrefix()
  await using writer = openRedis(server.url, { prefix })
  await using store = new RedisJobStore<AnyJob>(server.url, { prefix, sweepIntervalMs: 0, onWarning: () => {} })
  await writer.create(aJob({ id: 'a' }))
  await update(writer, LOG - 1)
  const log = await collect(writer.events())
  await trim(writer, log[trimmed - 1] as JobEvent<AnyJob>)
  const what = `a reader at ${stands}, trimmed through ${trimmed}`
  const reading = new Reading(store.subscribe({ after: log[stands - 1]?.cursor ?? '' }))
  const isPassed = trimmed > stands
  await eventually(() => assert.ok(isPassed ? reading.outcome !== null : reading.all.length >= LOG - stands)).catch(
    () => {},
  )
  const { outcome, all } = reading
  await reading.leave()
  if (!isPassed) return isSame(all, log.slice(stands)) ? [] : [`P8: ${what} got ${all.length} events`]
  if (codeOf(outcome) !== 'CURSOR_GAP')
    return [`P8: ${what} got ${all.length} events and ended with ${codeOf(outcome)}`]
  const rest = new Reading(store.subscribe({ after: (outcome as { oldest: string }).oldest }))
  const read = await rest.has(LOG - trimmed)
  await rest.leave()
  return isSame(read, log.slice(trimmed)) ? [] : [`P8: ${what} could not go on where it was told to`]
}

/** The log grows, and is trimmed past a live reader, while it hears nothing. */
async function passLive(context: ScenarioContext, server: RedisServer, proxy: TcpProxy): Promise<string[]> {
  const { RedisJobStore } = await context.load()
  const prefix = randomPrefix()
  await using writer = openRedis(server.url, { prefix })
  await using store = new RedisJobStore<AnyJob>(`redis://127.0.0.1:${proxy.port}`, {
    prefix,
    sweepIntervalMs: 0,
    onWarning: () => {},
  })
  await writer.create(aJob({ id: 'a' }))
  const reading = new Reading(store.subscribe({ after: 'start' }))
  await reading.has(1)
  await update(writer, 1)
  await reading.has(2)
  proxy.freeze()
  const deadUntil = performance.now() + DEAD_MS
  // By itself: it ends the read that waits, and the next one comes after the trimming.
  await update(writer, 1)
  await update(writer, LOG)
  const log = await collect(writer.events())
  await trim(writer, log[LOG - 5] as JobEvent<AnyJob>)
  await eventually(() => assert.ok(performance.now() >= deadUntil))
  proxy.thaw()
  await eventually(() => assert.notEqual(reading.outcome, null), { timeoutMs: 15_000 }).catch(() => {})
  const { outcome, all } = reading
  await reading.leave()
  if (codeOf(outcome) !== 'CURSOR_GAP') return [`P8: a live reader that was passed ended with ${codeOf(outcome)}`]
  return isSame(all, log.slice(0, all.length)) ? [] : ['P8: a live reader that was passed has a hole']
}

async function update(store: RedisJobStore<AnyJob>, times: number): Promise<void> {
  await Promise.all(Array.from({ length: times }, (_, step) => store.updateProgress('a', { percent: step })))
}

/** Takes the log's beginning away, up to an event, as a compaction does after its snapshots. */
async function trim(store: RedisJobStore<AnyJob>, last: JobEvent<AnyJob>): Promise<void> {
  const [through] = readCursor(last.cursor).positions
  await EventSourcedStore.onBackend(store, (backend: Backend) => backend.trim(0, through as Position, []))
}

function isSame(one: readonly JobEvent<AnyJob>[], other: readonly JobEvent<AnyJob>[]): boolean {
  return one.length === other.length && one.every(({ id }, index) => id === other[index]?.id)
}
