import assert from 'node:assert/strict'

import { Redis } from 'ioredis'

import { eventually } from '../eventually.ts'
import { startRedis, type RedisServer } from '../redis-server.ts'
import { startPrimary, startReplica } from './replica.ts'

/** What the Sentinels call the primary. */
const PRIMARY_NAME = 'main'

const SENTINELS = 3

/** A primary, two replicas and three Sentinels that watch them: it is taken for dead after a second. */
export class SentinelTopology implements AsyncDisposable {
  readonly servers: RedisServer[] = []
  readonly sentinels: RedisServer[] = []

  static async start(args: string[] = []): Promise<SentinelTopology> {
    const topology = new SentinelTopology()
    try {
      await topology.#start(args)
      return topology
    } catch (error) {
      await topology[Symbol.asyncDispose]()
      throw error
    }
  }

  /** As a store is given it. */
  get url(): string {
    return `redis+sentinel://${this.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${PRIMARY_NAME}`
  }

  /** The server that the Sentinels take for the primary now. */
  async primary(): Promise<RedisServer> {
    const port = await this.#askSentinel(async (sentinel) => {
      const address = (await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', PRIMARY_NAME)) as string[]
      return Number(address[1])
    })
    return this.servers.find((server) => server.port === port) ?? assert.fail(`no server has the port ${port}`)
  }

  /** Waits until the primary of now has two replicas in step with it. */
  async isReplicated(): Promise<void> {
    await eventually(() => this.#onPrimary(hasReplicas), { timeoutMs: 60_000, intervalMs: 100 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.sentinels, ...this.servers].map((server) => server.kill()))
    await Promise.all([...this.sentinels, ...this.servers].map((server) => server[Symbol.asyncDispose]()))
  }

  async #start(args: string[]): Promise<void> {
    const primary = await startPrimary({ args })
    this.servers.push(primary)
    for (let replica = 0; replica < 2; replica++) this.servers.push(await startReplica(primary.port, { args }))
    const sentinel = [
      `sentinel monitor ${PRIMARY_NAME} 127.0.0.1 ${primary.port} 2`,
      `sentinel down-after-milliseconds ${PRIMARY_NAME} 1000`,
      `sentinel failover-timeout ${PRIMARY_NAME} 3000`,
    ]
    for (let started = 0; started < SENTINELS; started++) this.sentinels.push(await startRedis({ sentinel }))
    await eventually(() => this.#askSentinel(knowsAll), { timeoutMs: 30_000, intervalMs: 100 })
  }

  async #onPrimary(look: (redis: Redis) => Promise<void>): Promise<void> {
    const redis = new Redis((await this.primary()).url, { retryStrategy: () => null })
    try {
      await look(redis)
    } finally {
      redis.disconnect()
    }
  }

  async #askSentinel<R>(ask: (sentinel: Redis) => Promise<R>): Promise<R> {
    const sentinel = new Redis(this.sentinels[0]?.url ?? assert.fail('there is no Sentinel'))
    try {
      return await ask(sentinel)
    } finally {
      sentinel.disconnect()
    }
  }
}

async function knowsAll(sentinel: Redis): Promise<void> {
  const info = await sentinel.info('sentinel')
  assert.match(info, new RegExp(`status=ok,address=[^,]+,slaves=2,sentinels=${SENTINELS}`))
}

async function hasReplicas(redis: Redis): Promise<void> {
  const info = await redis.info('replication')
  assert.equal(info.match(/state=online/g)?.length, 2, info)
}
