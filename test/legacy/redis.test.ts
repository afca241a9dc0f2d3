import * as assert from 'node:assert/strict'

import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { suite } from 'uvu'

import { InvalidJobError } from '../../src/core/errors.ts'
import { readLegacyRedis } from '../../src/legacy/redis.ts'
import { assertRejects, assertTypeError, collect } from '../contract/assertions.ts'
import { freePort } from '../support/free-port.ts'
import { randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { assertMovesInto } from './fixtures/check-migration.ts'
import { aFullLegacyJob, aLegacyJob, byId, manyLegacyJobs } from './fixtures/jobs.ts'
import { allAsJson, byHand, othersAsJson, othersAsText, OutlineRedisStore } from './fixtures/outline-redis-store.ts'

const test = suite('reading a Redis store of the outline')

/** Own clients stand for own servers: each test has a keyPrefix of its own, which the client puts before every key. */
function withClient(body: (redis: Redis, clientPrefix: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const { url } = await sharedRedis()
    const clientPrefix = `${randomPrefix()}[*]?\\:`
    const redis = new Redis(url, { keyPrefix: clientPrefix })
    try {
      await body(redis, clientPrefix)
    } finally {
      await removeKeys(url, clientPrefix)
      await redis.quit()
    }
  }
}

async function removeKeys(url: string, clientPrefix: string): Promise<void> {
  const redis = new Redis(url)
  const match = `${clientPrefix.replace(/[\\*?[\]]/g, String.raw`\$&`)}*`
  for await (const keys of redis.scanStream({ match, count: 10_000 }) as AsyncIterable<string[]>)
    if (keys.length > 0) await redis.unlink(keys)
  await redis.quit()
}

/** What reading comes to when it meets a hash that is no job. */
async function refusalOf(redis: Redis): Promise<InvalidJobError> {
  const error: unknown = await collect(readLegacyRedis(redis)).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof InvalidJobError, String(error))
  return error
}

const SERIALIZERS = { byHand, allAsJson, othersAsJson, othersAsText }

for (const [name, serializeJob] of Object.entries(SERIALIZERS)) {
  test(
    `every job comes back equal, serialized ${name}`,
    withClient(async (redis) => {
      const own = { tags: ['a', 'b'], nested: { at: '2024-01-01' }, note: 'plain text' }
      const jobs = [
        aLegacyJob(),
        aFullLegacyJob({ id: 'job-2' }),
        aFullLegacyJob({ id: 'a:b {c} "d"', userId: 'null', ...own }),
        aLegacyJob({ id: '42', userId: '7', videoUrl: '', result: ['a', 1, null], status: 'completed' }),
      ]
      const store = new OutlineRedisStore(redis, 'job:', serializeJob)
      for (const job of jobs) await store.create(job)
      assert.deepStrictEqual(byId(await collect(readLegacyRedis(redis))), byId(jobs))
    }),
  )
}

test(
  '10,000 jobs come once each, and can be created and found in a store',
  withClient(async (redis) => {
    const jobs = manyLegacyJobs(10_000)
    const store = new OutlineRedisStore(redis)
    await Promise.all(jobs.map((job) => store.create(job)))
    await assertMovesInto(readLegacyRedis(redis), jobs)
  }),
)

test(
  'another keyPrefix is read alone, whatever characters it has',
  withClient(async (redis) => {
    await new OutlineRedisStore(redis, 'job:').create(aLegacyJob({ id: 'not this one' }))
    const job = aLegacyJob({ id: 'this one' })
    await new OutlineRedisStore(redis, 'task[s]*:').create(job)
    await redis.hset('tasks!!:x', { foreign: 1 })
    assert.deepStrictEqual(await collect(readLegacyRedis(redis, { keyPrefix: 'task[s]*:' })), [job])
  }),
)

test(
  'a client with a keyPrefix and one without read the same',
  withClient(async (redis, clientPrefix) => {
    const job = aFullLegacyJob()
    await new OutlineRedisStore(redis).create(job)
    const { url } = await sharedRedis()
    const bare = new Redis(url)
    const jobs = await collect(readLegacyRedis(bare, { keyPrefix: `${clientPrefix}job:` }))
    await bare.quit()
    assert.deepStrictEqual(jobs, [job])
    assert.deepStrictEqual(await collect(readLegacyRedis(redis)), [job])
  }),
)

test(
  'stale ids in the sets of users, expired hashes and keys of other types are left out',
  withClient(async (redis) => {
    const job = aLegacyJob()
    const store = new OutlineRedisStore(redis)
    await store.create(job)
    await store.create(aLegacyJob({ id: 'expired', expiresAt: new Date(Date.now() - 60_000) }))
    await redis.sadd('user:user-1:jobs', 'stale')
    await redis.set('job:text', 'x')
    await redis.lpush('job:list', 'x')
    await redis.sadd('job:set', 'x')
    await redis.zadd('job:sorted', 1, 'x')
    await redis.xadd('job:stream', '*', 'field', 'x')
    assert.deepStrictEqual(await collect(readLegacyRedis(redis)), [job])
  }),
)

