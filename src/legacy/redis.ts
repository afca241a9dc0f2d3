import type { Redis } from 'ioredis'
import { requireText } from '../arguments.ts'
import { InvalidConfigError, InvalidJobError, StoreUnavailableError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import { strip } from '../redis/failures.ts'
import { readAt, requireJob } from './check-job.ts'
import { SeenKeys } from './seen-keys.ts'
import { readTextFields } from './text-fields.ts'

/** Keys that one SCAN looks at. */
const SCAN_COUNT = 1000

/** Hashes that are fetched, and held, at once. */
const BATCH = 100

/**
 * The jobs of a store written after the requirements document's outline: `job:{id}` hashes. Each job that is there from
 * beginning to end comes once, in no order; what is written meanwhile may come or not. The `user:{id}:jobs` sets are not
 * read, since they keep the ids of jobs that have expired. Keys that match and are no hashes are left out.
 * @param redis a client of the server that holds the hashes; its own keyPrefix counts
 * @param options keyPrefix: what stands before a job's id; default 'job:'
 * @throws InvalidJobError naming the key in its message and the field, at a hash that is no whole job;
 * InvalidConfigError for a Cluster, whose nodes are read one by one; StoreUnavailableError
 */
export async function* readLegacyRedis(redis: Redis, options: { keyPrefix?: string } = {}): AsyncGenerator<Job> {
  const { keyPrefix = 'job:' } = options
  requireText('keyPrefix', keyPrefix)
  requireOneServer(redis)
  const seen = new SeenKeys()
  for await (const scanned of scan(redis, keyPrefix)) {
    const keys = scanned.filter((key) => seen.add(key))
    for (let start = 0; start < keys.length; start += BATCH)
      for (const [key, hash] of await readHashes(redis, keys.slice(start, start + BATCH)))
        yield jobOf(key, key.slice(keyPrefix.length), hash)
  }
}

/** A client of a Cluster would answer SCAN for one node of many. */
function requireOneServer(redis: Redis): void {
  const given = redis as (Partial<Redis> & { isCluster?: boolean }) | null | undefined
  if (typeof given?.scan !== 'function' || given.isCluster === true)
    throw InvalidConfigError.of('redis', 'an ioredis client of one server, or of one node of a Cluster', redis)
}

/** Keys page by page, the same one more than once if the server moves its table meanwhile. */
async function* scan(redis: Redis, keyPrefix: string): AsyncGenerator<string[]> {
  // ioredis puts the client's prefix before the keys of commands, but neither before a pattern nor off the keys found.
  const clientPrefix = redis.options?.keyPrefix ?? ''
  const pattern = `${escapeGlob(clientPrefix + keyPrefix)}*`
  let cursor = '0'
  do {
    const [next, keys] = await answerOf(redis.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT))
    yield keys.map((key) => key.slice(clientPrefix.length))
    cursor = next
  } while (cursor !== '0')
}

/** Leaves out what is no hash, and what has expired since it was scanned. */
async function readHashes(redis: Redis, keys: string[]): Promise<[key: string, hash: object][]> {
  const pipeline = redis.pipeline()
  for (const key of keys) pipeline.hgetall(key)
  const replies = (await answerOf(pipeline.exec())) ?? []
  const hashes: [string, object][] = []
  for (const [index, [error, hash]] of replies.entries()) {
    if (error === null) hashes.push([keys[index] as string, hash as object])
    else if (!error.message.startsWith('WRONGTYPE')) throw unavailable(error)
  }
  return hashes.filter(([, hash]) => Object.keys(hash).length > 0)
}

function jobOf(key: string, id: string, hash: object): Job {
  return readAt(`Redis key ${JSON.stringify(key)}`, () => {
    const fields = readTextFields(Object.entries(hash))
    fields['id'] ??= id
    if (fields['id'] !== id) throw InvalidJobError.of('id', `${JSON.stringify(id)}, as the key says`, fields['id'])
    return requireJob(fields)
  })
}

async function answerOf<A>(command: Promise<A>): Promise<A> {
  try {
    return await command
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(error: unknown): StoreUnavailableError {
  const cause = strip(error)
  return new StoreUnavailableError(`Redis can't be read: ${cause.message}`, { outcome: 'rejected', cause })
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, String.raw`\$&`)
}
