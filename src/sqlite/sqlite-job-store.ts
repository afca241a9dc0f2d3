import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { InvalidConfigError } from '../core/errors.ts'
import type { Job, JobCore } from '../core/job.ts'
import type { StoreOptions } from '../options.ts'
import { EventSourcedStore } from '../store.ts'
import { loadDriver } from './driver.ts'
import { SqliteBackend } from './sqlite-backend.ts'

/** How long a command waits while other processes hold the file, before it is a StoreUnavailableError. */
const BUSY_TIMEOUT_MS = 10_000

/** What a store on SQLite may be told. */
export interface SqliteStoreOptions extends StoreOptions {
  /** 'full' (default): an acknowledged write survives a power cut. 'normal': it survives a crash of the process. */
  synchronous?: 'full' | 'normal'
}

/**
 * Jobs in one SQLite file, for one server: several processes on it may use the file at once, on a local file system.
 * Needs the package better-sqlite3.
 */
export class SqliteJobStore<T extends JobCore = Job> extends EventSourcedStore<T> {
  /**
   * Nothing is opened before the first call.
   * @param path a file, made if missing; default 'jobs.db'. ':memory:' keeps everything in this store only
   * @throws InvalidConfigError naming the option and what it may be, or if better-sqlite3 is not installed
   */
  constructor(path = 'jobs.db', options?: SqliteStoreOptions) {
    const file = readPath(path)
    const { synchronous = 'full' } = options ?? {}
    if (synchronous !== 'full' && synchronous !== 'normal')
      throw new InvalidConfigError('synchronous', "'full' or 'normal'", synchronous)
    const backend = new SqliteBackend({
      driver: loadDriver(),
      path: file,
      synchronous,
      busyTimeoutMs: BUSY_TIMEOUT_MS,
      now: Date.now,
      random: randomBytes(8).toString('hex'),
    })
    super(backend, options)
  }
}

/** Relative to where the process stands now, not when the file is opened. */
function readPath(path: unknown): string {
  if (typeof path !== 'string' || path.trim() === '' || path.includes('\0'))
    throw new InvalidConfigError('path', "the path of a file, or ':memory:'", path)
  return path === ':memory:' ? path : resolve(path)
}
