import { randomUUID } from 'node:crypto'

import { Redis } from 'ioredis'

import { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import type { RedisStoreOptions } from '../../src/redis/settings.ts'
import type { AnyJob, StoreFactory } from '../contract/harness.ts'
import { sharedRedis } from './shared-redis.ts'

/** Places on the shared Redis, each under a prefix of its own, for stores with these options. */
export function redisPlaces(options: RedisStoreOptions): StoreFactory {
  return {
    persists: true,
    newPlace: async () => {
      const { url } = await sharedRedis()
      const prefix = `test-${randomUUID()}`
      return {
        open: (own) => new RedisJobStore<AnyJob>(url, { onWarning: () => {}, ...options, ...own, prefix }),
        dispose: () => removeKeys(url, prefix),
      }
    },
  }
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url)
  for await (const keys of redis.scanStream({ match: `{${prefix}:*`, count: 10_000 }) as AsyncIterable<string[]>)
    if (keys.length > 0) await redis.unlink(keys)
  await redis.quit()
}
