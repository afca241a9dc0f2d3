import assert from 'node:assert/strict'

import { Cluster, Redis } from 'ioredis'
import { suite } from 'uvu'

import { clientOf } from '../../src/redis/client.ts'
import { aJob } from '../contract/jobs.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { CLIENTS } from './support.ts'

const test = suite('Clients of the caller')

for (const [kind, options] of Object.entries(CLIENTS)) {
  test(`one ${kind} does everything, and is left open`, async () => {
    const { url } = await sharedRedis()
    const redis = new Redis(url, options)
    const store = openRedis(redis, { partitions: 2 })
    for (const id of ['a', 'b', 'c', 'd']) await store.create(aJob({ id }))
    const updated = await Promise.all(['a', 'b', 'c'].map((id) => store.updateStatus(id, 'queued')))
    assert.deepEqual(
      updated.map((job) => job?.status),
      ['queued', 'queued', 'queued'],
    )
    assert.equal(await store.delete('d'), true)
    assert.deepEqual([await store.countByUserId('user-1'), await store.countByStatus('queued')], [3, 3])
    assert.equal((await store.findByUserId('user-1')).length, 3)
    const types = []
    for await (const event of store.history('a')) types.push(event.type)
    assert.deepEqual(types, ['created', 'statusChanged'])
    await store.close()
    assert.equal(await redis.ping(), 'PONG')
    redis.disconnect()
  })
}

test('one that makes texts of numbers is refused at once, and a client of RedisOptions never does', async () => {
  const options = { stringNumbers: true, lazyConnect: true }
  const own = [new Redis(options), new Cluster([{ port: 1 }], { lazyConnect: true, redisOptions: options })]
  for (const redis of own)
    assert.throws(() => openRedis(redis), { code: 'INVALID_CONFIG', message: /^redis: .*stringNumbers/ })
  const byUrl = 'redis://127.0.0.1:1?stringNumbers=true'
  assert.throws(() => openRedis(byUrl), { code: 'INVALID_CONFIG', message: /^redis: .*stringNumbers/ })
  const { hostname, port } = new URL((await sharedRedis()).url)
  await using store = openRedis({ host: hostname, port: Number(port), stringNumbers: true })
  await store.create(aJob({ id: 'a' }))
  assert.equal((await store.findByUserId('user-1')).length, 1)
})

test('two stores share one client', async () => {
  const redis = new Redis((await sharedRedis()).url)
  const prefix = randomPrefix()
  const [one, two] = [openRedis(redis, { prefix }), openRedis(redis, { prefix })]
  await one.create(aJob({ id: 'a' }))
  assert.equal((await two.updateProgress('a', { percent: 5 }))?.progress.percent, 5)
  assert.equal((await one.findById('a'))?.progress.percent, 5)
  await one.close()
  assert.equal((await two.findById('a'))?.id, 'a')
  await two.close()
  redis.disconnect()
})

test('RedisOptions with Sentinels wait for them as a URL with Sentinels does, unless they say how', () => {
  const sentinels = [{ host: '127.0.0.1', port: 1 }]
  const byUrl = clientOf('redis+sentinel://127.0.0.1:1/primary').redis as Redis
  const byOptions = clientOf({ sentinels, name: 'primary' }).redis as Redis
  const settingsOf = ({ options }: Redis): unknown[] => [
    options.failoverDetector,
    options.sentinelCommandTimeout,
    options.sentinelRetryStrategy?.(1000),
    options.retryStrategy?.(1000),
    options.lazyConnect,
  ]
  assert.deepEqual(settingsOf(byOptions), settingsOf(byUrl))
  assert.deepEqual(settingsOf(byOptions), [true, 2000, 1000, 1000, true])
  const own = { failoverDetector: false, sentinelCommandTimeout: 7, sentinelRetryStrategy: () => 5 }
  const byOwn = clientOf({ sentinels, name: 'primary', ...own }).redis as Redis
  assert.deepEqual(settingsOf(byOwn).slice(0, 3), [false, 7, 5])
  const alone = clientOf({ host: '127.0.0.1', port: 1 }).redis as Redis
  assert.equal(alone.options.failoverDetector, false)
})

test('RedisOptions are accepted for a URL', async () => {
  const { hostname, port } = new URL((await sharedRedis()).url)
  const store = openRedis({ host: hostname, port: Number(port) })
  await store.create(aJob({ id: 'a' }))
  assert.equal((await store.findById('a'))?.id, 'a')
  await store.close()
})

test('a job is read by a client that has never seen it, in every way that a hash can hold it', async () => {
  const { url } = await sharedRedis()
  for (const inlineBytes of [0, 64, Infinity]) {
    const prefix = randomPrefix()
    const writer = openRedis(url, { prefix, inlineBytes })
    const large = 'x'.repeat(200)
    const job = aJob({ id: 'a', own: large, small: 1, '@event': 'own', when: new Date(0), gone: large, '': [1] })
    await writer.create(job)
    await writer.update('a', { own2: large, small: 2, gone: undefined, when: new Date(1), '@base': large })
    const expected: Record<string, unknown> = { ...job, own2: large, small: 2, when: new Date(1), '@base': large }
    delete expected['gone']
    const reader = openRedis(url, { prefix, inlineBytes })
    assert.deepEqual(await reader.findById('a'), expected)
    assert.deepEqual(await writer.findById('a'), expected)
    await Promise.all([writer.close(), reader.close()])
  }
})

test('a script that the server forgets each time that it is sent is sent again, until it is not', async () => {
  const { url } = await sharedRedis()
  const redis = new Redis(url)
  await using store = openRedis(redis)
  await store.create(aJob({ id: 'a' }))
  const send = redis.sendCommand.bind(redis)
  let refusals = 5
  redis.sendCommand = (command, stream) => {
    if (!command.name.startsWith('eval') || refusals === 0) return send(command, stream)
    refusals--
    const error = new Error('NOSCRIPT No matching script.')
    error.name = 'ReplyError'
    command.reject(error)
    return command.promise
  }
  assert.equal((await store.updateProgress('a', { percent: 5 }))?.progress.percent, 5)
  assert.equal(refusals, 0)
  await store.close()
  redis.disconnect()
})

test.run()
