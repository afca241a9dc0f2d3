import { statSync } from 'node:fs'
import { requireText } from '../arguments.ts'
import { InvalidConfigError, quote, StoreUnavailableError } from '../core/errors.ts'
import type { Job } from '../core/job.ts'
import { connect, loadDriver, type Connection } from '../sqlite/driver.ts'
import { readAt, requireJob, showId } from './check-job.ts'
import { readTextFields } from './text-fields.ts'

/** How long a program that writes the file is waited for; the whole process waits. */
const BUSY_TIMEOUT_MS = 5000

/** The columns without which no job can be made. */
const NEEDED = ['id', 'userId', 'status', 'videoUrl', 'videoId', 'options', 'progress', 'createdAt', 'expiresAt']

/**
 * The jobs of a store written after the requirements document's outline: the rows of its table `jobs`, as they are at the
 * first one, row by row. Further columns become own fields. Jobs whose expiresAt has passed are still rows, and come too.
 * The file is opened read-only. Unless it has a write-ahead log, its writers wait until the last row.
 * @param path an SQLite file
 * @throws InvalidJobError naming the job in its message and the field, at a row that is no whole job;
 * InvalidConfigError if there is no such file, table or column, or better-sqlite3 is not installed; StoreUnavailableError
 */
export async function* readLegacySqlite(path: string): AsyncGenerator<Job> {
  requireText('path', path)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw InvalidConfigError.of('path', 'an SQLite file that is there', path)
  try {
    const connection = connect(loadDriver(), path, BUSY_TIMEOUT_MS, 'read')
    try {
      requireTable(connection, path)
      yield* readRows(connection)
    } finally {
      connection.close()
    }
  } catch (error) {
    throw explain(error, path)
  }
}

function requireTable(connection: Connection, path: string): void {
  const columns = connection.prepare("SELECT name FROM pragma_table_info('jobs')").pluck().all()
  const missing = NEEDED.filter((column) => !columns.includes(column))
  if (columns.length === 0) throw InvalidConfigError.of('path', 'an SQLite file with a table jobs', path)
  if (missing.length > 0)
    throw InvalidConfigError.of('path', `an SQLite file whose table jobs has also ${missing.join(', ')}`, path)
}

function* readRows(connection: Connection): Generator<Job> {
  const statement = connection.prepare('SELECT * FROM jobs')
  const columns = statement.columns().map(({ name }) => name)
  // As bigints, since better-sqlite3 would round the large ones.
  const rows = statement.raw().safeIntegers().iterate() as IterableIterator<unknown[]>
  for (const row of rows) {
    const place = `Table jobs, id ${showId(row[columns.indexOf('id')])}`
    yield readAt(place, () =>
      requireJob(readTextFields(columns.map((column, index) => [column, toNumber(row[index])] as const))),
    )
  }
}

/** An integer as a number, unless that would change it. */
function toNumber(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** The driver's errors as ours. */
function explain(error: unknown, path: string): unknown {
  const { code, message } = error as { code?: unknown; message: string }
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error
  if (code === 'SQLITE_NOTADB') return InvalidConfigError.of('path', 'an SQLite file', path, { cause: error })
  const text = `The SQLite file ${quote(path)} can't be read: ${message} (${code}).`
  return new StoreUnavailableError(text, { outcome: 'rejected', cause: error })
}
