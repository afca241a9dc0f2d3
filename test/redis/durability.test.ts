import assert from 'node:assert/strict'

import { Redis } from 'ioredis'
import { suite } from 'uvu'

import type { JobStore } from '../../src/index.ts'
import type { AnyJob } from '../contract/harness.ts'
import { aJob } from '../contract/jobs.ts'
import { openRedis, randomPrefix } from '../support/redis-store.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { tell } from '../support/server-with-store.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { startPrimary, startReplica } from '../support/topology/replica.ts'

const test = suite('P2: durability')

/** What is to be undone at the end, the newest first. */
class Undo implements AsyncDisposable {
  readonly #all: (() => unknown)[] = []

  add<R extends AsyncDisposable>(resource: R): R {
    this.#all.push(() => resource[Symbol.asyncDispose]())
    return resource
  }

  do(undo: () => unknown): void {
    this.#all.push(undo)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const undo of this.#all.reverse()) await undo()
  }
}

/** A primary, and a replica that is in step until its link is frozen: from then on each success would be a false one. */
interface Pair {
  primary: RedisServer
  freeze: () => void
}

async function startPair(undo: Undo): Promise<Pair> {
  const primary = undo.add(await startPrimary({ args: ['--repl-timeout', '3600'] }))
  const link = undo.add(await TcpProxy.to(primary.port))
  undo.add(await startReplica(link.port, { args: ['--repl-timeout', '3600'] }))
  return { primary, freeze: () => link.freeze() }
}

interface Options {
  timeoutMs?: number
  retryForMs?: number
  resends?: boolean
}

/** A store with a job a, and its own way to the server. */
async function openDurable(
  undo: Undo,
  { primary }: Pair,
  { timeoutMs = 200, retryForMs = 10_000, resends = true }: Options = {},
): Promise<{ store: JobStore<AnyJob>; redis: Redis; path: TcpProxy }> {
  const path = undo.add(await TcpProxy.to(primary.port))
  const redis = new Redis(path.port, {
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: resends,
    retryStrategy: () => 10,
  })
  redis.on('error', () => {})
  undo.do(() => redis.disconnect())
  const prefix = randomPrefix()
  const patient = openRedis(primary.url, { prefix, durability: { replicas: 1, timeoutMs: 10_000 } })
  await patient.create(aJob({ id: 'a' }))
  await patient.close()
  const store = undo.add(openRedis(redis, { prefix, retryForMs, durability: { replicas: 1, timeoutMs } }))
  await store.ready()
  return { store, redis, path }
}

test('a command given while the client connects again waits for its own replicas', async () => {
  await using undo = new Undo()
  const pair = await startPair(undo)
  const durable = await openDurable(undo, pair)
  pair.freeze()
  for (let step = 0; step < 10; step++) {
    durable.redis.disconnect(true)
    await assert.rejects(durable.store.updateProgress('a', { percent: step }), { code: 'NOT_DURABLE' })
  }
})

test('so does one whose script the server has forgotten', async () => {
  await using undo = new Undo()
  const pair = await startPair(undo)
  const durable = await openDurable(undo, pair)
  pair.freeze()
  await tell(pair.primary, (redis) => redis.script('FLUSH'))
  await assert.rejects(durable.store.updateProgress('a', { percent: 1 }), { code: 'NOT_DURABLE' })
})

test('a server that freezes while it waits for replicas: unknown, by retryForMs and timeoutMs', async () => {
  await using undo = new Undo()
  const pair = await startPair(undo)
  const durable = await openDurable(undo, pair, { timeoutMs: 300, retryForMs: 700 })
  pair.freeze()
  const told = assert.rejects(durable.store.updateProgress('a', { percent: 1 }), {
    code: 'STORE_UNAVAILABLE',
    outcome: 'unknown',
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  pair.primary.pause()
  try {
    await told
  } finally {
    pair.primary.resume()
  }
})

test('a client that forgets what it sent: the command is answered, and close() ends', async () => {
  await using undo = new Undo()
  const pair = await startPair(undo)
  const durable = await openDurable(undo, pair, { timeoutMs: 1000, resends: false })
  pair.freeze()
  const told = assert.rejects(durable.store.updateProgress('a', { percent: 1 }), { code: 'NOT_DURABLE' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  durable.path.cut()
  await told
  await durable.store.close()
})

test('of commands sent together only those that wrote are not durable', async () => {
  await using undo = new Undo()
  const pair = await startPair(undo)
  const durable = await openDurable(undo, pair)
  pair.freeze()
  const { store } = durable
  const told = await Promise.allSettled([
    store.create(aJob({ id: 'a' })),
    store.updateProgress('a', { percent: 1 }),
    store.updateProgress('none', { percent: 1 }),
    store.updateProgress('a', { percent: 2 }, { expectedVersion: 7 }),
  ])
  assert.deepEqual(
    told.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as { code: string }).code)),
    ['JOB_ALREADY_EXISTS', 'NOT_DURABLE', null, 'VERSION_CONFLICT'],
  )
  assert.equal((await store.findById('a'))?.progress.percent, 1)
})

test('on a Cluster it is refused: WAIT is not supported there', async () => {
  const { Cluster } = await import('ioredis')
  const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true })
  assert.throws(() => openRedis(cluster, { durability: { replicas: 1, timeoutMs: 100 } }), {
    code: 'INVALID_CONFIG',
    message: /durability\.replicas/,
  })
  cluster.disconnect()
})

test.run()
