import { InvalidConfigError } from '../core/errors.ts'
import type { Finding } from '../diagnosis/finding.ts'
import { harmless } from '../harmless.ts'
import { requireInteger, type StoreOptions } from '../options.ts'
import type { DurabilityOptions } from './durability.ts'
import { warnProcess } from './start-check.ts'

/**
 * A batch may be sent again for so long, and then for as long as replicas are waited for: in all well within the 50 minutes for
 * which Redis keeps its outcome at least (lua/lib/writer.lua; src/redis/writer.ts renews the hour every ten).
 */
const MOST_RETRY_MS = 45 * 60_000
const MOST_WAIT_MS = 4 * 60_000

/** What a store in Redis may be told besides what every store may. */
export interface RedisStoreOptions extends StoreOptions {
  /** Stands before every key, inside the hash tag. Default 'jobs'. */
  prefix?: string
  /** Hash slots that the jobs are spread over, 1 to 1024; fixed at the store's first use and kept in Redis. Default 1, with a Cluster 16. @throws StoreMismatchError if Redis holds another number */
  partitions?: number
  /** A field whose encoded value is larger stands only in the log, referred to from the job's hash; so do the fields given at create if they are larger together. Default 64; Infinity keeps every hash whole by itself, for about twice the memory. */
  inlineBytes?: number
  /** Acknowledge a write only when this many replicas have it. Default 0. @throws NotDurableError if they don't within timeoutMs; the write may still stand. */
  durability?: DurabilityOptions
  /** How long a command is tried again over lost connections and failovers, 45 minutes at most: Redis keeps the outcomes of batches for an hour. Default 10000. @throws StoreUnavailableError */
  retryForMs?: number
  /** Told when Redis has lost writes that it had acknowledged (a failover without durability, a restart without AOF). */
  onWritesLost?: (loss: { partition: number; batches: number }) => void
  /**
   * When the log is there but the state is not. Default 'refuse': ready() throws ProjectionLostError, and so does every
   * call until rebuild(). 'rebuild': the first store to open makes it again, all others wait.
   */
  onProjectionLost?: 'refuse' | 'rebuild'
  /**
   * Told once, at the start, of each way in which server or user promise less than they could, or do not say: what
   * `jobledger doctor` says of `server`, `persistence`, `eviction` and `acl`. Default: process.emitWarning, with the codes
   * JOBLEDGER_SERVER, JOBLEDGER_PERSISTENCE, JOBLEDGER_EVICTION and JOBLEDGER_ACL.
   */
  onWarning?: (finding: Finding) => void
}

/** The options of a store in Redis, checked and completed. */
export interface RedisSettings {
  prefix: string
  partitions: number
  inlineBytes: number
  durability: DurabilityOptions | null
  retryForMs: number
  onWritesLost: (loss: { partition: number; batches: number }) => void
  onWarning: (finding: Finding) => void
}

/** @throws InvalidConfigError naming the option and what it may be */
export function readRedisOptions(options: RedisStoreOptions, isCluster: boolean): RedisSettings {
  const {
    prefix = 'jobs',
    partitions = isCluster ? 16 : 1,
    inlineBytes = 64,
    retryForMs = 10_000,
    onWritesLost,
    onWarning,
  } = options
  if (typeof prefix !== 'string' || !/^[^{}\0\r\n]{1,128}$/.test(prefix) || !prefix.isWellFormed())
    throw InvalidConfigError.of('prefix', 'text of 1 to 128 characters without braces or line breaks', prefix)
  const { onProjectionLost = 'refuse' } = options
  if (onProjectionLost !== 'refuse' && onProjectionLost !== 'rebuild')
    throw InvalidConfigError.of('onProjectionLost', "'refuse' or 'rebuild'", onProjectionLost)
  if (onWritesLost !== undefined && typeof onWritesLost !== 'function')
    throw InvalidConfigError.of('onWritesLost', 'a function', onWritesLost)
  if (onWarning !== undefined && typeof onWarning !== 'function')
    throw InvalidConfigError.of('onWarning', 'a function', onWarning)
  return {
    prefix,
    partitions: requireInteger('partitions', partitions, 1, 1024),
    inlineBytes:
      inlineBytes === Infinity ? Infinity : requireInteger('inlineBytes', inlineBytes, 0, Number.MAX_SAFE_INTEGER),
    durability: readDurability(options.durability, isCluster),
    retryForMs: requireInteger('retryForMs', retryForMs, 1, MOST_RETRY_MS),
    onWritesLost: onWritesLost === undefined ? () => {} : harmless('onWritesLost', onWritesLost),
    onWarning: onWarning === undefined ? warnProcess : harmless('onWarning', onWarning),
  }
}

function readDurability(durability: unknown, isCluster: boolean): DurabilityOptions | null {
  if (durability === undefined) return null
  if (typeof durability !== 'object' || durability === null)
    throw InvalidConfigError.of('durability', '{ replicas, timeoutMs }', durability)
  const { replicas, timeoutMs } = durability as Record<string, unknown>
  const wanted = requireInteger('durability.replicas', replicas, 0, 100)
  if (wanted > 0 && isCluster)
    throw InvalidConfigError.of('durability.replicas', '0 on a Cluster, where WAIT is not supported yet', wanted)
  const options = { replicas: wanted, timeoutMs: requireInteger('durability.timeoutMs', timeoutMs, 1, MOST_WAIT_MS) }
  return wanted === 0 ? null : options
}
