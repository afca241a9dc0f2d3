import { Redis } from 'ioredis'

import type { AnyJob } from '../contract/harness.ts'
import { documentedRights, makeUser } from '../support/acl-user.ts'
import { openRedis } from '../support/redis-store.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { codeOf } from './support/code-of.ts'
import { EVERY_COMMAND, furnish } from './support/every-command.ts'
import { changedKeys, dumpAll, isWriterKey, restoreAll, type Keyspace } from './support/keyspace.ts'

const PREFIX = 'jobs'
const KINDS = [
  'meta',
  'absent',
  'events',
  'counts',
  'expiry',
  'job:*',
  'user:*',
  'user-status:*',
  'writer:*',
  'command:*',
]

faultTest({
  name: 'ACL holes',
  promises: ['P3'],
  // Each right and each kind of key, once: there are no more.
  amount: { short: 1, long: 1 },
  floor: () => KINDS.length * 2 + 30,
  mutants: ['the ACL user is not tried at the start'],
  run: dropEach,
})

/** A user without one of its rights: refused at the start, or each verb leaves all keys as they were or is applied whole. */
async function dropEach(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  try {
    const keys = KINDS.map((kind) => `~{${PREFIX}:0}:${kind}`)
    const rights = documentedRights()
    const holes = [
      ...rights.slice(1).map((right) => ({ name: right, rights: [...keys, ...without(rights, right)] })),
      ...keys.map((key) => ({ name: key, rights: [...without(keys, key), ...rights] })),
      ...keys.map((key) => ({ name: `reading only ${key}`, rights: [...without(keys, key), `%R${key}`, ...rights] })),
    ]
    const base = await furnished(redis)
    const violations: string[] = []
    const harmless: string[] = []
    for (const hole of holes) {
      await restoreAll(redis, base)
      const found = await tryHole(context, server, redis, base, hole.rights)
      if (found === 'harmless') harmless.push(hole.name)
      else if (found !== 'refused') violations.push(`without ${hole.name}: ${found}`)
    }
    const hits = holes.length - harmless.length
    return { hits, violations, figures: `${hits} of ${holes.length} refused at the start; safe: ${harmless.join(' ')}` }
  } finally {
    redis.disconnect()
  }
}

function without(all: readonly string[], one: string): string[] {
  return all.filter((other) => other !== one)
}

async function furnished(redis: Redis): Promise<Keyspace> {
  await using store = openRedis(redis, { prefix: PREFIX })
  await furnish(store)
  return await dumpAll(redis, (key) => !isWriterKey(key))
}

async function tryHole(
  context: ScenarioContext,
  server: RedisServer,
  redis: Redis,
  base: Keyspace,
  rights: readonly string[],
): Promise<string> {
  const { RedisJobStore } = await context.load()
  const url = await makeUser(server, PREFIX, rights)
  const quiet = { prefix: PREFIX, sweepIntervalMs: 0, retryForMs: 3000, onWarning: () => {} }
  await using store = new RedisJobStore<AnyJob>(url, quiet)
  try {
    await store.ready()
  } catch {
    const changed = changedKeys(base, await dumpAll(redis))
    return changed.length === 0 ? 'refused' : `refused at the start, which changed ${changed.join(', ')}`
  }
  for (const { name, isCommand, run } of EVERY_COMMAND) {
    const before = await dumpAll(redis, (key) => !isWriterKey(key))
    const error = await run(store).then(
      () => null,
      (reason: unknown) => reason,
    )
    const changed = changedKeys(before, await dumpAll(redis, (key) => !isWriterKey(key)))
    // A compaction that fails may leave its lease: what it has done to jobs and log, verify() sees below.
    if (error !== null && isCommand && changed.length > 0)
      return `${name} failed (${codeOf(error)}) and changed ${changed.join(', ')}`
  }
  await using whole = openRedis(redis, { prefix: PREFIX })
  return (await whole.verify()).ok ? 'harmless' : 'the state is not what the log says'
}
