import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

import { Cluster, type Redis } from 'ioredis'

import { createJobStore } from '../config.ts'
import { JobStoreError, quote } from '../core/errors.ts'
import { clusterUrlOf, lookInto } from '../redis/connect.ts'
import { findStore, type FoundStore } from '../redis/find-store.ts'
import { RedisJobStore } from '../redis/redis-job-store.ts'
import type { AnyJob, AnyStore } from './context.ts'
import type { StoreConfig } from './store-config.ts'

/** A person waits: what has not answered by then is away. */
const RETRY_FOR_MS = 5000

/** Where Redis is, if nothing says it. */
export const DEFAULT_REDIS_URL = 'redis://localhost:6379'

/** How long Redis may take for an answer. */
export function patienceOf(config: StoreConfig & { type: 'redis' }): number {
  return config.retryForMs ?? RETRY_FOR_MS
}

/**
 * Opens a store, does something with it and closes it, whatever becomes of it.
 * @param mayBeNew make it if it is not there; else a mistyped path or prefix would look like a store without jobs
 * @throws JobStoreError (NO_STORE) if it is not there
 */
export async function withStore<R>(
  config: StoreConfig,
  use: (store: AnyStore) => Promise<R>,
  { mayBeNew = false }: { mayBeNew?: boolean } = {},
): Promise<R> {
  const { store, close } = await (config.type === 'sqlite' ? openFile(config, mayBeNew) : openRedis(config, mayBeNew))
  try {
    return await use(store)
  } finally {
    await close()
  }
}

interface Opened {
  store: AnyStore
  close: () => Promise<void>
}

async function openFile(config: StoreConfig & { type: 'sqlite' }, mayBeNew: boolean): Promise<Opened> {
  if (!mayBeNew) requireFile(config.path, isThere)
  const store = createJobStore<AnyJob>(config)
  return { store, close: () => store.close() }
}

/**
 * @param isFound whether a path is one; doctor, which opens no store, tells what is wrong with an empty file too
 * @throws JobStoreError (NO_STORE)
 */
export function requireFile(path = 'jobs.db', isFound: (path: string) => boolean = existsSync): void {
  if (!isFound(path)) throw noStore(`There is no SQLite file at ${quote(resolve(path))}.`)
}

/** Of an empty file SQLite makes a database: who only looks must not. */
export function isThere(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/** The number of partitions is read from the store, unless it is given. */
async function openRedis(config: StoreConfig & { type: 'redis' }, mayBeNew: boolean): Promise<Opened> {
  const { type: _, url = DEFAULT_REDIS_URL, prefix = 'jobs', ...own } = config
  const { partitions, isCluster } = await lookInto(url, patienceOf(config), async (redis) => {
    const found = mayBeNew ? await findStore(redis, prefix) : await requireStore(redis, prefix)
    return { partitions: config.partitions ?? found?.partitions, isCluster: redis instanceof Cluster }
  })
  // What looks gives up at once; the store's own client goes on over lost connections.
  const options = {
    // doctor says how the server is set.
    onWarning: () => {},
    ...own,
    prefix,
    retryForMs: patienceOf(config),
    ...(partitions != null && { partitions }),
  }
  const isOneNode = isCluster && /^rediss?:/.test(url)
  const store = new RedisJobStore<AnyJob>(isOneNode ? clusterUrlOf(url) : url, options)
  return { store, close: () => store.close() }
}

/** @throws JobStoreError (NO_STORE) */
export async function requireStore(redis: Redis | Cluster, prefix: string): Promise<FoundStore> {
  const found = await findStore(redis, prefix)
  if (found === null) throw noStore(`There is no job store in that Redis under the prefix ${quote(prefix)}.`)
  return found
}

function noStore(message: string): JobStoreError {
  return new JobStoreError('NO_STORE', `${message} --store, or the environment, says where to look.`)
}
