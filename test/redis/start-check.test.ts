import assert from 'node:assert/strict'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import type { Finding } from '../../src/diagnosis/finding.ts'
import { RedisJobStore } from '../../src/redis/redis-job-store.ts'
import { aJob } from '../contract/jobs.ts'
import { openRedis } from '../support/redis-store.ts'
import { startRedis, type RedisServer } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'

const test = suite('The check at the start of a store in Redis')

const GOOD = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory', '200mb']
const EVICTING = ['lru', 'lfu', 'random'].flatMap((way) => [`allkeys-${way}`, `volatile-${way}`])

/** What a store that opens there says of it, each finding as topic and verdict. */
async function warningsOf(url: string): Promise<string[]> {
  const findings: Finding[] = []
  await using store = openRedis(url, { onWarning: (finding) => findings.push(finding) })
  await store.ready()
  return findings.map(({ topic, verdict }) => `${topic} ${verdict}`)
}

function guestOf(server: RedisServer): string {
  return `redis://guest:pass@127.0.0.1:${server.port}`
}

test('says nothing of a server that keeps all promises', async () => {
  await using server = await startRedis({ args: GOOD })
  assert.deepEqual(await warningsOf(server.url), [])
})

test('tells each setting that breaks a promise, and each of the seven policies that evict', async () => {
  await using server = await startRedis({ args: GOOD })
  const wrong: [string, string, string][] = [
    ['appendonly', 'no', 'persistence fail'],
    ['appendfsync', 'everysec', 'persistence warn'],
    ['appendfsync', 'no', 'persistence fail'],
    ['no-appendfsync-on-rewrite', 'yes', 'persistence fail'],
    ...[...EVICTING, 'volatile-ttl'].map((policy): [string, string, string] => [
      'maxmemory-policy',
      policy,
      'eviction fail',
    ]),
  ]
  for (const [setting, value, warning] of wrong) {
    const redis = new Redis(server.url)
    const [, before = ''] = (await redis.config('GET', setting)) as string[]
    await redis.config('SET', setting, value)
    assert.deepEqual(await warningsOf(server.url), [warning], `${setting} ${value}`)
    await redis.config('SET', setting, before)
    redis.disconnect()
  }
})

test('where CONFIG is refused it goes by INFO, and says what is not known', async () => {
  await using server = await startRedis({ args: [...GOOD, '--maxmemory-policy', 'volatile-lru'] })
  await tell(server, (redis) => redis.acl('SETUSER', 'guest', 'on', '>pass', '~*', '+@all', '-config'))
  assert.deepEqual(await warningsOf(guestOf(server)), ['persistence unknown', 'eviction fail'])
})

test('warns of a call that only verify() needs, and refuses a user whose scripts would stop midway', async () => {
  await using server = await startRedis({ args: GOOD })
  await tell(server, (redis) => redis.acl('SETUSER', 'guest', 'on', '>pass', '~*', '+@all', '-scan'))
  assert.deepEqual(await warningsOf(guestOf(server)), ['acl warn'])
  await tell(server, (redis) => redis.acl('SETUSER', 'guest', '+scan', '-zadd'))
  await using store = openRedis(guestOf(server), { prefix: 'jobs' })
  await assert.rejects(store.create(aJob()), { code: 'STORE_UNAVAILABLE', outcome: 'rejected', message: /ZADD/ })
  await tell(server, async (redis) => assert.deepEqual(await redis.keys('{jobs:*'), []))
  await tell(server, (redis) => redis.acl('SETUSER', 'guest', '+zadd'))
  await store.create(aJob())
})

test('a store that waits for replicas is refused to a user who may not', async () => {
  await using server = await startRedis()
  await tell(server, (redis) => redis.acl('SETUSER', 'guest', 'on', '>pass', '~*', '+@all', '-wait'))
  await using store = openRedis(guestOf(server), { durability: { replicas: 1, timeoutMs: 100 } })
  await assert.rejects(store.ready(), { code: 'STORE_UNAVAILABLE', message: /WAIT/ })
})

test('a server that says an old version is refused', async () => {
  await using server = await startRedis()
  const redis = new Redis(server.url)
  // Once it is connected: the client's ready check asks for INFO too.
  await redis.ping()
  redis.info = async () => 'redis_version:6.0.20\r\n'
  await using store = openRedis(redis)
  await assert.rejects(store.ready(), { code: 'INVALID_CONFIG', message: /6\.2 or later.*6\.0\.20/ })
  redis.disconnect()
  await tell(server, async (other) => assert.deepEqual(await other.keys('*'), []))
})

test('an onWarning that throws does not fail ready()', async () => {
  await using server = await startRedis()
  let calls = 0
  const onWarning = (): never => {
    calls++
    throw new Error('no pager')
  }
  await using store = openRedis(server.url, { onWarning })
  await store.ready()
  assert.ok(calls > 0)
})

test('without onWarning, the process is warned, with a code, once a store', async () => {
  await using server = await startRedis()
  const warnings: NodeJS.ErrnoException[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)
  await using store = new RedisJobStore(server.url, { sweepIntervalMs: 0 })
  await store.ready()
  await tell(server, (redis) => redis.flushall())
  await store.create(aJob() as never)
  await store.close()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', note)
  assert.deepEqual(
    warnings.map(({ name, code }) => [name, code]),
    [['JobStoreWarning', 'JOBLEDGER_PERSISTENCE']],
  )
})

test.run()
