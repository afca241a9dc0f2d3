import type { Redis } from 'ioredis'

import type { RedisJobStore } from '../../../src/redis/redis-job-store.ts'
import type { RedisStoreOptions } from '../../../src/redis/settings.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { randomPrefix } from '../../support/redis-store.ts'
import { loadPackage } from './load-package.ts'

/** Where a store's jobs are, past every proxy. Plain, so that it can be handed to another process. */
export interface Place {
  url: string
  prefix: string
  partitions: number
}

/** A place that nobody has been to. */
export function newPlace({ url }: { url: string }, partitions: number): Place {
  return { url, prefix: randomPrefix(), partitions }
}

/** How a scenario's store is opened. */
export interface StoreToTry extends RedisStoreOptions {
  /** Of the package; null for the sources. */
  build: string | null
  /** Instead of the place's URL: a proxy's, say. */
  target?: string | Redis
}

/** Opens a store of the package that is tried, without a sweeper; it warns of nothing. */
export async function openAt(place: Place, { build, target, ...options }: StoreToTry): Promise<RedisJobStore<AnyJob>> {
  const { RedisJobStore: Store } = await loadPackage(build)
  const { url, prefix, partitions } = place
  const quiet = { sweepIntervalMs: 0, onWarning: () => {} }
  return new Store<AnyJob>(target ?? url, { prefix, partitions, ...quiet, ...options })
}
