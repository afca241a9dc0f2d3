import type BetterSqlite3 from 'better-sqlite3'
import { createRequire } from 'node:module'
import { InvalidConfigError } from '../core/errors.ts'

/** The class that better-sqlite3 exports. */
export type Driver = typeof BetterSqlite3

/** One open connection of it. */
export type Connection = BetterSqlite3.Database

/** A prepared statement that takes `Parameters` and gives rows like `Row`. */
export type Statement<Parameters extends unknown[], Row = unknown> = BetterSqlite3.Statement<Parameters, Row>

/**
 * Loads better-sqlite3, which only users of SQLite need to have installed: hence no import.
 * @throws InvalidConfigError if it is not installed
 */
export function loadDriver(): Driver {
  try {
    return createRequire(import.meta.url)('better-sqlite3') as Driver
  } catch (error) {
    throw unusableDriver('to be installed, since SQLite is used (run `npm install better-sqlite3`)', error)
  }
}

/**
 * Opens a connection.
 * @param busyTimeoutMs how long SQLite itself waits for a lock, which blocks the whole process
 * @param mode 'read' never makes or changes a file; default 'write'
 * @throws InvalidConfigError if better-sqlite3 is there, but not its compiled part; whatever else the driver throws
 */
export function connect(
  driver: Driver,
  path: string,
  busyTimeoutMs: number,
  mode: 'read' | 'write' = 'write',
): Connection {
  const isReadOnly = mode === 'read'
  try {
    return new driver(path, { timeout: busyTimeoutMs, readonly: isReadOnly, fileMustExist: isReadOnly })
  } catch (error) {
    if (!isMissingBinding(error)) throw error
    const expected =
      'to be compiled for this Node.js (run `npm rebuild better-sqlite3`, or `npm install better-sqlite3`)'
    throw unusableDriver(expected, error)
  }
}

/** The compiled part is loaded with the first connection, not with the module. */
function isMissingBinding(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return code === 'ERR_DLOPEN_FAILED' || code === 'MODULE_NOT_FOUND' || /bindings file/.test(message ?? '')
}

function unusableDriver(expected: string, error: unknown): InvalidConfigError {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  return InvalidConfigError.of('better-sqlite3', expected, message, { cause: error })
}
