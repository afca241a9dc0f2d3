import assert from 'node:assert/strict'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import type { Finding } from '../../src/diagnosis/finding.ts'
import { lookInto } from '../../src/redis/connect.ts'
import { diagnoseRedis } from '../../src/redis/diagnosis/diagnose.ts'
import { keysOf } from '../../src/redis/keys.ts'
import { aJob, createMany } from '../contract/jobs.ts'
import { startRedis } from '../support/redis-server.ts'
import { openRedis } from '../support/redis-store.ts'
import { serverWithStore, tell } from '../support/server-with-store.ts'

const test = suite('Diagnosis of a store in Redis')

const GOOD = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory', '200mb']
const EVICTING = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
]

function diagnose(url: string): Promise<Finding[]> {
  return lookInto(url, 5000, (redis) => diagnoseRedis(redis, 'jobs', null))
}

test('each setting that breaks a promise is named, with what to change', async () => {
  await using server = await serverWithStore(GOOD)
  const wrong: [string, string, string, 'warn' | 'fail', RegExp][] = [
    ['appendonly', 'no', 'persistence', 'fail', /restart loses.*CONFIG SET appendonly yes/],
    ['appendfsync', 'everysec', 'persistence', 'warn', /appendfsync always/],
    ['appendfsync', 'no', 'persistence', 'fail', /Half a minute/],
    ['no-appendfsync-on-rewrite', 'yes', 'persistence', 'fail', /no-appendfsync-on-rewrite no/],
    ['maxmemory', '0', 'memory', 'warn', /Set maxmemory/],
    ...EVICTING.map((policy): (typeof wrong)[number] => [
      'maxmemory-policy',
      policy,
      'eviction',
      'fail',
      policy.startsWith('volatile') ? /applied twice/ : /the log itself/,
    ]),
  ]
  for (const [setting, value, topic, verdict, advice] of wrong) {
    const redis = new Redis(server.url)
    const [, before = ''] = (await redis.config('GET', setting)) as string[]
    await redis.config('SET', setting, value)
    const all = await diagnose(server.url)
    const found = all.find((finding) => finding.topic === topic)
    assert.equal(found?.verdict, verdict, `${setting} ${value}`)
    assert.match(found.advice ?? '', advice)
    await redis.config('SET', setting, before)
    redis.disconnect()
  }
})

test('what may not be looked at is told, not taken for missing', async () => {
  await using server = await serverWithStore(GOOD)
  await tell(server, (redis) => redis.acl('SETUSER', 'guest', 'on', '>pass', '~*', '+@all', '-xrange', '-xrevrange'))
  const all = await diagnose(`redis://guest:pass@127.0.0.1:${server.port}`)
  const refused = all.filter(({ topic }) => topic === 'refused')
  assert.ok(refused.length > 0 && refused.every(({ verdict }) => verdict === 'unknown'))
  assert.match(refused.map(({ found }) => found).join(), /xrange/)
  assert.ok(all.every(({ topic, verdict }) => topic !== 'partitions' || verdict !== 'fail'))
})

test('a store that somebody else has laid hands on is not kept', async () => {
  const { meta, events, expiry, job, user } = keysOf('jobs', 0)
  const damages: [string, RegExp, (redis: Redis) => Promise<unknown>][] = [
    ['partitions', /state of partition 0 is gone/, (redis) => redis.del(meta)],
    ['partitions', /format 99/, (redis) => redis.hset(meta, 'format', '99')],
    ['log 0', /5 events.* 6 were expected/, (redis) => redis.xtrim(events, 'MAXLEN', 5)],
    ['log 0', /7 events.* 6 were expected/, (redis) => redis.xadd(events, '*', 'n', '9', 'type', 'x')],
    ['jobs', /TTL/, (redis) => redis.expire(job('job-00001'), 1000)],
    ['jobs', /has no hash/, (redis) => redis.del(job('job-00001'))],
    ['jobs', /is at version 7, by the log at 1/, (redis) => redis.hset(job('job-00001'), '@version', '7')],
    ['jobs', /names an event that the log does not have/, (redis) => redis.hset(job('job-00001'), '@event', '1-1')],
    ['jobs', /user's list/, (redis) => redis.zrem(user('user-1'), 'job-00001')],
    ['refused', /WRONGTYPE/, (redis) => redis.multi().del(expiry).set(expiry, 'text').exec()],
  ]
  await using server = await startRedis({ args: GOOD })
  for (const [topic, found, damage] of damages) {
    await tell(server, (redis) => redis.flushall())
    const store = openRedis(server.url, { prefix: 'jobs' })
    await createMany(store, 5)
    await store.updateProgress('job-00002', { percent: 50 })
    await store.close()
    await tell(server, damage)
    const all = await diagnose(server.url)
    const failed = all.filter((finding) => finding.topic === topic && finding.verdict === 'fail')
    assert.match(failed.map((finding) => finding.found).join(), found)
  }
})

test('no alarm while writers are at work', async () => {
  await using server = await serverWithStore(GOOD)
  const store = openRedis(server.url, { prefix: 'jobs' })
  const over = new AbortController()
  const write = async (): Promise<void> => {
    for (let count = 0; !over.signal.aborted; count++) {
      await Promise.all(['job-00000', 'job-00001'].map((id) => store.updateProgress(id, { percent: count % 100 })))
      await store.create(aJob({ id: 'coming' }))
      await store.delete('coming')
    }
  }
  const writing = write()
  try {
    for (let round = 0; round < 50; round++) {
      const all = await diagnose(server.url)
      assert.deepEqual(
        all.filter(({ verdict }) => verdict !== 'ok'),
        [],
      )
    }
  } finally {
    over.abort()
    await writing
    await store.close()
  }
})

test.run()
