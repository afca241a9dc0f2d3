import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis'

import { JobStoreError, StoreUnavailableError } from '../core/errors.ts'
import { addressOf } from './client.ts'
import { strip } from './failures.ts'
import { within } from './within.ts'

/**
 * Connects to what a URL names, a Cluster too, for a look at it: unlike a store's own client, this one doesn't try again.
 * Who calls closes it.
 * @param timeoutMs how long the server may take for a connection, and for each answer
 * @throws StoreUnavailableError
 */
async function connectOnce(url: string, timeoutMs: number): Promise<Redis | Cluster> {
  const limits = { connectTimeout: timeoutMs, commandTimeout: timeoutMs, maxRetriesPerRequest: 0 }
  const redis = new Redis(url, { ...limits, lazyConnect: true, retryStrategy: () => null })
  await connect(redis, timeoutMs)
  const info = await redis.info('cluster').catch((error: unknown) => {
    redis.disconnect()
    throw unavailable(redis, error)
  })
  if (!/^cluster_enabled:1/m.test(info)) return redis
  redis.disconnect()
  const cluster = openCluster(url, { clusterRetryStrategy: () => null }, limits)
  await connect(cluster, timeoutMs)
  return cluster
}

/** A client of the Cluster that the server at a URL is part of. Connects when first used; who calls closes it. */
export function openCluster(url: string, options: ClusterOptions = {}, redisOptions: RedisOptions = {}): Cluster {
  const { host, port, username, password, tls } = new Redis(url, { lazyConnect: true }).options
  const own = { ...redisOptions, username, password, tls } as RedisOptions
  const cluster = new Cluster([{ host, port }], { ...options, lazyConnect: true, redisOptions: own })
  // Without a listener ioredis prints each error; the calls that fail say it to their callers.
  return cluster.on('error', () => {})
}

/** @throws StoreUnavailableError; the client is disconnected then */
async function connect(redis: Redis | Cluster, timeoutMs: number): Promise<void> {
  let failure: unknown = null
  // connect() only says that the connection was closed; why, it says here.
  redis.on('error', (error) => {
    failure = error
  })
  try {
    // A server that is frozen accepts connections, and never answers.
    await within(redis.connect(), timeoutMs)
  } catch (error) {
    redis.disconnect()
    throw unavailable(redis, failure ?? error)
  }
}

/**
 * Connects, has a look and disconnects again.
 * @throws StoreUnavailableError for whatever the client throws
 */
export async function lookInto<R>(
  url: string,
  timeoutMs: number,
  look: (redis: Redis | Cluster) => Promise<R>,
): Promise<R> {
  const redis = await connectOnce(url, timeoutMs)
  try {
    return await look(redis)
  } catch (error) {
    if (error instanceof JobStoreError) throw error
    throw unavailable(redis, error)
  } finally {
    redis.disconnect()
  }
}

function unavailable(redis: Redis | Cluster, error: unknown): StoreUnavailableError {
  const cause = strip(error)
  return new StoreUnavailableError(
    `Redis at ${addressOf(redis)} can't be used: ${cause.message.replace(/\.$/, '')}.`,
    'rejected',
    {
      cause,
    },
  )
}
