import { existsSync, statSync } from 'node:fs'

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
 * @throws what the driver throws, for a file that can't be opened or is no database
 */
export function readFile(path: string, synchronous: 'full' | 'normal', nowMs: number): FileFacts {
  const connection = connect(loadDriver(), path, BUSY_TIMEOUT_MS, 'read')
  try {
    const pragma = (name: string): unknown => connection.pragma(name, { simple: true })
    const isStore = pragma('application_id') === APPLICATION_ID
    return {
      path,
      bytes: statSync(path).size,
      walBytes: existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0,
      isStore,
      schemaVersion: Number(pragma('user_version')),
      journalMode: String(pragma('journal_mode')),
      synchronous,
      integrity: readIntegrity(connection),
      log: isStore ? readLog(connection, nowMs) : null,
    }
  } finally {
    connection.close()
  }
}

function readIntegrity(connection: Connection): string[] {
  const rows = connection.pragma(`quick_check(${MOST_PROBLEMS})`) as { quick_check: string }[]
  return rows.map(({ quick_check: line }) => line)
}

/** One statement: it sees the file at one instant. */
function readLog(connection: Connection, nowMs: number): LogFacts {
  const facts = connection
    .prepare(
      `SELECT (SELECT count(*) FROM events) AS events, last_seq AS sequence, trimmed_through AS trimmedThrough,
         (SELECT max(seq) FROM events) AS lastSequence, (SELECT at FROM events ORDER BY seq LIMIT 1) AS firstAtMs,
         (SELECT count(*) FROM jobs WHERE expires_at <= ?) AS overdue, sweeper, sweeper_until AS sweeperUntil
       FROM meta`,
    )
    .get(nowMs) as Omit<LogFacts, 'sweeperUntilMs'> & { sweeper: string | null; sweeperUntil: number }
  const { sweeper, sweeperUntil, ...log } = facts
  return { ...log, sweeperUntilMs: sweeper === null ? null : sweeperUntil }
}