test(
  'what was scanned and has expired before it is fetched is left out',
  withClient(async (redis) => {
    await new OutlineRedisStore(redis).create(aLegacyJob())
    const vanishing = new Proxy(redis, {
      get: (target, property) => {
        if (property !== 'scan') return Reflect.get(target, property) as unknown
        return async (...scanning: Parameters<Redis['scan']>) => {
          const found = await target.scan(...scanning)
          await target.del('job:job-1')
          return found
        }
      },
    })
    assert.deepStrictEqual(await collect(readLegacyRedis(vanishing)), [])
  }),
)

test(
  'a key that SCAN gives more than once comes once',
  withClient(async (redis) => {
    const jobs = manyLegacyJobs(250)
    const store = new OutlineRedisStore(redis)
    await Promise.all(jobs.map((job) => store.create(job)))
    const repeating = new Proxy(redis, {
      get: (target, property) => {
        if (property !== 'scan') return Reflect.get(target, property) as unknown
        return async (...scanning: Parameters<Redis['scan']>) => {
          const [cursor, keys] = await target.scan(...scanning)
          const all = jobs.map((job) => `${target.options.keyPrefix ?? ''}job:${job.id}`)
          return [cursor, [...keys, ...keys, ...all]]
        }
      },
    })
    assert.deepStrictEqual(byId(await collect(readLegacyRedis(repeating))), byId(jobs))
  }),
)

test(
  'a hash without an id has the one of its key, and counts have the defaults of the outline',
  withClient(async (redis) => {
    const { id: _, retryCount: __, maxRetries: ___, ...rest } = byHand(aLegacyJob())
    await redis.hset('job:by-key', rest)
    const [job] = await collect(readLegacyRedis(redis))
    assert.deepStrictEqual([job?.id, job?.retryCount, job?.maxRetries], ['by-key', 0, 3])
  }),
)

test(
  'a result may be any JSON, or plain text',
  withClient(async (redis) => {
    for (const [stored, result] of [
      ['"text"', 'text'],
      ['12.5', 12.5],
      ['false', false],
      ['[1]', [1]],
      ['https://example.com/out.mp4', 'https://example.com/out.mp4'],
    ] as const) {
      await redis.hset('job:job-1', { ...byHand(aLegacyJob()), result: stored })
      assert.deepStrictEqual((await collect(readLegacyRedis(redis)))[0]?.result, result)
    }
  }),
)

/** A field, what stands in it, and the path that the error names. */
const CORRUPTED: [field: string, stored: string | null, path?: string][] = [
  ['options', '{"codec": "h26'],
  ['options', null],
  ['options', '[]'],
  ['options', '{"a": {"__proto__": {"polluted": true}}}', 'options.a.__proto__'],
  ['videoMetadata', '12'],
  ['progress', 'half'],
  ['progress', ''],
  ['progress', '{"percent": 101}', 'progress.percent'],
  ['progress', '40', 'progress'],
  ['result', '{"url": '],
  ['error', '{"code": "E"}', 'error.message'],
  ['webhook', '{"url":"https://example.com/hook","secret":"s3cret"'],
  ['status', 'sleeping'],
  ['status', null],
  ['userId', ''],
  ['userId', null],
  ['videoUrl', null],
  ['videoId', null],
  ['retryCount', '-1'],
  ['maxRetries', 'three'],
  ['createdAt', 'yesterday'],
  ['createdAt', '2024-13-01T00:00:00.000Z'],
  ['createdAt', '2024-01-01 00:00:00'],
  ['completedAt', '1704067200000'],
  ['expiresAt', 'null'],
  ['id', 'another'],
  ['__proto__', '{"polluted": true}'],
]

for (const [field, stored, path = field] of CORRUPTED) {
  test(
    `${field} of ${JSON.stringify(stored)} is refused, naming key and field`,
    withClient(async (redis) => {
      const hash = byHand(aFullLegacyJob({ id: 'broken' }))
      const fields = Object.entries(hash).filter(([name]) => name !== field)
      const flat = stored === null ? fields : [...fields, [field, stored] as const]
      await redis.hset('job:broken', ...(flat.flat() as string[]))
      const error = await refusalOf(redis)
      assert.equal(error.field, path)
      assert.ok(error.message.startsWith(`Redis key "job:broken": ${path}: expected `), error.message)
      assert.ok(!error.message.includes('s3cret'), error.message)
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
    }),
  )
}

test('a Cluster is refused, since one node would answer for all', async () => {
  const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true })
  await assertRejects(() => collect(readLegacyRedis(cluster as never)), 'INVALID_CONFIG')
  await assertRejects(() => collect(readLegacyRedis(undefined as never)), 'INVALID_CONFIG')
  cluster.disconnect()
})

test('a keyPrefix that is no text is refused', async () => {
  const redis = new Redis({ lazyConnect: true })
  await assertTypeError(() => collect(readLegacyRedis(redis, { keyPrefix: 5 as never })), 'keyPrefix')
})

test('a server that is not there is a StoreUnavailableError without the command', async () => {
  const options: RedisOptions = { port: await freePort(), retryStrategy: () => null, maxRetriesPerRequest: 0 }
  const redis = new Redis(options)
  redis.on('error', () => undefined)
  await assertRejects(() => collect(readLegacyRedis(redis)), 'STORE_UNAVAILABLE', { outcome: 'rejected' })
})

test.run()
