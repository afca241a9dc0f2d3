import type { Outcome } from '../backend.ts'
import type { Connection, Statement } from './driver.ts'

/** How long a commandId is remembered. */
const REMEMBER_MS = 24 * 60 * 60 * 1000

/** Forgotten with each one that is remembered: more than one, so that the table shrinks after a busy day. */
const FORGET_AT_ONCE = 2

interface SeenCommand {
  digest: string
  version: number
}

/** The commandIds that jobs have seen, each with the content and the version it led to. */
export class CommandTable {
  readonly #find: Statement<[jobId: string, commandId: string, now: number], SeenCommand>
  readonly #remember: Statement<[jobId: string, commandId: string, digest: string, version: number, expiresAt: number]>
  readonly #forget: Statement<[limit: number, now: number]>

  constructor(connection: Connection) {
    this.#find = connection.prepare(
      'SELECT digest, version FROM commands WHERE job_id = ? AND command_id = ? AND expires_at > ?',
    )
    this.#remember = connection.prepare(
      'INSERT OR REPLACE INTO commands (job_id, command_id, digest, version, expires_at) VALUES (?, ?, ?, ?, ?)',
    )
    // Numbers rise with the times: those that expire first come first, and no index on the time is needed.
    this.#forget = connection.prepare(
      'DELETE FROM commands WHERE number IN (SELECT number FROM commands ORDER BY number LIMIT ?) AND expires_at <= ?',
    )
  }

  /** What a command comes to if its job has seen its id; else null. */
  find(jobId: string, commandId: string, digest: string, now: number): Outcome | null {
    const seen = this.#find.get(jobId, commandId, now)
    if (seen === undefined) return null
    return seen.digest === digest ? { kind: 'repeated', version: seen.version } : { kind: 'commandReused' }
  }

  remember(jobId: string, commandId: string, digest: string, version: number, now: number): void {
    this.#forget.run(FORGET_AT_ONCE, now)
    this.#remember.run(jobId, commandId, digest, version, now + REMEMBER_MS)
  }
}
