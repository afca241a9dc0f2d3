import type { EventEmitter } from 'node:events'

import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { InvalidConfigError } from '../core/errors.ts'
import { strip } from './failures.ts'

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
  if (typeof target === 'string') {
    if (!/^rediss?:\/\/./.test(target))
      throw new InvalidConfigError('redis', 'a URL that begins with redis:// or rediss://', withoutPassword(target))
    return ownClient(new Redis(target, OWN_OPTIONS))
  }
  if (typeof target !== 'object' || target === null)
    throw new InvalidConfigError('redis', 'an ioredis client, a URL or RedisOptions', target)
  if (isClient(target))
    return { redis: target, isOwn: false, isCluster: isCluster(target), address: addressOf(target), failure: null }
  return ownClient(new Redis({ ...target, ...OWN_OPTIONS }))
}

/** Connects when first used; keeps trying, since every call has a deadline of its own around it. */
const OWN_OPTIONS = {
  lazyConnect: true,
  enableAutoPipelining: false,
  maxRetriesPerRequest: null,
  retryStrategy: (attempt: number) => Math.min(attempt * 50, 1000),
} satisfies RedisOptions

function ownClient(redis: Redis): Client {
  return watched(redis, addressOf(redis))
}

/** A client of the store's own, with its errors noted. @param address what messages are to call it */
export function watched(redis: Redis, address: string): Client {
  const client: Client = { redis, isOwn: true, isCluster: false, address, failure: null }
  // Without a listener ioredis prints each error; the calls that fail say it to their callers.
  redis.on('error', (error) => {
    client.failure = strip(error)
    // ioredis hears one error of a connection; a second one, like a TLS alert that comes late, would end the process.
    const { stream } = redis as unknown as { stream?: EventEmitter }
    stream?.on('error', () => {})
  })
  return client
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
  const { host, port, path } = (redis as Redis).options ?? {}
  return path ?? `${host ?? 'localhost'}:${port ?? 6379}`
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@')
}
