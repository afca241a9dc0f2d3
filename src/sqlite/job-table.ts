import type { ListQuery } from '../backend.ts'
import { decodeValue, encodeValue } from '../codec.ts'
import type { JobState } from '../core/evolve.ts'
import type { JobCore } from '../core/job.ts'
import type { Connection, Statement } from './driver.ts'

/** What the indexes and counts know of a live job. Times in ms. */
export interface Place {
  userId: string
  status: string
  createdAt: number
  expiresAt: number
}

/** A row of the table: `body` is null for a job that was deleted or has expired. */
export interface JobRow {
  number: number
  version: number
  lastEvent: number
  body: Buffer | null
}

/** A job whose time has come: what its end needs, and no more. */
export interface DueRow extends Omit<JobRow, 'body'>, Pick<Place, 'userId' | 'status'> {
  id: string
}

/** A row as a list: as an object with the columns' names it costs half as much again. */
type RawRow = [number: number, version: number, lastEvent: number, body: Buffer | null]

type Columns = [version: number, lastEvent: number, ...Place: (string | number | null)[], body: Buffer | null]

/** Every job that there ever was, live or gone, as the fold of its events. */
export class JobTable {
  readonly #find: Statement<[id: string], RawRow>
  readonly #insert: Statement<[...Columns, id: string]>
  readonly #replace: Statement<[...Columns, number: number]>
  readonly #touch: Statement<[version: number, lastEvent: number, body: Buffer | null, number: number]>
  readonly #due: Statement<[now: number, limit: number], DueRow>
  readonly #isDue: Statement<[now: number], number>
  readonly #dueOfUser: Statement<[now: number, userId: string], number>
  readonly #dueOfStatus: Statement<[now: number, status: string], number>
  readonly #lists: Map<string, Statement<unknown[], JobRow>>

  constructor(connection: Connection) {
    this.#find = connection.prepare<[string], RawRow>(`SELECT ${ROW} FROM jobs WHERE id = ?`).raw()
    this.#insert = connection.prepare(
      `INSERT INTO jobs (version, last_event, user_id, status, created_at, expires_at, body, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#replace = connection.prepare(
      `UPDATE jobs SET version = ?, last_event = ?, user_id = ?, status = ?, created_at = ?, expires_at = ?, body = ? WHERE number = ?`,
    )
    this.#touch = connection.prepare('UPDATE jobs SET version = ?, last_event = ?, body = ? WHERE number = ?')
    this.#due = connection.prepare(
      `SELECT number, version, last_event AS lastEvent, id, user_id AS userId, status
       FROM jobs WHERE expires_at <= ? ORDER BY expires_at, id LIMIT ?`,
    )
    this.#isDue = connection.prepare<[number], number>('SELECT 1 FROM jobs WHERE expires_at <= ? LIMIT 1').pluck()
    // However many jobs the user has, or have the status: those that are due are few.
    const countDue = (column: string): Statement<[number, string], number> =>
      connection
        .prepare<[number, string], number>(
          `SELECT count(*) FROM jobs INDEXED BY jobs_by_expiry WHERE expires_at <= ? AND ${column} = ?`,
        )
        .pluck()
    this.#dueOfUser = countDue('user_id')
    this.#dueOfStatus = countDue('status')
    this.#lists = new Map(LISTS.map((filters) => [filters, connection.prepare(listSql(filters))]))
  }

  find(id: string): JobRow | null {
    const row = this.#find.get(id)
    return row === undefined ? null : { number: row[0], version: row[1], lastEvent: row[2], body: row[3] }
  }

  insert(id: string, state: JobState, place: Place | null): void {
    this.#insert.run(...columnsOf(state, place), id)
  }

  /** Writes a row again. `hasMoved`: its place is another; if not, the indexes are left alone, which is most of the cost. */
  update(number: number, state: JobState, place: Place | null, hasMoved: boolean): void {
    if (hasMoved) this.#replace.run(...columnsOf(state, place), number)
    else this.#touch.run(state.version, Number(state.lastEventId), bodyOf(state), number)
  }

  isAnyDue(now: number): boolean {
    return this.#isDue.get(now) !== undefined
  }

  /** The jobs whose time came first. */
  due(now: number, limit: number): DueRow[] {
    return this.#due.all(now, limit)
  }

  /** How many jobs of a user, or of a status, are due and not swept yet. */
  countDue(of: { userId: string } | { status: string }, now: number): number {
    return ('userId' in of ? this.#dueOfUser.get(now, of.userId) : this.#dueOfStatus.get(now, of.status)) ?? 0
  }

  /** @param dueBy leave out jobs whose time had come then; null: there are none */
  list({ userId, status, after, limit, offset }: ListQuery, dueBy: number | null): JobRow[] {
    const filters = filtersOf(status !== null, dueBy !== null, after !== null)
    const statement = this.#lists.get(filters) as Statement<unknown[], JobRow>
    const place = after === null ? [] : [after.createdAtMs, after.id]
    const values = [status, dueBy, ...place].filter((value) => value !== null)
    return statement.all(userId, ...values, limit, offset)
  }
}

/** Where a live job stands in indexes and counts. */
export function placeOf(job: JobCore | null): Place | null {
  if (job === null) return null
  return {
    userId: job.userId,
    status: job.status,
    createdAt: job.createdAt.getTime(),
    expiresAt: job.expiresAt.getTime(),
  }
}

/** The job of a row that has a body; undefined if somebody else wrote it and it is none. */
export function decodeJob(body: Buffer): JobCore | undefined {
  try {
    const job = decodeValue(body) as JobCore | null
    return job?.createdAt instanceof Date && job.expiresAt instanceof Date ? job : undefined
  } catch {
    return undefined
  }
}

const ROW = 'number, version, last_event AS lastEvent, body'

const EITHER = [false, true]
const LISTS = EITHER.flatMap((hasStatus) =>
  EITHER.flatMap((hasDue) => EITHER.map((hasAfter) => filtersOf(hasStatus, hasDue, hasAfter))),
)

function filtersOf(hasStatus: boolean, hasDue: boolean, hasAfter: boolean): string {
  const notDue = hasDue ? ' AND (expires_at <= ?) IS NOT TRUE' : ''
  return `${hasStatus ? ' AND status = ?' : ''}${notDue}${hasAfter ? ' AND (created_at, id) < (?, ?)' : ''}`
}

function listSql(filters: string): string {
  return `SELECT ${ROW} FROM jobs WHERE user_id = ?${filters} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`
}

function columnsOf(state: JobState, place: Place | null): Columns {
  const { userId = null, status = null, createdAt = null, expiresAt = null } = place ?? {}
  return [state.version, Number(state.lastEventId), userId, status, createdAt, expiresAt, bodyOf(state)]
}

function bodyOf(state: JobState): Buffer | null {
  return state.job === null ? null : encodeValue(state.job)
}
