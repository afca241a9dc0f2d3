import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { requireText } from '../arguments.ts'
import type { ArchivePlace, ReadableArchive } from '../contract.ts'
import { describe, InvalidConfigError } from '../core/errors.ts'
import type { JobEvent } from '../core/event.ts'
import type { Job, JobCore } from '../core/job.ts'
import type { StoreOptions } from '../options.ts'
import { SnapshotsOfJob } from '../reading/snapshots.ts'
import { EventSourcedStore } from '../store.ts'
import type { ArchiveEntry, ArchiveKey } from './archive-table.ts'
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
 *
 * It is an archive too: give it to compact(), or to a store's `archive` or `retention`, and it keeps the events that other
 * stores drop, beside its own jobs. Several stores may share it.
 */
export class SqliteJobStore<T extends JobCore = Job> extends EventSourcedStore<T> implements ReadableArchive<T> {
  readonly #backend: SqliteBackend
  readonly #upcast: StoreOptions['upcast']

  /**
   * Nothing is opened before the first call.
   * @param path a file, made if missing; default 'jobs.db'. ':memory:' keeps everything in this store only
   * @throws InvalidConfigError naming the option and what it may be, or if better-sqlite3 is not installed
   */
  constructor(path = 'jobs.db', options?: SqliteStoreOptions) {
    const file = readPath(path)
    const { synchronous = 'full', upcast } = options ?? {}
    if (synchronous !== 'full' && synchronous !== 'normal')
      throw InvalidConfigError.of('synchronous', "'full' or 'normal'", synchronous)
    const backend = new SqliteBackend({
      driver: loadDriver(),
      path: file,
      synchronous,
      busyTimeoutMs: BUSY_TIMEOUT_MS,
      now: Date.now,
      random: randomBytes(8).toString('hex'),
    })
    super(backend, options)
    this.#backend = backend
    this.#upcast = upcast
  }

  /** One job's events, oldest first: its own log's, or, of a job that this does not know, what other stores have archived. */
  override async *history(id: string): AsyncIterable<JobEvent<T>> {
    let isKnown = false
    for await (const event of super.history(id)) {
      isKnown = true
      yield event
    }
    if (isKnown) return
    const snapshots = new SnapshotsOfJob()
    for await (const event of this.archivedHistory(id)) {
      const seen = snapshots.see(event)
      if (seen === null) continue
      const shown = seen.type === 'snapshotted' ? { ...seen, meta: null } : seen
      yield this.#upcast?.(shown) ?? shown
    }
  }

  /**
   * Keeps another store's events; on disk when it resolves. Those that it has already are left as they are.
   * @throws TypeError, InvalidCursorError for what are no events
   */
  async append(events: JobEvent<T>[]): Promise<void> {
    if (!Array.isArray(events)) throw new TypeError(`events: expected an array, got ${describe(events)}.`)
    return this.whenOpen(() => this.#backend.archive.append(events))
  }

  /** What other stores have archived of one job, oldest first. */
  async *archivedHistory(jobId: string): AsyncGenerator<JobEvent<T>> {
    requireText('jobId', jobId)
    yield* this.#pages((after) => this.#backend.archive.ofJob(jobId, after))
  }

  /** What one other store has archived of one partition after a place in its log, oldest first. */
  async *archivedLog(after: ArchivePlace): AsyncGenerator<JobEvent<T>> {
    yield* this.#pages((key) => this.#backend.archive.ofLog(after, key))
  }

  async *#pages(read: (after: ArchiveKey | null) => Promise<ArchiveEntry[]>): AsyncGenerator<JobEvent<T>> {
    let after: ArchiveKey | null = null
    do {
      const page: ArchiveEntry[] = await this.whenOpen(() => read(after))
      for (const { event } of page) yield event as unknown as JobEvent<T>
      after = page.at(-1)?.key ?? null
    } while (after !== null)
  }
}

/** Relative to where the process stands now, not when the file is opened. */
function readPath(path: unknown): string {
  if (typeof path !== 'string' || path.trim() === '' || path.includes('\0'))
    throw InvalidConfigError.of('path', "the path of a file, or ':memory:'", path)
  return path === ':memory:' ? path : resolve(path)
}
