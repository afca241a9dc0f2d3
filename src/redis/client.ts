import type { EventEmitter } from 'node:events'

import { type Cluster, Redis, type RedisOptions } from 'ioredis'

import { InvalidConfigError, quote } from '../core/errors.ts'
import { readAddress } from './address.ts'
import { makeClient, type ClientOptions } from './make-client.ts'
import { codeIn, strip } from './failures.ts'

/** What the store may be given for a connection. */
export type RedisTarget = Redis | Cluster | string | RedisOptions

/** A client, and whose it is. */
export interface Client {
  redis: Redis | Cluster
  /** Made here, so to be closed here. */
  isOwn: boolean
  isCluster: boolean
  /** For messages: host and port, never a password. */
  address: string
  /** Why the last connection failed, if it did and the client is the store's own. */
  failure: Error | null
}

/**
 * The client of a store: the caller's, or one made here.
 * @throws InvalidConfigError naming what may be given
 */
export function clientOf(target: RedisTarget = 'redis://localhost:6379'): Client {
  if (typeof target === 'string') return ownClient(makeClient(readAddress('redis', target), OWN_OPTIONS))
  if (typeof target !== 'object' || target === null)
    throw InvalidConfigError.of('redis', 'an ioredis client, a URL or RedisOptions', target)
  if (!isClient(target)) {
    const defaults = target.sentinels == null ? {} : OWN_OPTIONS.sentinel
    return ownClient(new Redis({ ...defaults, ...target, ...OWN_OPTIONS.redis }))
  }
  if (isCluster(target) && ![undefined, 'master'].includes((target as Cluster).options?.scaleReads as string))
    throw InvalidConfigError.of('redis', "a Cluster with scaleReads 'master': replicas lag behind", 'another')
  refuseTexts(target)
  return { redis: target, isOwn: false, isCluster: isCluster(target), address: addressOf(target), failure: null }
}

/** Between two tries to connect; calls have deadlines of their own around them. */
const soon = (attempt: number): number => Math.min(attempt * 50, 1000)

/** How long a server that does not answer is waited for at the end: close() and it are to take less than five seconds. */
export const DISCONNECT_TIMEOUT_MS = 500

/** Connects when first used, and keeps trying. */
const OWN_OPTIONS = {
  redis: {
    lazyConnect: true,
    enableAutoPipelining: false,
    stringNumbers: false,
    maxRetriesPerRequest: null,
    retryStrategy: soon,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // A primary that was made a replica keeps its connections: the name or the Sentinels lead to another one by now.
    reconnectOnError: (error: Error) => codeIn(error) === 'READONLY',
  },
  // A primary that is cut off keeps its connections: without the detector they would be waited on.
  sentinel: { sentinelRetryStrategy: soon, sentinelCommandTimeout: 2000, failoverDetector: true },
  cluster: { clusterRetryStrategy: soon },
} satisfies ClientOptions

function ownClient(redis: Redis | Cluster): Client {
  refuseTexts(redis)
  return watched(redis, addressOf(redis))
}

/** A client of the store's own, with its errors noted. @param address what messages are to call it */
export function watched(redis: Redis | Cluster, address: string): Client {
  const client: Client = { redis, isOwn: true, isCluster: isCluster(redis), address, failure: null }
  // Without a listener ioredis prints each error; the calls that fail say it to their callers.
  redis.on('error', (error) => {
    client.failure = strip(error)
    // ioredis hears one error of a connection; a second one, like a TLS alert that comes late, would end the process.
    const { stream } = redis as unknown as { stream?: EventEmitter }
    stream?.on('error', () => {})
  })
  return client
}

/** Options of its connections may come with a URL too; a stand-in may have none. */
function refuseTexts(redis: Redis | Cluster): void {
  const options = isCluster(redis) ? (redis as Cluster).options?.redisOptions : (redis as Redis).options
  if (options?.stringNumbers)
    throw InvalidConfigError.of('redis', 'a client without stringNumbers, which makes texts of numbers', 'one with it')
}

function isClient(target: object): target is Redis | Cluster {
  return 'defineCommand' in target && typeof target.defineCommand === 'function'
}

function isCluster(redis: Redis | Cluster): boolean {
  return 'isCluster' in redis && redis.isCluster
}

/** For messages: host and port, never a password. */
export function addressOf(redis: Redis | Cluster): string {
  if (isCluster(redis)) return 'the Redis Cluster'
  const { host, port, path, sentinels, name } = (redis as Redis).options ?? {}
  if (sentinels) return `the primary ${quote(name ?? '')} of ${sentinels.length} Sentinels`
  return path ?? `${host ?? 'localhost'}:${port ?? 6379}`
}
