import type { Redis } from 'ioredis'

import { keysOf, type PartitionKeys } from '../../../src/redis/keys.ts'
import { deleteAllButLogs } from '../../redis/support.ts'
import { withConnection } from '../../sqlite/support/stores.ts'
import { withRedis, type AnyPlace } from './any-place.ts'

/** Of the jobs, about so many are spoilt. */
const SPOILT = 0.1
/** How many kinds of damage a file is given at a time. */
const KINDS_AT_ONCE = 3

/** What hands can do to a job in Redis, its lists and the counts. */
const IN_REDIS: ((redis: Redis, keys: PartitionKeys, id: string, userId: string) => Promise<unknown>)[] = [
  (redis, keys, id) => redis.del(keys.job(id)),
  (redis, keys, id) => redis.hset(keys.job(id), 'status', 'failed'),
  (redis, keys, id) => redis.hdel(keys.job(id), 'expiresAt'),
  (redis, keys, id) => redis.hset(keys.job(id), 'extra', Buffer.from([5])),
  (redis, keys, id, userId) => redis.zrem(keys.user(userId), id),
  (redis, keys, id, userId) => redis.zadd(keys.userStatus(userId, 'failed'), 5, id),
  (redis, keys, id) => redis.zadd(keys.expiry, 'NX', 9e12, `ghost of ${id}`),
  (redis, keys, id) => redis.zrem(keys.expiry, id),
  (redis, keys, id) => redis.hset(keys.job(`orphan of ${id}`), '@version', 1, '@event', '5-5'),
  (redis, keys) => redis.hincrby(keys.counts, 'queued', 7),
]

/** What hands can do to the rows of these jobs, and the counts. */
const IN_SQLITE = [
  'UPDATE status_counts SET jobs = jobs + 3',
  `UPDATE user_counts SET jobs = jobs - 2 WHERE user_id LIKE 'still-%'`,
  `UPDATE jobs SET user_id = 'user-9' WHERE number % 5 = 0 AND id LIKE 'still-%'`,
  `UPDATE jobs SET status = 'strange' WHERE number % 5 = 1 AND id LIKE 'still-%'`,
  `UPDATE jobs SET created_at = created_at + 1 WHERE number % 5 = 2 AND id LIKE 'still-%'`,
  `UPDATE jobs SET expires_at = expires_at + 3600000 WHERE number % 5 = 3 AND id LIKE 'still-%'`,
  `UPDATE jobs SET body = x'80' WHERE number % 5 = 4 AND id LIKE 'still-%'`,
  `DELETE FROM jobs WHERE number % 7 = 0 AND id LIKE 'still-%'`,
]

/**
 * Spoils the live state at random, but for what commands on other jobs build on.
 * @param jobs that no command is given to meanwhile, by id `still-…`, each with its user
 */
export async function corrupt(place: AnyPlace, jobs: ReadonlyMap<string, string>, random: () => number): Promise<void> {
  if ('path' in place)
    return withConnection(place.path, (connection) => {
      for (let kind = 0; kind < KINDS_AT_ONCE; kind++) connection.exec(oneOf(IN_SQLITE, random))
    })
  const keys = keysOf(place.prefix, 0)
  await withRedis(place, async (redis) => {
    const spoilt = [...jobs].filter(() => random() < SPOILT)
    await Promise.all(spoilt.map(([id, userId]) => oneOf(IN_REDIS, random)(redis, keys, id, userId)))
  })
}

/** Leaves nothing but the log. */
export async function loseState(place: AnyPlace): Promise<void> {
  if ('path' in place)
    return withConnection(place.path, (connection) => {
      for (const table of ['jobs', 'status_counts', 'user_counts']) connection.exec(`DELETE FROM ${table}`)
    })
  await withRedis(place, (redis) => deleteAllButLogs(redis, place.prefix))
}

function oneOf<E>(all: readonly E[], random: () => number): E {
  return all[Math.floor(random() * all.length)] as E
}
