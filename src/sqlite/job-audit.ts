import { decodeValue } from '../codec.ts'
import type { JobFields } from '../core/job.ts'
import { isPlainObject } from '../core/value.ts'
import type { Leftover } from '../maintenance.ts'
import type { Connection, Statement } from './driver.ts'

/** A row of `jobs` as it is, however wrong that may be. */
export interface AuditRow {
  number: number
  version: number
  lastEvent: number
  userId: string | null
  status: string | null
  createdAt: number | null
  expiresAt: number | null
  body: Buffer | null
}

interface LeftoverRow extends Pick<AuditRow, 'userId' | 'status' | 'expiresAt'> {
  jobId: string
  isKnown: 0 | 1
}

/** typeof looks at the row's header only: a body may be a megabyte in pages of its own. */
const HAS_ENDED = `typeof(body) = 'null'`

/** Whether the log holds the row's newest event, or held it before it was compacted away with the rest of an ended job. */
const IS_KNOWN = `(
  EXISTS (SELECT 1 FROM events WHERE seq = last_event AND job_id = id)
  OR ${HAS_ENDED} AND last_event BETWEEN 1 AND (SELECT trimmed_through FROM meta)
)`

/** Rows of the table `jobs` seen by one who trusts none of them. */
export class JobAudit {
  readonly #find: Statement<[id: string], AuditRow>
  readonly #remove: Statement<[number: number]>
  readonly #endOfPage: Statement<[after: number, size: number], number | null>
  readonly #leftovers: Statement<[after: number, to: number], LeftoverRow>
  readonly #removeJob: Statement<[id: string]>
  readonly #clearUser: Statement<[id: string, userId: string]>
  readonly #clearStatus: Statement<[id: string, status: string]>
  readonly #clearExpiry: Statement<[id: string]>

  constructor(connection: Connection) {
    this.#find = connection.prepare(
      `SELECT number, version, last_event AS lastEvent, user_id AS userId, status, created_at AS createdAt,
         expires_at AS expiresAt, body
       FROM jobs WHERE id = ?`,
    )
    this.#remove = connection.prepare('DELETE FROM jobs WHERE number = ?')
    this.#endOfPage = connection
      .prepare<[number, number], number | null>(
        'SELECT max(number) FROM (SELECT number FROM jobs WHERE number > ? ORDER BY number LIMIT ?)',
      )
      .pluck()
    this.#leftovers = connection.prepare(
      `SELECT id AS jobId, user_id AS userId, status, expires_at AS expiresAt, ${IS_KNOWN} AS isKnown
       FROM jobs
       WHERE number > ? AND number <= ?
         AND (NOT isKnown OR ${HAS_ENDED} AND (user_id IS NOT NULL OR expires_at IS NOT NULL))`,
    )
    this.#removeJob = connection.prepare(`DELETE FROM jobs WHERE id = ? AND NOT ${IS_KNOWN}`)
    const clear = (columns: string, filter: string): Statement<unknown[]> =>
      connection.prepare(`UPDATE jobs SET ${columns} WHERE id = ? AND ${HAS_ENDED} AND ${filter}`)
    this.#clearUser = clear('user_id = NULL, created_at = NULL', 'user_id = ?')
    this.#clearStatus = clear('status = NULL', 'status = ?')
    this.#clearExpiry = clear('expires_at = NULL', 'expires_at IS NOT NULL')
  }

  find(id: string): AuditRow | null {
    return this.#find.get(id) ?? null
  }

  remove(number: number): void {
    this.#remove.run(number)
  }

  /** The last row of the page of so many rows after this one; null if none are left. */
  endOfPage(after: number, size: number): number | null {
    return this.#endOfPage.get(after, size) ?? null
  }

  /** What is left over among some rows. */
  leftovers(after: number, to: number): Leftover[] {
    return this.#leftovers.all(after, to).flatMap(leftoversOf)
  }

  /** @returns how many it was: 0 if it is none any more */
  removeLeftover(leftover: Leftover): number {
    switch (leftover.kind) {
      case 'job':
        return this.#removeJob.run(leftover.jobId).changes
      case 'userIndex':
        return this.#clearUser.run(leftover.jobId, leftover.userId).changes
      case 'statusIndex':
        return this.#clearStatus.run(leftover.jobId, leftover.status).changes
      case 'expiryIndex':
        return this.#clearExpiry.run(leftover.jobId).changes
      case 'foreign':
        return 0
    }
  }
}

/**
 * A row that the log does not know goes as a whole. A live job's columns are looked at by its audit; but those of one that
 * has ended must all be NULL: else lists and the expiry queue have an entry of it.
 */
function leftoversOf({ jobId, userId, status, expiresAt, isKnown }: LeftoverRow): Leftover[] {
  if (isKnown === 0) return [{ kind: 'job', jobId }]
  const leftovers: Leftover[] = []
  if (userId !== null) leftovers.push({ kind: 'userIndex', jobId, userId })
  if (userId !== null && status !== null) leftovers.push({ kind: 'statusIndex', jobId, userId, status })
  if (expiresAt !== null) leftovers.push({ kind: 'expiryIndex', jobId })
  return leftovers
}

/** What a row says of its live job: as much as can be read. null for one that has ended. */
export function fieldsOf({ body }: AuditRow): JobFields | null {
  if (body === null) return null
  try {
    const fields = decodeValue(body)
    return isPlainObject(fields) ? fields : {}
  } catch {
    return {}
  }
}
