import { Redis } from 'ioredis'

import type { JobStore, ReadableArchive } from '../../../src/contract.ts'
import { keysOf } from '../../../src/redis/keys.ts'
import type { AnyJob } from '../../contract/harness.ts'
import { withConnection } from '../../sqlite/support/stores.ts'
import { loadPackage } from '../harness/load-package.ts'
import { openAt, type Place } from '../harness/place.ts'

/** Where a store's jobs are: in Redis or in an SQLite file. Plain, so that it can be handed to another process. */
export type AnyPlace = Place | { path: string }

/** For messages. */
export function nameOf(place: AnyPlace): string {
  return 'path' in place ? 'SQLite' : `Redis, ${place.partitions} partitions`
}

/** Opens a store of the package that is tried, without a sweeper. @param build null for the sources */
export async function openAny(
  place: AnyPlace,
  build: string | null,
  archive?: ReadableArchive<AnyJob>,
): Promise<JobStore<AnyJob>> {
  const options = archive === undefined ? {} : { archive }
  if (!('path' in place)) return openAt(place, { build, ...options, retryForMs: 20_000 })
  const { SqliteJobStore } = await loadPackage(build)
  return new SqliteJobStore<AnyJob>(place.path, { sweepIntervalMs: 0, ...options })
}

/** Takes the leases of a dead process away, which others would wait for. */
export async function forgetLeases(place: AnyPlace): Promise<void> {
  if ('path' in place) return withConnection(place.path, (connection) => void connection.exec('DELETE FROM leases'))
  await withRedis(place, (redis) =>
    redis.hdel(keysOf(place.prefix, 0).meta, 'compactOwner', 'compactUntil', 'rebuildOwner', 'rebuildUntil'),
  )
}

/** Tells the server of a place something. */
export async function withRedis<R>(place: Place, work: (redis: Redis) => Promise<R>): Promise<R> {
  const redis = new Redis(place.url)
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}
