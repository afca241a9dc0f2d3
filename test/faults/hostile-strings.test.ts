import { isDeepStrictEqual } from 'node:util'

import { Redis } from 'ioredis'

import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { startRedis } from '../support/redis-server.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { inspect } from './harness/oracles.ts'
import { newPlace, openAt } from './harness/place.ts'
import { hostileText } from './support/hostile-text.ts'

const AT_ONCE = 500
const PARTITIONS = 3

faultTest({
  name: 'hostile strings',
  promises: ['P3', 'P13', 'P17'],
  amount: { short: 1500, long: 100_000 },
  floor: (amount) => amount / 2,
  mutants: ['ids that differ in case share a hash', 'a status may run into the id of a user'],
  run: useHostileStrings,
})

/** Jobs with ids and users of such texts, beside keys of somebody else: each is found, listed and counted as its own. */
async function useHostileStrings(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  // Without its server it ends, and keeps nobody waiting.
  const redis = new Redis(server.url, { retryStrategy: null })
  const foreign = await putForeignKeys(redis)
  const place = newPlace(server, PARTITIONS)
  await using store = await openAt(place, { build: context.build, statuses: { a: null, 'a:a': null } })
  const jobs = new Map<string, AnyJob>()
  const violations: string[] = []
  let userBefore = 'a'
  while (jobs.size < context.amount) {
    const id = hostileText(context.random)
    if (jobs.has(id)) continue
    const job = anyJob(id, userBefore, context.random)
    userBefore = job.userId
    jobs.set(id, job)
    if (jobs.size % AT_ONCE === 0) violations.push(...(await createAll(store, [...jobs.values()].slice(-AT_ONCE))))
  }
  violations.push(...(await createAll(store, [...jobs.values()].slice(jobs.size - (jobs.size % AT_ONCE)))))
  violations.push(...(await wrongJobs(store, jobs)), ...(await wrongLists(store, jobs)))
  violations.push(...(await inspect(place, [])).violations)
  for (const [key, dump] of foreign)
    if (!dump.equals(await redis.dumpBuffer(key))) violations.push(`${JSON.stringify(key)} changed`)
  redis.disconnect()
  return { hits: jobs.size, violations }
}

/** Every tenth user is one whose name begins with a status, before the name of the user just before. */
function anyJob(id: string, userBefore: string, random: () => number): AnyJob {
  const isTwin = random() < 0.1 && Buffer.byteLength(userBefore) < 500
  const userId = isTwin ? `a:${userBefore}` : hostileText(random)
  return aJob({ id, userId, status: random() < 0.5 ? 'a' : 'a:a', note: hostileText(random) })
}

/** Names that a key made without care would run into. */
async function putForeignKeys(redis: Redis): Promise<Map<string, Buffer>> {
  const keys = ['', '{', 'user:', 'job:a', '{jobs:0}:job:a', '__proto__', '*']
  const dumps = new Map<string, Buffer>()
  for (const key of keys) {
    await redis.hset(key, 'field', 'value')
    dumps.set(key, await redis.dumpBuffer(key))
  }
  return dumps
}

async function createAll(store: JobStore<AnyJob>, jobs: readonly AnyJob[]): Promise<string[]> {
  const endings = await Promise.allSettled(jobs.map((job) => store.create(job)))
  return endings.flatMap((ending, index) =>
    ending.status === 'fulfilled'
      ? []
      : [`job ${JSON.stringify(jobs[index]?.id)} was refused: ${String(ending.reason)}`],
  )
}

async function wrongJobs(store: JobStore<AnyJob>, jobs: ReadonlyMap<string, AnyJob>): Promise<string[]> {
  const violations: string[] = []
  const all = [...jobs]
  for (let from = 0; from < all.length; from += AT_ONCE)
    await Promise.all(
      all.slice(from, from + AT_ONCE).map(async ([id, job]) => {
        const found = await store.findById(id)
        if (!isDeepStrictEqual(found, job)) violations.push(`job ${JSON.stringify(id)} is another's`)
      }),
    )
  return violations
}

async function wrongLists(store: JobStore<AnyJob>, jobs: ReadonlyMap<string, AnyJob>): Promise<string[]> {
  const violations: string[] = []
  const lists = new Map<string, AnyJob[]>()
  for (const job of jobs.values()) {
    const place = JSON.stringify([job.userId, job.status])
    lists.set(place, [...(lists.get(place) ?? []), job])
  }
  const all = [...lists.values()]
  for (let from = 0; from < all.length; from += AT_ONCE)
    violations.push(
      ...(await Promise.all(all.slice(from, from + AT_ONCE).map((list) => wrongList(store, list)))).flat(),
    )
  return violations
}

async function wrongList(store: JobStore<AnyJob>, list: readonly AnyJob[]): Promise<string[]> {
  const [{ userId, status } = aJob()] = list
  const found = await store.findByUserId(userId, { status, limit: list.length + 1 })
  const ids = new Set(found.map(({ id }) => id))
  if (ids.size === list.length && list.every(({ id }) => ids.has(id))) return []
  return [`the list of ${JSON.stringify(userId)}, ${JSON.stringify(status)}: ${ids.size} for ${list.length}`]
}
