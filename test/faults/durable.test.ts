import assert from 'node:assert/strict'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { aJob } from '../contract/jobs.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'

const test = suite('P2, P3: what Redis was told to keep')

test('P2: with durability, success means that the replica has it; without one, NotDurableError', async () => {
  // By default a primary waits 5 s for further replicas before it sends the first one anything.
  await using primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
  await using replica = await startRedis({ args: ['--replicaof', `127.0.0.1 ${primary.port}`] })
  const onReplica = (work: (redis: Redis) => Promise<void>): Promise<void> => tell(replica, work)
  const inSync = async (redis: Redis): Promise<void> =>
    assert.match(await redis.info('replication'), /master_link_status:up/)
  await eventually(() => onReplica(inSync), { timeoutMs: 60_000 })
  const prefix = randomPrefix()
  await using store = openRedis(primary.url, { prefix, durability: { replicas: 1, timeoutMs: 5000 } })
  await store.create(aJob({ id: 'a' }))
  await onReplica(async (redis) => assert.equal(await redis.hget(`{${prefix}:0}:job:a`, '@version'), '1'))
  await replica.stop()
  await using hasty = openRedis(primary.url, { prefix, durability: { replicas: 1, timeoutMs: 200 } })
  await assert.rejects(hasty.updateProgress('a', { percent: 1 }), { code: 'NOT_DURABLE', acknowledged: 0, wanted: 1 })
  assert.equal((await hasty.findById('a'))?.progress.percent, 1)
})

test('P3: a key of the wrong type, a broken count or a field that is gone: refused, and nothing changed', async () => {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  const prefix = randomPrefix()
  const key = (name: string): string => `{${prefix}:0}:${name}`
  const poisons: [string, () => Promise<unknown>][] = [
    ['job hash', () => redis.set(key('job:a'), 'poison')],
    ['user list', () => redis.set(key('user:user-1'), 'poison')],
    ['status list', () => redis.set(key('user-status:7:pending:user-1'), 'poison')],
    ['status list to come', () => redis.set(key('user-status:6:queued:user-1'), 'poison')],
    ['expiry', () => redis.set(key('expiry'), 'poison')],
    ['counts', () => redis.set(key('counts'), 'poison')],
    ['a count', () => redis.hset(key('counts'), 'queued', 'abc')],
    ['a count too large', () => redis.hset(key('counts'), 'pending', '9223372036854775807')],
    ['version', () => redis.hset(key('job:a'), '@version', 'abc')],
    ['event', () => redis.hdel(key('job:a'), '@event')],
    ['user', () => redis.hdel(key('job:a'), 'userId')],
    ['expiresAt', () => redis.hdel(key('job:a'), 'expiresAt')],
    ['createdAt', () => redis.hset(key('job:a'), 'createdAt', 'yesterday')],
  ]
  for (const [name, poison] of poisons) {
    await redis.flushall()
    await using store = openRedis(redis, { prefix })
    await store.create(aJob({ id: 'a' }))
    await poison()
    const before = await dump(redis)
    await assert.rejects(store.updateStatus('a', 'queued'), { code: 'PROJECTION_LOST' }, name)
    assert.deepEqual(await dump(redis), before, name)
    await store.close()
  }
  redis.disconnect()
})

/** All keys but the writers', whose outcomes are remembered also where nothing was applied. */
async function dump(redis: Redis): Promise<Map<string, string | undefined>> {
  const keys = (await redis.keys('*')).filter((name) => !name.includes(':writer:')).sort()
  return new Map(
    await Promise.all(keys.map(async (name) => [name, (await redis.dumpBuffer(name))?.toString('hex')] as const)),
  )
}

test.run()
