import type { Cluster, Redis } from 'ioredis'

import { keysOf } from './keys.ts'

/** What stands under a prefix. */
export interface FoundStore {
  /** null if nothing but the log is left, which does not say it. */
  partitions: number | null
}

/** Looks whether a store was ever used under a prefix, without making one, as opening it would. */
export async function findStore(redis: Redis | Cluster, prefix: string): Promise<FoundStore | null> {
  const { meta, events } = keysOf(prefix, 0)
  const partitions = await redis.hget(meta, 'partitions')
  if (partitions !== null) return { partitions: Number(partitions) }
  return (await redis.exists(events)) === 1 ? { partitions: null } : null
}
