import { Cluster, Redis, type RedisOptions } from 'ioredis'

import { JobStoreError, StoreUnavailableError } from '../core/errors.ts'
import { addressOf } from './client.ts'
import { strip } from './failures.ts'

/**
 * Connects to what a URL names, a Cluster too, for a look at it: unlike a store's own client, this one doesn't try again.
 * Who calls closes it.
 * @param timeoutMs how long the server may take for a connection, and for each answer
 * @throws StoreUnavailableError
 */
async function connectOnce(url: string, timeoutMs: number): Promise<Redis | Cluster> {
  const options: RedisOptions = {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  }
  const redis = new Redis(url, options)
  let failure: unknown = null
  // connect() only says that the connection was closed; why, it says here.
  redis.on('error', (error) => {
    failure = error
  })
  try {
    await within(redis.connect(), timeoutMs)
    if (!/^cluster_enabled:1/m.test(await redis.info('cluster'))) return redis
  } catch (error) {
    redis.disconnect()
    throw unavailable(redis, failure ?? error)
  }
  redis.disconnect()
  return openCluster(url)
}

/** A client of the Cluster that the server at a URL is part of. Who calls closes it. */
export function openCluster(url: string): Cluster {
  const redis = new Redis(url, { lazyConnect: true })
  const { host, port, username, password, tls } = redis.options
  const own = { username, password, tls } as RedisOptions
  const cluster = new Cluster([{ host, port }], { redisOptions: own })
  // Without a listener ioredis prints each error; the calls that fail say it to their callers.
  return cluster.on('error', () => {})
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
  return new StoreUnavailableError(`Redis at ${addressOf(redis)} can't be used: ${cause.message}.`, 'rejected', {
    cause,
  })
}

/** A server that is frozen accepts connections, and never answers. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
