import { Redis } from 'ioredis'

import { keysOf } from '../../src/redis/keys.ts'
import type { JobStore } from '../../src/contract.ts'
import type { AnyJob } from '../contract/harness.ts'
import { openRedis } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { faultTest, type Outcome, type ScenarioContext } from './harness/fault-test.ts'
import { codeOf } from './support/code-of.ts'
import { EVERY_COMMAND, furnish, type Deed } from './support/every-command.ts'
import { changedKeys, dumpAll, isWriterKey, restoreAll } from './support/keyspace.ts'

const PREFIX = 'jobs'
/** Older, newer, and what no package writes. */
const FORMATS = ['0', '2', '99', '', 'abc']

faultTest({
  name: 'another format',
  promises: ['P19'],
  // Each command with each format, on a store that was open before and on one opened then: there are no more.
  amount: { short: 1, long: 1 },
  floor: () => EVERY_COMMAND.length * FORMATS.length * 2,
  mutants: ['the format of a store is not compared'],
  run: meetOtherFormats,
})

/** The store's format changes under a program, as an upgrade elsewhere would have it: each verb is refused, and changes nothing. */
async function meetOtherFormats(context: ScenarioContext): Promise<Outcome> {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  const { RedisJobStore } = await context.load()
  const open = (): JobStore<AnyJob> =>
    new RedisJobStore<AnyJob>(server.url, { prefix: PREFIX, sweepIntervalMs: 0, retryForMs: 500, onWarning: () => {} })
  await using furnisher = openRedis(redis, { prefix: PREFIX })
  await furnish(furnisher)
  const base = await dumpAll(redis, (key) => !isWriterKey(key))
  const violations: string[] = []
  let hits = 0
  const meet = async (store: JobStore<AnyJob>, deed: Deed, where: string): Promise<void> => {
    const before = await dumpAll(redis)
    const code = await deed.run(store).then(() => 'no error', codeOf)
    const changed = changedKeys(before, await dumpAll(redis))
    if (code === 'STORE_MISMATCH') hits++
    else violations.push(`${deed.name}, ${where}: ${code}`)
    if (changed.length > 0) violations.push(`${deed.name}, ${where}: changed ${changed.join(', ')}`)
  }
  for (const format of FORMATS)
    for (const deed of EVERY_COMMAND) {
      await restoreAll(redis, base)
      await using before = open()
      await before.updateProgress('b', { percent: 1 })
      await redis.hset(keysOf(PREFIX, 0).meta, 'format', format)
      await meet(before, deed, `open before the format was "${format}"`)
      await using later = open()
      await meet(later, deed, `opened at format "${format}"`)
    }
  redis.disconnect()
  return { hits, violations }
}
