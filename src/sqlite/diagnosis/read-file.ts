import { existsSync, statSync } from 'node:fs'

import { JobStoreError, quote, StoreUnavailableError } from '../../core/errors.ts'
import { connect, loadDriver, type Connection } from '../driver.ts'
import { APPLICATION_ID } from '../schema.ts'
import type { FileFacts, LogFacts } from './facts.ts'

const BUSY_TIMEOUT_MS = 5000
/** Of what is wrong with a file, so much is told. */
const MOST_PROBLEMS = 5

/**
 * Looks into a file without changing it.
 * @param synchronous what the store is told to set
 * @param nowMs the clock
 * @throws StoreUnavailableError for a file that can't be opened or is no database
 */
export function readFile(path: string, synchronous: 'full' | 'normal', nowMs: number): FileFacts {
  let connection: Connection | null = null
  try {
    connection = connect(loadDriver(), path, BUSY_TIMEOUT_MS, 'read')
    return readFacts(connection, path, synchronous, nowMs)
  } catch (error) {
    if (error instanceof JobStoreError) throw error
    const message = `The SQLite file ${quote(path)} can't be used: ${(error as Error).message}.`
    throw new StoreUnavailableError(message, { outcome: 'rejected', cause: error })
  } finally {
    connection?.close()
  }
}

function readFacts(connection: Connection, path: string, synchronous: 'full' | 'normal', nowMs: number): FileFacts {
  const pragma = (name: string): unknown => connection.pragma(name, { simple: true })
  const isStore = pragma('application_id') === APPLICATION_ID
  const integrity = readIntegrity(connection)
  const isReadable = isStore && integrity[0] === 'ok'
  return {
    path,
    bytes: statSync(path).size,
    walBytes: existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0,
    isStore,
    schemaVersion: Number(pragma('user_version')),
    journalMode: String(pragma('journal_mode')),
    synchronous,
    integrity,
    log: isReadable ? readLog(connection, nowMs) : null,
  }
}

/** Of a file that is damaged badly enough, the check itself fails. */
function readIntegrity(connection: Connection): string[] {
  try {
    const rows = connection.pragma(`quick_check(${MOST_PROBLEMS})`) as { quick_check: string }[]
    return rows.map(({ quick_check: line }) => line)
  } catch (error) {
    return [(error as Error).message]
  }
}

/** One statement: it sees the file at one instant. */
function readLog(connection: Connection, nowMs: number): LogFacts {
  const { isAdopting, ...facts } = connection
    .prepare(
      `SELECT (SELECT count(*) FROM events) AS events, last_seq AS sequence, trimmed_through AS trimmedThrough,
         (SELECT max(seq) FROM events) AS lastSequence, (SELECT at FROM events ORDER BY seq LIMIT 1) AS firstAtMs,
         (SELECT count(*) FROM jobs WHERE expires_at <= ?) AS overdue, is_adopting AS isAdopting,
         (SELECT until FROM leases WHERE task = 'sweep') AS sweeperUntilMs
       FROM meta`,
    )
    .get(nowMs) as Omit<LogFacts, 'isAdopting'> & { isAdopting: 0 | 1 }
  return { ...facts, isAdopting: isAdopting === 1 }
}
