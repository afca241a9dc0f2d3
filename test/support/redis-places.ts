import { randomUUID } from 'node:crypto'

import { Redis } from 'ioredis'

import { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import type { RedisStoreOptions } from '../../src/redis/settings.ts'
import type { AnyJob, StoreFactory } from '../contract/harness.ts'
import { sharedRedis } from './shared-redis.ts'

/** How places are used. */
interface Use {
  /** How many jobs are many: 10,000 are tried once, with the options that stores have by default. */
  many?: number
  /** Instead of the sources' store. */
  Store?: typeof RedisJobStore
}

/** Places on the shared Redis, each under a prefix of its own, for stores with these options. */
export function redisPlaces(
  options: RedisStoreOptions,
  { many = 10_000, Store = RedisJobStore }: Use = {},
): StoreFactory {
  return {
    persists: true,
    many,
    newPlace: async () => {
      const { url } = await sharedRedis()
      const prefix = `test-${randomUUID()}`
      return {
        open: (own) => new Store<AnyJob>(url, { onWarning: () => {}, ...options, ...own, prefix }),
        dispose: () => onOwn(url, (redis) => removeKeys(redis, prefix)),
      }
    },
  }
}

async function onOwn(url: string, work: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url)
  await work(redis)
  await redis.quit()
}

/** Removes all keys of a store that one server has. */
export async function removeKeys(redis: Redis, prefix: string): Promise<void> {
  for await (const keys of redis.scanStream({ match: `{${prefix}:*`, count: 10_000 }) as AsyncIterable<string[]>)
    await Promise.all(keys.map((key) => redis.unlink(key)))
}
