import assert from 'node:assert/strict'

import { Redis } from 'ioredis'

import { eventually } from '../eventually.ts'
import { startRedis, type RedisServer, type RedisServerOptions } from '../redis-server.ts'

/** Without it a primary waits 5 s for further replicas before it sends the first one anything. */
const SYNC_AT_ONCE = ['--repl-diskless-sync-delay', '0']

/** A server that replicas may follow without waiting. */
export function startPrimary(options: RedisServerOptions = {}): Promise<RedisServer> {
  return startRedis({ ...options, args: [...SYNC_AT_ONCE, ...(options.args ?? [])] })
}

/**
 * Starts a replica, and waits until it follows.
 * @param primaryPort of the primary, or of what stands between the two
 */
export async function startReplica(primaryPort: number, options: RedisServerOptions = {}): Promise<RedisServer> {
  const replica = await startPrimary(options)
  const redis = new Redis(replica.url)
  try {
    await redis.replicaof('127.0.0.1', primaryPort)
    await follows(redis)
    return replica
  } catch (error) {
    await replica[Symbol.asyncDispose]()
    throw error
  } finally {
    redis.disconnect()
  }
}

/** Waits until a replica is in step with its primary. */
async function follows(replica: Redis): Promise<void> {
  await eventually(async () => assert.match(await replica.info('replication'), /master_link_status:up/), {
    timeoutMs: 30_000,
  })
}

/** Makes a replica a server of its own. */
export async function promote(replica: RedisServer): Promise<void> {
  const redis = new Redis(replica.url)
  try {
    await redis.replicaof('NO', 'ONE')
  } finally {
    redis.disconnect()
  }
}
