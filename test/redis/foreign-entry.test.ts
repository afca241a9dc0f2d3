import assert from 'node:assert/strict'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { partitionOf } from '../../src/core/order.ts'
import { keysOf } from '../../src/redis/keys.ts'
import { aJob } from '../contract/jobs.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'

const test = suite("A list that names another user's job")

for (const partitions of [1, 3])
  test(`is read without it, with ${partitions} partitions, and does not go on for ever`, async () => {
    const { url } = await sharedRedis()
    const prefix = randomPrefix()
    const redis = new Redis(url)
    await using store = openRedis(url, { prefix, partitions })
    try {
      await store.create(aJob({ id: 'own', userId: 'user-1' }))
      await store.create(aJob({ id: 'other', userId: 'user-2' }))
      const keys = keysOf(prefix, partitionOf('other', partitions))
      await redis.zadd(keys.user('user-1'), 1, 'other')
      const jobs = await store.findByUserId('user-1')
      assert.deepEqual(
        jobs.map(({ id }) => id),
        ['own'],
      )
    } finally {
      redis.disconnect()
    }
  })

test.run()
