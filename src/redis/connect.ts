import type { Cluster, Redis } from 'ioredis'

import { JobStoreError, StoreUnavailableError } from '../core/errors.ts'
import { readAddress } from './address.ts'
import { addressOf } from './client.ts'
import { strip } from './failures.ts'
import { makeClient, type ClientOptions } from './make-client.ts'
import { within } from './within.ts'

/**
 * Connects to what a URL names, for a look at it: unlike a store's own client, this one doesn't try again. One node of a
 * Cluster will do for the Cluster. Who calls closes it.
 * @param timeoutMs how long the server may take for a connection, and for each answer
 * @throws StoreUnavailableError, InvalidConfigError
 */
async function connectOnce(url: string, timeoutMs: number): Promise<Redis | Cluster> {
  const address = readAddress('redis', url)
  const options = onceWithin(timeoutMs)
  const redis = makeClient(address, options)
  await connect(redis, timeoutMs)
  if (address.kind !== 'server' || !(await isClusterNode(redis))) return redis
  redis.disconnect()
  const cluster = makeClient(readAddress('redis', clusterUrlOf(url)), options)
  await connect(cluster, timeoutMs)
  return cluster
}

const never = (): null => null

function onceWithin(timeoutMs: number): ClientOptions {
  const limits = { connectTimeout: timeoutMs, commandTimeout: timeoutMs, maxRetriesPerRequest: 0 }
  return {
    redis: { ...limits, retryStrategy: never },
    sentinel: { sentinelRetryStrategy: never, sentinelCommandTimeout: timeoutMs },
    cluster: { clusterRetryStrategy: never },
  }
}

async function isClusterNode(redis: Redis | Cluster): Promise<boolean> {
  const info = await redis.info('cluster').catch((error: unknown) => {
    redis.disconnect()
    throw unavailable(redis, error)
  })
  return /^cluster_enabled:1/m.test(info)
}

/** The URL of the Cluster that the server at a URL is part of. */
export function clusterUrlOf(url: string): string {
  const { protocol, username, password, host } = new URL(url)
  const login = username === '' && password === '' ? '' : `${username}:${password}@`
  return `${protocol.slice(0, -1)}+cluster://${login}${host || 'localhost'}`
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
  return new StoreUnavailableError(`Redis at ${addressOf(redis)} can't be used: ${cause.message.replace(/\.$/, '')}.`, {
    outcome: 'rejected',
    cause,
  })
}
