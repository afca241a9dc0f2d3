import { InvalidConfigError } from './core/errors.ts'
import type { JobStore } from './contract.ts'
import type { Job, JobCore } from './core/job.ts'
import { MemoryJobStore } from './memory/memory-job-store.ts'
import { requireInteger, type StoreOptions } from './options.ts'
import { readAddress } from './redis/address.ts'
import { RedisJobStore } from './redis/redis-job-store.ts'
import type { RedisStoreOptions } from './redis/settings.ts'
import { SqliteJobStore, type SqliteStoreOptions } from './sqlite/sqlite-job-store.ts'

/** Which backend, where, and its options. */
export type JobStoreConfig =
  | ({ type: 'memory' } & StoreOptions)
  | ({ type: 'sqlite'; path?: string } & SqliteStoreOptions)
  | ({ type: 'redis'; url?: string } & RedisStoreOptions)

/** Makes the store that a config names. @throws InvalidConfigError naming the option and what it may be */
export function createJobStore<T extends JobCore = Job>(config: JobStoreConfig): JobStore<T> {
  switch (config?.type) {
    case 'memory': {
      const { type: _, ...options } = config
      return new MemoryJobStore<T>(options)
    }
    case 'sqlite': {
      const { type: _, path, ...options } = config
      return new SqliteJobStore<T>(path, options)
    }
    case 'redis': {
      const { type: _, url, ...options } = config
      return new RedisJobStore<T>(url, options)
    }
    default:
      throw InvalidConfigError.of(
        'type',
        "'memory', 'sqlite' or 'redis'",
        (config as { type?: unknown } | undefined)?.type,
      )
  }
}

/** Variables by name. */
export type Environment = Record<string, string | undefined>

/**
 * Reads a store's config from the environment: JOB_STORE_TYPE, SQLITE_PATH, REDIS_URL and what .env.example lists. A
 * variable that is empty counts as not set.
 * @throws InvalidConfigError naming the variable and what it may be
 */
export function readEnvironment(env: Environment): JobStoreConfig {
  const common: StoreOptions = {
    ...given('sweepIntervalMs', wholeNumber(env, 'JOB_STORE_SWEEP_INTERVAL_MS', 0, 2_147_483_647)),
    ...given('transitions', oneOf(env, 'JOB_STORE_TRANSITIONS', ['any', 'guarded'])),
  }
  switch (oneOf(env, 'JOB_STORE_TYPE', ['memory', 'sqlite', 'redis']) ?? 'memory') {
    case 'memory':
      return { type: 'memory', ...common }
    case 'sqlite':
      return {
        type: 'sqlite',
        ...common,
        ...given('path', text(env, 'SQLITE_PATH')),
        ...given('synchronous', oneOf(env, 'SQLITE_SYNCHRONOUS', ['full', 'normal'])),
      }
    case 'redis':
      return {
        type: 'redis',
        ...common,
        ...given('url', redisUrl(env)),
        ...given('prefix', text(env, 'JOB_STORE_PREFIX')),
        ...given('partitions', wholeNumber(env, 'JOB_STORE_PARTITIONS', 1, 1024)),
        ...given('retryForMs', wholeNumber(env, 'REDIS_RETRY_FOR_MS', 1, 2_700_000)),
      }
  }
}

/**
 * The process's one store, by environment: JOB_STORE_TYPE (memory, the default; sqlite; redis), SQLITE_PATH,
 * REDIS_URL and what .env.example lists. The first call makes it; later ones give the same, until it is closed.
 * @throws InvalidConfigError naming the variable and what it may be
 */
export function getJobStore(env: Environment = process.env): JobStore {
  const config = readEnvironment(env)
  const key = JSON.stringify(config)
  return shared.get(key) ?? share(key, createJobStore(config))
}

/** The one thing that this package keeps for the process: what getJobStore gave, by its config. */
const shared = new Map<string, JobStore>()

function share(key: string, store: JobStore): JobStore {
  const close = store.close.bind(store)
  store.close = () => {
    if (shared.get(key) === store) shared.delete(key)
    return close()
  }
  shared.set(key, store)
  return store
}

function text(env: Environment, name: string): string | undefined {
  const value = env[name]
  return value === '' ? undefined : value
}

function wholeNumber(env: Environment, name: string, least: number, most: number): number | undefined {
  const value = text(env, name)
  return value === undefined
    ? undefined
    : requireInteger(name, /^\d+$/.test(value) ? Number(value) : value, least, most)
}

/** @throws InvalidConfigError without the value, which may hold a password */
function redisUrl(env: Environment): string | undefined {
  const value = text(env, 'REDIS_URL')
  if (value !== undefined) readAddress('REDIS_URL', value)
  return value
}

function oneOf<const V extends string>(env: Environment, name: string, values: readonly V[]): V | undefined {
  const value = text(env, name)
  const found = values.find((candidate) => candidate === value)
  if (value !== undefined && found === undefined) throw InvalidConfigError.of(name, values.join(', '), value)
  return found
}

/** A field that is only there if it has a value. */
function given<K extends string, const V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: V })
}
