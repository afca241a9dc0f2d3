import assert from 'node:assert/strict'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { InvalidConfigError, StoreUnavailableError } from '../../src/core/errors.ts'
import { Link } from '../../src/redis/link.ts'
import { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import { aJob } from '../contract/jobs.ts'
import { freePort } from '../support/free-port.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'

const test = suite('Opening a store in Redis')

test('another number of partitions is refused, with nothing written', async () => {
  const { url } = await sharedRedis()
  const prefix = randomPrefix()
  const one = openRedis(url, { prefix, partitions: 3 })
  await one.ready()
  const other = openRedis(url, { prefix, partitions: 4 })
  await assert.rejects(other.ready(), { code: 'STORE_MISMATCH' })
  await assert.rejects(other.create(aJob({ id: 'a' })), { code: 'STORE_MISMATCH' })
  assert.equal((await one.stats()).events, 0)
  await Promise.all([one.close(), other.close()])
})

test('another format is refused at the start, and by the scripts of a store that is open', async () => {
  const { url } = await sharedRedis()
  const redis = new Redis(url)
  const prefix = randomPrefix()
  const open = openRedis(url, { prefix })
  await open.create(aJob({ id: 'a' }))
  await redis.hset(`{${prefix}:0}:meta`, 'format', '99')
  await assert.rejects(open.updateProgress('a', { percent: 1 }), { code: 'STORE_MISMATCH' })
  await assert.rejects(open.findById('a'), { code: 'STORE_MISMATCH' })
  const late = openRedis(url, { prefix })
  await assert.rejects(late.ready(), { code: 'STORE_MISMATCH' })
  assert.equal(await redis.xlen(`{${prefix}:0}:events`), 1)
  await Promise.all([open.close(), late.close()])
  redis.disconnect()
})

test('a log without its state is refused, by ready() and by the scripts of a store that is open', async () => {
  const { url } = await sharedRedis()
  const redis = new Redis(url)
  const prefix = randomPrefix()
  const open = openRedis(url, { prefix })
  await open.create(aJob({ id: 'a' }))
  await redis.del(`{${prefix}:0}:meta`, `{${prefix}:0}:job:a`, `{${prefix}:0}:counts`)
  await assert.rejects(open.create(aJob({ id: 'a' })), { code: 'PROJECTION_LOST' })
  const late = openRedis(url, { prefix })
  await assert.rejects(late.ready(), { code: 'PROJECTION_LOST' })
  assert.equal(await redis.xlen(`{${prefix}:0}:events`), 1)
  await Promise.all([open.close(), late.close()])
  redis.disconnect()
})

test('a Redis that is not there is a StoreUnavailableError in time, with its address and without its password', async () => {
  const port = await freePort()
  const store = openRedis(`redis://user:s3cret@127.0.0.1:${port}`, { retryForMs: 300 })
  const calls = [store.ready(), store.create(aJob({ id: 'a' })), store.findById('a'), store.countByUserId('user-1')]
  for (const call of await Promise.allSettled(calls)) {
    assert.equal(call.status, 'rejected')
    const error = call.reason as StoreUnavailableError
    assert.ok(error instanceof StoreUnavailableError, String(error))
    assert.equal(error.outcome, 'rejected')
    assert.ok(error.message.includes(`127.0.0.1:${port}`), error.message)
    assert.ok(!error.message.includes('s3cret'), error.message)
  }
  await store.close()
})

test('a store that could not be opened opens once Redis is there', async () => {
  const { startRedis } = await import('../support/redis-server.ts')
  await using server = await startRedis()
  await server.stop()
  const store = openRedis(server.url, { retryForMs: 200 })
  await assert.rejects(store.ready(), { code: 'STORE_UNAVAILABLE' })
  await server.start()
  const patient = openRedis(server.url, { retryForMs: 10_000 })
  await patient.create(aJob({ id: 'a' }))
  await Promise.all([store.close(), patient.close()])
})

test('a client that knows of no Clusters is refused where the server says that it is a node of one, in either word', async () => {
  for (const word of ['redis_mode', 'server_mode'])
    for (const mode of ['cluster', 'standalone']) {
      const redis = { info: async () => `# Server\r\nredis_version:7.2.4\r\n${word}:${mode}\r\n` }
      const call = (send: (client: unknown) => unknown): unknown => send(redis)
      const link = new Link({ call, client: { redis: Object.assign(redis, commands), isCluster: false } } as never)
      if (mode === 'cluster') await assert.rejects(link.open(), { code: 'INVALID_CONFIG', message: /Cluster/ })
      else await link.open()
    }
})

/** A client's way to define commands. */
const commands = {
  defineCommand(name: string): void {
    Object.assign(this, { [`${name}Buffer`]: () => assert.fail('nothing is run') })
  },
}

test('options that can not be are refused at once, by name', () => {
  const bad: [object, string][] = [
    [{ prefix: '' }, 'prefix'],
    [{ prefix: 'a{b}' }, 'prefix'],
    [{ partitions: 0 }, 'partitions'],
    [{ partitions: 1.5 }, 'partitions'],
    [{ inlineBytes: -1 }, 'inlineBytes'],
    [{ retryForMs: 0 }, 'retryForMs'],
    [{ retryForMs: 2_700_001 }, 'retryForMs'],
    [{ durability: { replicas: 1, timeoutMs: 240_001 } }, 'durability.timeoutMs'],
    [{ durability: { replicas: -1, timeoutMs: 1 } }, 'durability.replicas'],
    [{ onWritesLost: 1 }, 'onWritesLost'],
    [{ sweepIntervalMs: -1 }, 'sweepIntervalMs'],
    [{ statuses: {} }, 'statuses'],
    [{ transitions: 'some' }, 'transitions'],
  ]
  for (const [options, name] of bad)
    assert.throws(
      () => new RedisJobStore('redis://localhost:1', options),
      (error) => error instanceof InvalidConfigError && error.message.startsWith(`${name}:`),
    )
  assert.throws(
    () => new RedisJobStore('http://user:s3cret@localhost'),
    (error) => {
      return error instanceof InvalidConfigError && !error.message.includes('s3cret')
    },
  )
})

test.run()
