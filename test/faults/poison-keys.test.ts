import { Redis } from 'ioredis'

import { within } from '../../src/redis/within.ts'
import type { AnyJob } from '../contract/harness.ts'
import { openRedis } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { codeOf } from './support/code-of.ts'
import { EVERY_COMMAND, furnish, HEIR, type Deed } from './support/every-command.ts'
import { changedKeys, dumpAll, isWriterKey, restoreAll, type Keyspace } from './support/keyspace.ts'
import { poisonsOf, type Poison } from './support/poisons.ts'

/** A call that has not ended by then hangs. */
const DEADLINE_MS = 10_000
const PREFIX = 'jobs'
const BASE = `{${PREFIX}:0}:`
const META = `${BASE}meta`

/** Keys that are made by the commands alone. */
const TO_COME = [
  `job:new`,
  `user:${HEIR}`,
  `user-status:6:queued:${HEIR}`,
  `user-status:7:pending:${HEIR}`,
  'command:1:a:c',
  'writer:*',
]

faultTest({
  name: 'poison keys',
  promises: ['P3'],
  // There are some 1,600 pairs of a command and a poison: the long form has each of them.
  amount: { short: 400, long: 2000 },
  floor: (amount) => Math.floor(amount / 8),
  mutants: ['a count is not looked at before it is counted', 'the places of a job are not looked at'],
  run: poisonEach,
})

/** Each command before each poisoned key: nothing is changed, or the command is applied whole. */
async function poisonEach(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  try {
    const base = await furnished(redis)
    const pairs = (
      await poisonsOf(
        redis,
        TO_COME.map((name) => BASE + name),
      )
    ).flatMap((poison) => EVERY_COMMAND.map((deed) => ({ poison, deed })))
    const chosen = context.amount >= pairs.length ? pairs : sample(pairs, context)
    const tally = { refused: 0, applied: 0, untouched: 0 }
    const violations: string[] = []
    for (const { poison, deed } of chosen) {
      await restoreAll(redis, base)
      const { fate, wrong } = await tryOne(context, redis, poison, deed)
      tally[fate]++
      if (wrong !== null) violations.push(`${deed.name}, ${poison.name}: ${wrong}`)
    }
    const figures = `${chosen.length} of ${pairs.length} pairs: ${tally.refused} refused, ${tally.applied} applied whole, ${tally.untouched} only read`
    return { hits: tally.refused, violations, figures }
  } finally {
    redis.disconnect()
  }
}

async function furnished(redis: Redis): Promise<Keyspace> {
  await using store = openRedis(redis, { prefix: PREFIX })
  await furnish(store)
  const base = await dumpAll(redis, (key) => !isWriterKey(key))
  await restoreAll(redis, base)
  return base
}

function sample<T>(all: readonly T[], { amount, random }: ScenarioContext): T[] {
  return Array.from({ length: amount }, () => all[Math.floor(random() * all.length)] as T)
}

interface Trial {
  fate: 'refused' | 'applied' | 'untouched'
  wrong: string | null
}

async function tryOne(context: ScenarioContext, redis: Redis, poison: Poison, deed: Deed): Promise<Trial> {
  const { RedisJobStore } = await context.load()
  const quiet = { prefix: PREFIX, sweepIntervalMs: 0, retryForMs: 2000, onWarning: () => {} }
  await using store = new RedisJobStore<AnyJob>(redis, quiet)
  // So that the writer has a key.
  await store.updateProgress('b', { percent: 1 })
  await poison.apply(redis)
  const before = await dumpAll(redis, (key) => !isWriterKey(key))
  const error = await errorOf(() => within(deed.run(store), DEADLINE_MS))
  const after = await dumpAll(redis, (key) => !isWriterKey(key))
  const changed = changedKeys(before, after)
  const fate = error !== null ? 'refused' : changed.length > 0 ? 'applied' : 'untouched'
  if (error !== null && !isStoreError(error)) return { fate, wrong: `failed with ${codeOf(error)}` }
  if (changed.length === 0) return { fate, wrong: null }
  if (error !== null && deed.isCommand)
    return { fate, wrong: `failed with ${codeOf(error)}, and changed ${changed.join(', ')}` }
  const drift = await driftOf(redis)
  await restoreAll(redis, before)
  const known = new Set(await driftOf(redis))
  const added = drift.filter((one) => !known.has(one))
  return { fate, wrong: added.length === 0 ? null : `not applied whole: ${added.join('; ')}` }
}

/** What the state has that the log does not say, as subjects: a count is off by so much, a job's fields by whatever. */
async function driftOf(redis: Redis): Promise<string[]> {
  await using store = openRedis(redis, { prefix: PREFIX })
  // Else verify() would begin elsewhere.
  if (!/^\d{1,15}$/.test((await redis.hget(META, 'trimmedSequence')) ?? ''))
    await redis.hset(META, 'trimmedSequence', 0)
  try {
    const { drift } = await store.verify()
    return drift.map(({ kind, jobId = '', userId = '', field = '', expected, actual }) =>
      kind === 'statusCount' || kind === 'userCount'
        ? `${kind} ${field}${userId} ${Number(actual) - Number(expected)}`
        : JOB_KINDS.has(kind) && jobId !== ''
          ? `job ${jobId}`
          : `${kind} ${jobId} ${userId} ${field}`,
    )
  } catch (error) {
    return [`verify() failed with ${codeOf(error)}`]
  }
}

const JOB_KINDS = new Set(['field', 'missingJob', 'orphanJob'])

async function errorOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
    return null
  } catch (error) {
    return error
  }
}

/** By its code: a mutated package has classes of its own. */
function isStoreError(error: unknown): boolean {
  return error instanceof Error && /^[A-Z_]+$/.test(String((error as { code?: unknown }).code)) && !isDriverError(error)
}

function isDriverError(error: Error): boolean {
  return error.name === 'ReplyError' || 'syscall' in error
}
