import assert from 'node:assert/strict'

import { suite } from 'uvu'

import { aJob } from '../contract/jobs.ts'
import { openRedis } from '../support/redis-store.ts'
import { tell } from '../support/server-with-store.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { startPrimary, startReplica } from '../support/topology/replica.ts'

const test = suite('A primary that was made a replica')

test('and keeps its connections is left for the one that the address leads to now', async () => {
  await using primary = await startPrimary()
  await using replica = await startReplica(primary.port)
  await using address = await TcpProxy.to(primary.port)
  await using store = openRedis(`redis://127.0.0.1:${address.port}`, { retryForMs: 5000 })
  await store.create(aJob({ id: 'a' }))
  await tell(primary, (redis) => redis.wait(1, 5000))
  await tell(replica, (redis) => redis.replicaof('NO', 'ONE'))
  await tell(primary, (redis) => redis.replicaof('127.0.0.1', replica.port))
  address.leadTo(replica.port)
  const changed = await store.updateProgress('a', { percent: 5 })
  assert.equal(changed?.progress.percent, 5)
  await tell(replica, async (redis) => assert.match(await redis.info('replication'), /role:master/))
})

test.run()
