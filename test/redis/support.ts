import { Redis, type RedisOptions } from 'ioredis'

import { keysOf, type PartitionKeys } from '../../src/redis/keys.ts'
import type { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import type { RedisStoreOptions } from '../../src/redis/settings.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob, removing, textOf } from '../contract/jobs.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'

/** Ways in which callers set their own client up, each of which a store works with. */
export const CLIENTS: Record<string, RedisOptions> = {
  'as it comes': {},
  'with keyPrefix': { keyPrefix: 'app:' },
  'with a hash tag in its keyPrefix': { keyPrefix: '{app}:' },
  'with enableAutoPipelining': { enableAutoPipelining: true },
  'with lazyConnect': { lazyConnect: true },
  'with its ready check and offline queue off': { enableReadyCheck: false, enableOfflineQueue: false },
}

/** What HINCRBY can't count on from. */
export const UNCOUNTABLE = ['abc', '07', '-0', '-07', '+7', ' 7', '1e3', '', '9223372036854775807']

/** A store of one partition, and a way to its keys behind its back. */
export interface Workshop extends AsyncDisposable {
  store: RedisJobStore<AnyJob>
  redis: Redis
  keys: PartitionKeys
  prefix: string
  /** Another store in the same place. */
  open(options?: RedisStoreOptions): RedisJobStore<AnyJob>
}

/** Opens a workshop under a prefix of its own. */
export async function openWorkshop(options: RedisStoreOptions = {}): Promise<Workshop> {
  const { url } = await sharedRedis()
  const prefix = randomPrefix()
  const redis = new Redis(url)
  const stores: RedisJobStore<AnyJob>[] = []
  const open = (own: RedisStoreOptions = {}): RedisJobStore<AnyJob> => {
    const store = openRedis(url, { ...options, ...own, prefix })
    stores.push(store)
    return store
  }
  return {
    store: open(),
    redis,
    keys: keysOf(prefix, 0),
    prefix,
    open,
    async [Symbol.asyncDispose]() {
      await Promise.all(stores.map((store) => store.close()))
      redis.disconnect()
    },
  }
}

/** Ten jobs of user-1 with large and small fields, and each kind of event among them; job-7 is deleted, job-8 user-2's. */
export async function fill(store: RedisJobStore<AnyJob>): Promise<void> {
  const ids = Array.from({ length: 10 }, (_, index) => `job-${index}`)
  await Promise.all(ids.map((id) => store.create(aJob({ id, large: textOf(200), small: 1, options: { a: [id] } }))))
  await Promise.all(ids.map((id) => store.updateProgress(id, { percent: 5, message: textOf(100) })))
  await store.updateStatus('job-5', 'queued')
  await store.update('job-6', { ...removing('small'), other: textOf(300), own: new Date(5) })
  await store.delete('job-7')
  await store.update('job-8', { userId: 'user-2', large: 'short' })
}

/** Deletes all that was made from the log, in all partitions, and leaves the log. */
export async function deleteAllButLogs(redis: Redis, prefix: string): Promise<void> {
  const keys = await redis.keys(`{${prefix}:*`)
  await redis.del(...keys.filter((key) => !key.endsWith('}:events')))
}
