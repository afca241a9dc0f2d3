import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis'

import type { RedisAddress, SeveralHosts } from './address.ts'

/** What else a client is told. */
export interface ClientOptions {
  /** Of each connection. */
  redis: RedisOptions
  sentinel: Pick<RedisOptions, 'sentinelRetryStrategy' | 'sentinelCommandTimeout' | 'failoverDetector'>
  cluster: Pick<ClusterOptions, 'clusterRetryStrategy'>
}

/** A client of what an address names. It connects when first used; who calls closes it. */
export function makeClient(address: RedisAddress, options: ClientOptions): Redis | Cluster {
  const lazy = { lazyConnect: true }
  if (address.kind === 'server') return new Redis(address.url, { ...options.redis, ...lazy })
  const redis: RedisOptions = { ...options.redis, ...loginOf(address) }
  if (address.kind === 'sentinel') return new Redis({ ...redis, ...options.sentinel, ...sentinelsOf(address), ...lazy })
  // Certificates are for names: resolved, the nodes would be called by their addresses.
  const byName: ClusterOptions = address.hasTls ? { dnsLookup: (host, done) => done(null, host) } : {}
  // A Cluster's client follows MOVED.
  const redisOptions = { ...redis, reconnectOnError: null }
  return new Cluster(address.hosts, { ...options.cluster, ...byName, ...lazy, redisOptions })
}

function loginOf({ username, password, hasTls }: SeveralHosts): RedisOptions {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(hasTls && { tls: {} }),
  }
}

function sentinelsOf(address: SeveralHosts): RedisOptions {
  const { hosts, name, db, hasTls, sentinelUsername, sentinelPassword } = address
  return {
    sentinels: hosts,
    name,
    db,
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(hasTls && { sentinelTLS: {}, enableTLSForSentinelMode: true }),
  }
}
