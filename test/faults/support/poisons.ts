import type { Redis } from 'ioredis'

/** One key that is not as the store left it. */
export interface Poison {
  /** What was done to which key. */
  name: string
  apply(redis: Redis): Promise<unknown>
}

/** No number, and one that a signed number of 64 bits can't be counted up from. */
const BAD_COUNTS = ['abc', '9223372036854775807']

/** Fields that are counted up, or compared as times. */
const COUNTERS = /:counts .|:meta (?:sequence|trimmedSequence)$|:job:.* (?:@version|createdAt|expiresAt)$/

/**
 * All poisons of the keys that are there, and of some that are still to come, a writer's by its beginning: each key of a
 * wrong type, each field of a hash gone, each counter no number, or a full one.
 */
export async function poisonsOf(redis: Redis, keysToCome: readonly string[]): Promise<Poison[]> {
  const poisons = keysToCome.map(wrongType)
  for (const writer of keysToCome.filter((key) => key.endsWith('*')))
    poisons.push(missing(writer, 'newest'), ...BAD_COUNTS.map((text) => wrong(writer, 'newest', text)))
  for (const key of (await redis.keys('*')).toSorted()) {
    poisons.push(wrongType(key))
    if ((await redis.type(key)) !== 'hash') continue
    for (const field of await redis.hkeys(key)) {
      poisons.push(missing(key, field))
      if (COUNTERS.test(`${key} ${field}`)) poisons.push(...BAD_COUNTS.map((text) => wrong(key, field, text)))
    }
  }
  return poisons
}

function wrongType(key: string): Poison {
  return {
    name: `${key} of a wrong type`,
    apply: async (redis) => {
      const found = await nameOf(redis, key)
      const isText = (await redis.type(found)) === 'string'
      await redis.del(found)
      await (isText ? redis.rpush(found, 'poison') : redis.set(found, 'poison'))
      if (/:(?:command|writer):/.test(found)) await redis.pexpire(found, 3_600_000)
    },
  }
}

/** A key by its name, or by its beginning and a star. */
async function nameOf(redis: Redis, key: string): Promise<string> {
  return key.endsWith('*') ? ((await redis.keys(key))[0] ?? key) : key
}

function missing(key: string, field: string): Poison {
  return { name: `${key} without ${field}`, apply: async (redis) => redis.hdel(await nameOf(redis, key), field) }
}

function wrong(key: string, field: string, text: string): Poison {
  const apply = async (redis: Redis): Promise<unknown> => redis.hset(await nameOf(redis, key), field, text)
  return { name: `${key} with ${field} ${text}`, apply }
}
