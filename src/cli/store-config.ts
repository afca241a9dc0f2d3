import { readEnvironment, type Environment, type JobStoreConfig } from '../config.ts'
import { describeAddress, readAddress, URL_FORMS } from '../redis/address.ts'
import { UsageError } from './exit-codes.ts'

/** A store that outlives this process. */
export type StoreConfig = Exclude<JobStoreConfig, { type: 'memory' }>

/** How a store is named on the command line. */
export interface StoreChoice {
  store?: string | undefined
  prefix?: string | undefined
  partitions?: number | undefined
}

/** What the options are called that name a store; for messages. */
type OptionNames = Record<keyof StoreChoice, string>

const OPTIONS: OptionNames = { store: '--store', prefix: '--prefix', partitions: '--partitions' }

/**
 * The store that --store names, else the one that getJobStore() would open; what --store does not say is taken from the
 * environment too. Nothing is swept by the way: purge does that.
 * @throws UsageError, InvalidConfigError
 */
export function storeConfig(
  { store, prefix, partitions }: StoreChoice,
  env: Environment,
  names: OptionNames = OPTIONS,
): StoreConfig {
  const config = readEnvironment({
    ...env,
    ...(store !== undefined && addressOf(store, names.store)),
    ...(prefix !== undefined && { JOB_STORE_PREFIX: prefix }),
    ...(partitions !== undefined && { JOB_STORE_PARTITIONS: String(partitions) }),
    JOB_STORE_SWEEP_INTERVAL_MS: '0',
    // It only matters to commands on jobs, of which there are none here; and a store with statuses of its own has its own.
    JOB_STORE_TRANSITIONS: undefined,
  })
  if (config.type === 'memory') throw new UsageError(NO_STORE)
  if (config.type === 'sqlite' && (prefix !== undefined || partitions !== undefined))
    throw new UsageError(`${names.prefix} and ${names.partitions} go with Redis, and the store is an SQLite file.`)
  if (config.type === 'sqlite' && config.path === ':memory:')
    throw new UsageError(store === undefined ? NO_STORE : `${names.store}: expected a store that outlives its process.`)
  return config
}

const NO_STORE =
  'No store was named, and one in memory is gone with its process. Give --store redis://host:port or --store ' +
  'sqlite:path, or set JOB_STORE_TYPE to redis or sqlite, with REDIS_URL or SQLITE_PATH.'

/** @throws UsageError, InvalidConfigError without the text, which may hold a password */
function addressOf(store: string, option: string): Environment {
  if (/^rediss?[:+]/.test(store)) {
    readAddress(option, store)
    return { JOB_STORE_TYPE: 'redis', REDIS_URL: store }
  }
  const path = /^sqlite:(.+)$/s.exec(store)?.[1]
  if (path === undefined) throw new UsageError(`${option}: expected ${URL_FORMS}, or sqlite:path, got another text.`)
  return { JOB_STORE_TYPE: 'sqlite', SQLITE_PATH: path }
}

/** The store's place for people; without a password. */
export function labelOf(config: StoreConfig): string {
  if (config.type === 'sqlite') return `sqlite:${config.path ?? 'jobs.db'}`
  const address = readAddress('REDIS_URL', config.url ?? 'redis://localhost:6379')
  return `${describeAddress(address)}, prefix ${config.prefix ?? 'jobs'}`
}
