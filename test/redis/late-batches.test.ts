import assert from 'node:assert/strict'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import { collect } from '../contract/assertions.ts'
import { aJob } from '../contract/jobs.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import { startRedis } from '../support/redis-server.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'

const test = suite('Batches that come late, or of a writer that is forgotten')

const RETRY_FOR_MS = 1500

test('a batch that arrives on an old connection after it was given up, or applied, is not applied again', async () => {
  await using server = await startRedis()
  await using proxy = await TcpProxy.to(server.port)
  // Told not to resend, the client leaves both batches on the old connection, and the store sends the second one again.
  const client = new Redis(proxy.port, { retryStrategy: () => 30, autoResendUnfulfilledCommands: false })
  client.on('error', () => {})
  await using store = openRedis(client, { retryForMs: RETRY_FOR_MS })
  await store.create(aJob())
  proxy.holdRequests()
  const first = store.updateProgress('job-1', { percent: 11 }).catch((error: { outcome?: string }) => error.outcome)
  await delay(RETRY_FOR_MS * 0.6)
  const second = store.updateProgress('job-1', { percent: 22 })
  await delay(RETRY_FOR_MS * 0.1)
  const address = server.port
  proxy.leadTo(1)
  proxy.loseClients()
  assert.equal(await first, 'unknown')
  proxy.leadTo(address)
  assert.equal((await second)?.progress.percent, 22)
  proxy.deliverLate()
  await delay(200)
  const percents = (await collect(store.history('job-1'))).map(({ data }) => data.progress?.percent)
  assert.deepEqual(percents, [0, 22])
  await store.updateProgress('job-1', { percent: 33 })
  assert.equal((await store.findRecord('job-1'))?.version, 3)
  client.disconnect()
})

test('a delete that a full server refuses at first is still before the create that was given after it', async () => {
  await using server = await startRedis()
  const client = new Redis(server.port)
  await using store = openRedis(client)
  await store.create(aJob({ note: 'old' }))
  const calls: Promise<unknown>[] = [client.config('SET', 'maxmemory', '1'), store.delete('job-1')]
  // So that each is a batch.
  await nextTurn()
  calls.push(client.config('SET', 'maxmemory', '0'), store.create(aJob({ note: 'new' })))
  assert.deepEqual((await Promise.all(calls)).slice(1), [true, 'OK', undefined])
  assert.equal((await store.findById('job-1'))?.['note'], 'new')
  client.disconnect()
})

test('what is kept of a writer ends by itself, also if its first batch was refused', async () => {
  await using server = await startRedis()
  const prefix = randomPrefix()
  await using store = openRedis(server.url, { prefix })
  await store.ready()
  const client = new Redis(server.port)
  await client.config('SET', 'maxmemory', '1')
  await assert.rejects(store.create(aJob()), { outcome: 'rejected' })
  await client.config('SET', 'maxmemory', '0')
  await store.create(aJob())
  const [key = ''] = await client.keys(`{${prefix}:0}:writer:*`)
  assert.ok((await client.pttl(key)) > 0)
  client.disconnect()
})

test('a writer whose key ran out, and whose events are there, goes on, and has lost nothing', async () => {
  await using server = await startRedis()
  const losses: unknown[] = []
  const prefix = randomPrefix()
  await using store = openRedis(server.url, { prefix, onWritesLost: (loss) => losses.push(loss) })
  await store.create(aJob())
  const client = new Redis(server.port)
  assert.equal(await client.del(...(await client.keys(`{${prefix}:0}:writer:*`))), 1)
  const changed = await Promise.all([1, 2, 3].map((percent) => store.updateProgress('job-1', { percent })))
  assert.deepEqual(
    changed.map((job) => job?.progress.percent),
    [1, 2, 3],
  )
  assert.deepEqual(losses, [])
  assert.equal((await store.findRecord('job-1'))?.version, 4)
  client.disconnect()
})

test.run()
