import type BetterSqlite3 from 'better-sqlite3'
import { setTimeout as delay } from 'node:timers/promises'
import { JobStoreError, quote, StoreClosedError, StoreUnavailableError } from '../core/errors.ts'
import { Growth } from '../growth.ts'
import { connect, type Connection, type Driver } from './driver.ts'
import { checkSchema, isOutdated, upgradeSchema, type SchemaInputs } from './schema.ts'
import { Tables } from './tables.ts'

/** How long SQLite itself waits for a lock, before the wait goes on out here. Short, since the whole process stands still meanwhile. */
const BLOCKING_TIMEOUT_MS = 1

/** Between two tries at most; the first ones come sooner. */
const MOST_BETWEEN_TRIES_MS = 5

/** Pages (4 KiB) in the write-ahead log before a commit moves them into the file: SQLite's 1000 cost a fifth of all writes. */
const CHECKPOINT_PAGES = 4000

/** How a file is opened. */
export interface FileOptions extends SchemaInputs {
  driver: Driver
  path: string
  synchronous: 'full' | 'normal'
  /** How long a call is tried while other processes hold the file. */
  busyTimeoutMs: number
}

/** What there is only while the file is open. */
interface Opened {
  connection: Connection
  tables: Tables
  transaction: BetterSqlite3.Transaction<(run: () => unknown) => unknown>
}

/**
 * One SQLite file with a job store in it. It is closed, then open, then closed for good. Transactions are synchronous
 * and so never overlap in this process; while another process holds the file, they are tried again until a deadline (by
 * performance.now()) or for busyTimeoutMs, whichever is sooner, but once at least; this process goes on with other things in
 * between. What the driver throws becomes StoreUnavailableError.
 */
export class SqliteFile {
  /** Of what is committed, here or, as far as lookAround() has seen it, by other processes. */
  readonly growth: Growth = new Growth()
  readonly #options: FileOptions
  #opened: Opened | null = null
  #isClosed = false
  /** SQLite's count of what other connections have committed. */
  #versionSeen = 0

  constructor(options: FileOptions) {
    this.#options = options
  }

  /**
   * Opens the file, makes it if missing, and brings its schema up to date. Does nothing if it is open.
   * @throws StoreUnavailableError, StoreMismatchError, InvalidConfigError; StoreClosedError once close() was called, also to
   * those that still wait for a lock
   */
  open(deadline: number = Infinity): Promise<void> {
    return this.#retry(deadline, () => {
      if (this.#isClosed) throw new StoreClosedError()
      if (this.#opened !== null) return
      const { driver, path } = this.#options
      const connection = connect(driver, path, BLOCKING_TIMEOUT_MS)
      try {
        this.#opened = this.#prepare(connection)
      } catch (error) {
        connection.close()
        throw error
      }
    })
  }

  /** Idempotent. The last process to close a file moves its write-ahead log into it. @throws StoreUnavailableError */
  close(): void {
    this.#isClosed = true
    try {
      this.#opened?.connection.close()
    } catch (error) {
      throw this.#explain(error, 'unknown')
    } finally {
      this.#opened = null
    }
  }

  /** Runs reads that see one state of the store. @throws StoreUnavailableError, StoreClosedError */
  read<R>(run: (tables: Tables) => R, deadline: number = Infinity): Promise<R> {
    return this.#retry(deadline, () => {
      const { transaction, tables } = this.#requireOpen()
      return transaction.deferred(() => run(tables)) as R
    })
  }

  /**
   * Runs reads and writes that happen together or not at all, and are on disk when it resolves. `run` may be called
   * again from its beginning.
   * @throws StoreUnavailableError, StoreClosedError
   */
  write<R>(run: (tables: Tables) => R, deadline: number = Infinity): Promise<R> {
    return this.#retry(deadline, (attempt) => {
      const { transaction, tables } = this.#requireOpen()
      const result = transaction.immediate(() => {
        const written = run(tables)
        attempt.isCommitting = true
        return written
      }) as R
      this.growth.advance()
      return result
    })
  }

  /** Looks whether other connections have committed since this was last called. */
  lookAround(): void {
    if (this.#opened === null) return
    const { connection } = this.#opened
    try {
      const version = connection.pragma('data_version', { simple: true }) as number
      if (version === this.#versionSeen) return
      this.#versionSeen = version
      this.growth.advance()
    } catch {
      // Nobody called who could be told: those who wait read now, and are.
      this.growth.advance()
    }
  }

  #prepare(connection: Connection): Opened {
    const { path, synchronous, epoch } = this.#options
    checkSchema(connection, path)
    const mode = connection.pragma('journal_mode = WAL', { simple: true })
    if (mode !== 'wal' && mode !== 'memory')
      throw new Error(`SQLite can't keep a write-ahead log there (journal_mode is ${String(mode)})`)
    // better-sqlite3 is built with NORMAL as the default in WAL mode: a power cut would take acknowledged writes along.
    connection.pragma(`synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}`)
    // On macOS fsync leaves the writes in the disk's cache; elsewhere this does nothing.
    if (synchronous === 'full') connection.pragma('fullfsync = ON')
    connection.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    const transaction = connection.transaction((run: () => unknown) => run())
    if (isOutdated(connection))
      transaction.immediate(() => {
        // Another process may have come first: what it made is looked at again under the lock.
        checkSchema(connection, path)
        upgradeSchema(connection, { epoch })
      })
    return { connection, tables: new Tables(connection), transaction }
  }

  #requireOpen(): Opened {
    if (this.#opened === null) throw new StoreClosedError()
    return this.#opened
  }

  /** Only what failed before its commit, for a lock, is tried again: nothing of it was done. */
  async #retry<R>(deadline: number, run: (attempt: { isCommitting: boolean }) => R): Promise<R> {
    const end = Math.min(deadline, performance.now() + this.#options.busyTimeoutMs)
    for (let tries = 1; ; tries++) {
      const attempt = { isCommitting: false }
      try {
        return run(attempt)
      } catch (error) {
        const mayRetry = isBusy(error) && !attempt.isCommitting && performance.now() < end
        if (!mayRetry) throw this.#explain(error, attempt.isCommitting ? 'unknown' : 'rejected')
      }
      await delay(Math.min(tries, MOST_BETWEEN_TRIES_MS))
    }
  }

  /** The driver's errors as ours. Ours stay, and so do bugs once the file is open. */
  #explain(error: unknown, outcome: 'rejected' | 'unknown'): unknown {
    const code = sqliteCode(error)
    if (error instanceof JobStoreError || !(error instanceof Error)) return error
    if (code === null && this.#opened !== null) return error
    const { path, busyTimeoutMs } = this.#options
    const reason = isBusy(error)
      ? `other programs hold it, and no call waits for more than ${busyTimeoutMs} ms`
      : error.message
    const name = code === null ? '' : ` (${code})`
    const fate = outcome === 'unknown' ? ' Whether the write stands is not known.' : ''
    const message = `The SQLite file ${quote(path)} can't be used: ${reason}${name}.${fate}`
    return new StoreUnavailableError(message, { outcome, cause: error })
  }
}

function sqliteCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : null
}

/** SQLITE_PROTOCOL: too many processes came and went while the lock on the write-ahead log was sought. */
function isBusy(error: unknown): boolean {
  const code = sqliteCode(error)
  return code !== null && (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_PROTOCOL')
}
