import type { Cluster, Redis, RedisOptions } from 'ioredis'
import { addressOf, DISCONNECT_TIMEOUT_MS, watched, type Client } from '../client.ts'

/**
 * What a connection beside the caller's is like, whatever the caller's is: no call is ever sent twice, none is cut short
 * by the client, and once lost it stays lost. What identifies server and store (address, password, TLS, Sentinels,
 * keyPrefix) is the caller's.
 */
const OPTIONS = {
  lazyConnect: true,
  enableAutoPipelining: false,
  enableReadyCheck: true,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: false,
  retryStrategy: () => null,
  reconnectOnError: null,
  commandTimeout: undefined,
  blockingTimeout: undefined,
  socketTimeout: undefined,
  disconnectTimeout: DISCONNECT_TIMEOUT_MS,
} satisfies RedisOptions

/**
 * Makes a connection of its own to the server that a client talks to; in a Cluster, to the one that has a key now. It
 * connects when first used. Who calls closes it.
 */
export async function connectBeside({ redis, isCluster }: Client, key: string): Promise<Client> {
  const own = isCluster ? await besideNode(redis as Cluster, key) : besideServer(redis as Redis)
  return Object.assign(watched(own, addressOf(redis)), { isCluster })
}

/** The database is the one that the client has selected since. */
function besideServer(redis: Redis): Redis {
  return redis.duplicate({ ...OPTIONS, db: redis.condition?.select ?? redis.options?.db ?? 0 })
}

/** Asking for the key makes the Cluster's client look for its nodes again, if it has lost them or the slot has moved. */
async function besideNode(cluster: Cluster, key: string): Promise<Redis> {
  const { keyPrefix = '' } = cluster.options
  await cluster.hget(key, 'epoch')
  const slot = await cluster.cluster('KEYSLOT', keyPrefix + key)
  const master = cluster.slots[slot]?.[0]
  const node = cluster.nodes('master').find(({ options }) => `${options.host}:${options.port}` === master)
  if (node === undefined) throw new Error(`no node of the Cluster has slot ${slot} now`)
  return node.duplicate({ ...OPTIONS, keyPrefix, readOnly: false })
}
