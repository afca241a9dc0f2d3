import assert from 'node:assert/strict'

import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { suite } from 'uvu'

import type { JobStore } from '../../src/contract.ts'
import { type AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { Reading } from '../contract/reading.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis } from '../support/redis-server.ts'
import { openRedis } from '../support/redis-store.ts'
import { sharedRedis } from '../support/shared-redis.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { CLIENTS } from './support.ts'

const test = suite('Live on Redis')

const kinds: Record<string, RedisOptions> = {
  ...CLIENTS,
  'with a commandTimeout': { commandTimeout: 100 },
  'of another database': { db: 3 },
}

for (const [kind, options] of Object.entries(kinds)) {
  test(`a client of the caller's ${kind} is read from on a connection beside it, and left open`, async () => {
    const { url } = await sharedRedis()
    using client = openClient(url, options)
    const { redis } = client
    await using store = openRedis(redis, { partitions: 3 })
    await assertLive(store)
    await store.close()
    assert.equal(await redis.ping(), 'PONG')
  })
}

test('a client that selected another database since is followed there', async () => {
  using client = openClient((await sharedRedis()).url)
  const { redis } = client
  await redis.select(5)
  await using store = openRedis(redis)
  await assertLive(store)
})

test('a Cluster is read on one connection a partition', async () => {
  await using server = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] })
  using client = openClient(server.url)
  const admin = client.redis
  await admin.cluster('ADDSLOTSRANGE', 0, 16383)
  await eventually(async () => assert.match(await admin.cluster('INFO'), /cluster_state:ok/))
  const cluster = new Cluster([{ host: server.host, port: server.port }])
  await using store = openRedis(cluster, { partitions: 4 })
  try {
    await store.ready()
    const before = await connectionsOf(admin)
    await assertLive(store)
    const readings = Array.from({ length: 50 }, (_, index) => new Reading(store.subscribe({ jobId: `${index}` })))
    await eventually(async () => assert.equal(await connectionsOf(admin), before + 4))
    for (const reading of readings) await reading.leave()
    await eventually(async () => assert.equal(await connectionsOf(admin), before))
  } finally {
    await store.close()
    cluster.disconnect()
  }
})

test('10,000 readers take one connection, and the last one to leave gives it back', async () => {
  await using server = await startRedis()
  using client = openClient(server.url)
  const admin = client.redis
  await using store = openRedis(server.url, { partitions: 3 })
  await store.ready()
  const alone = await connectionsOf(admin)
  const readings = Array.from({ length: 10_000 }, (_, index) => new Reading(store.subscribe({ jobId: `${index}` })))
  await store.create(aJob({ id: '9999' }))
  await readings.at(-1)?.has(1)
  await eventually(async () => assert.equal(await connectionsOf(admin), alone + 1))
  for (const reading of readings.slice(1)) await reading.leave()
  await eventually(async () => assert.equal(await connectionsOf(admin), alone + 1))
  await readings[0]?.leave()
  await eventually(async () => assert.equal(await connectionsOf(admin), alone))
})

test('a server that forbids to read the log is said to, not waited for', async () => {
  await using server = await startRedis()
  using client = openClient(server.url)
  const admin = client.redis
  await admin.call('ACL', 'SETUSER', 'blind', 'on', '>x', '~*', '+@all', '-xread')
  await using store = openRedis({ host: server.host, port: server.port, username: 'blind', password: 'x' })
  const reading = new Reading(store.subscribe())
  await assert.rejects(reading.ended(), { code: 'STORE_UNAVAILABLE', message: /NOPERM|no permissions/ })
})

test('a store that was emptied has been rewound, for readers of all events and of one job', async () => {
  await using server = await startRedis()
  using client = openClient(server.url)
  const admin = client.redis
  await using store = openRedis(server.url, { partitions: 2 })
  await store.create(aJob({ id: 'a' }))
  const readings = [new Reading(store.subscribe()), new Reading(store.subscribe({ jobId: 'a' }))]
  const sights = new Reading(store.watch('a'))
  await sights.has(1)
  await store.updateStatus('a', 'queued')
  for (const reading of readings) await reading.has(1)
  await admin.flushall()
  for (const reading of readings) await assert.rejects(reading.ended(), { code: 'LOG_REWOUND' })
  await eventually(() => assert.deepEqual(sights.all.at(-1), { job: null, event: null }))
  await store.create(aJob({ id: 'a' }))
  await eventually(() => assert.equal(sights.all.at(-1)?.event?.type, 'created'))
})

test('reads that come back with nothing are followed by others', async () => {
  await using server = await startRedis()
  using client = openClient(server.url)
  const admin = client.redis
  await using store = openRedis(server.url)
  const reading = new Reading(store.subscribe())
  const reads = async (): Promise<number> =>
    Number(/cmdstat_xread:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0)
  for (let round = 1; round <= 3; round++) {
    const before = await reads()
    await eventually(async () => assert.ok((await reads()) >= before + 2))
    await store.create(aJob({ id: `${round}` }))
    await reading.has(round)
  }
})

test('a lost connection is noticed and made again: nothing is missing, nothing comes twice', async () => {
  await using server = await startRedis()
  await using proxy = await TcpProxy.to(server.port)
  await using store = openRedis(`redis://127.0.0.1:${proxy.port}`, { retryForMs: 20_000 })
  const reading = new Reading(store.subscribe())
  await store.create(aJob({ id: 'a' }))
  for (let round = 1; round <= 20; round++) {
    await store.updateProgress('a', { percent: round })
    proxy.cut()
  }
  const come = await reading.has(21)
  assert.deepEqual(
    come.map(({ version }) => version),
    Array.from({ length: 21 }, (_, index) => index + 1),
  )
})

test('on a frozen server a reader is left at once, and the store is closed in time', async () => {
  await using server = await startRedis()
  await using store = openRedis(server.url)
  await store.create(aJob({ id: 'a' }))
  const readings = [new Reading(store.subscribe()), new Reading(store.watch('a'))]
  await readings[1]?.has(1)
  server.pause()
  const resuming = new Reading(store.subscribe({ after: 'start' }))
  await resuming.leave()
  await resuming.ended()
  await readings[0]?.leave()
  await readings[0]?.ended()
  await store.close()
  await readings[1]?.ended()
  server.resume()
})

/** Everything that is written comes, from each job's partition, and what was there before, for who asks. */
async function assertLive(store: JobStore<AnyJob>): Promise<void> {
  const reading = new Reading(store.subscribe())
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  await Promise.all(ids.map((id) => store.create(aJob({ id }))))
  await reading.has(6)
  await store.updateStatus('a', 'queued')
  await Promise.all(ids.map((id) => store.updateProgress(id, { percent: 1 })))
  const come = await reading.has(13)
  const late = new Reading(store.subscribe({ after: 'start' }))
  assert.deepEqual((await late.has(13)).map(({ id }) => id).toSorted(), come.map(({ id }) => id).toSorted())
  await late.leave()
  await reading.leave()
}

/** A client that is closed with its block. */
function openClient(url: string, options: RedisOptions = {}): { redis: Redis } & Disposable {
  const redis = new Redis(url, options)
  return { redis, [Symbol.dispose]: () => redis.disconnect() }
}

async function connectionsOf(redis: Redis): Promise<number> {
  return Number(/^connected_clients:(\d+)/m.exec(await redis.info('clients'))?.[1])
}

test.run()
