import assert from 'node:assert/strict'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { Caller } from '../../src/redis/caller.ts'
import { watched } from '../../src/redis/client.ts'
import { eventually } from '../support/eventually.ts'
import { sharedRedis } from '../support/shared-redis.ts'

const test = suite('A call of Redis')

/** Errors as ioredis has them: of the connection, and of the server. */
const LOST = new Error('Connection is closed.')

for (const message of ['ERR a defect', 'OOM command not allowed', 'NOPERM this user has no permissions'])
  test(`that may have been applied stays so when the next try ends with ${message}`, async () => {
    const redis = new Redis((await sharedRedis()).url)
    const caller = new Caller(Object.assign(watched(redis, 'here'), { isCluster: false }), 5000)
    const endings = [LOST, Object.assign(new Error(message), { name: 'ReplyError' })]
    const call = caller.call(() => Promise.reject(endings.shift() ?? new Error('a third try')))
    await assert.rejects(call, { code: 'STORE_UNAVAILABLE', outcome: 'unknown' })
    redis.disconnect()
  })

test('brings a client back that ioredis gave up, as it does when it hears of a failover while it connects', async () => {
  const redis = new Redis((await sharedRedis()).url, { lazyConnect: true })
  const caller = new Caller(watched(redis, 'here'), 5000)
  redis.connect().catch(() => {})
  // What its FailoverDetector calls.
  ;(redis as unknown as { connector: { disconnect(): void } }).connector.disconnect()
  await eventually(() => assert.equal(redis.status, 'end'))
  assert.equal(await caller.call((client) => client.ping()), 'PONG')
  await caller.close()
})

test("waits for a client of the user's that was closed once, when it connects again", async () => {
  const redis = new Redis((await sharedRedis()).url, { lazyConnect: true })
  const caller = new Caller(Object.assign(watched(redis, 'here'), { isOwn: false }), 5000)
  redis.disconnect()
  await assert.rejects(
    caller.call((client) => client.ping()),
    { code: 'STORE_UNAVAILABLE', outcome: 'rejected' },
  )
  redis.connect().catch(() => {})
  assert.equal(redis.status, 'connecting')
  assert.equal(await caller.call((client) => client.ping()), 'PONG')
  redis.disconnect()
})

test.run()
