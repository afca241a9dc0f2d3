import type { BackendStats, ListQuery, Read, StoredJob } from '../backend.ts'
import { ProjectionLostError } from '../core/errors.ts'
import { isExpired } from '../core/evolve.ts'
import type { Expiry } from './expiry.ts'
import { decodeJob, type JobRow } from './job-table.ts'
import type { SqliteFile } from './sqlite-file.ts'

/** The live jobs of a store in an SQLite file, read: what is due is not there, in whatever way it is asked for. */
export class SqliteJobs {
  readonly #file: SqliteFile
  readonly #expiry: Expiry

  constructor(file: SqliteFile, expiry: Expiry) {
    this.#file = file
    this.#expiry = expiry
  }

  /** A job whose row is spoiled keeps no others from being read. */
  read(ids: readonly string[], deadline: number): Promise<Read[]> {
    return this.#file.read((tables) => {
      const now = this.#expiry.clock(tables)
      return ids.map((id) => {
        try {
          const stored = storedJob(tables.jobs.find(id), id)
          return stored === null || isExpired(stored.job, now) ? null : stored
        } catch (error) {
          if (error instanceof ProjectionLostError) return error
          throw error
        }
      })
    }, deadline)
  }

  list(query: ListQuery): Promise<StoredJob[]> {
    return this.#expiry.readSwept(({ jobs }, dueBy) =>
      jobs
        .list(query, dueBy)
        .map((row) => storedJob(row, `of user ${query.userId}`))
        .filter((stored) => stored !== null),
    )
  }

  count(of: { userId: string } | { status: string }): Promise<number> {
    return this.#expiry.readSwept(({ counts, jobs }, dueBy) => {
      const kept = 'userId' in of ? counts.ofUser(of.userId) : counts.ofStatus(of.status)
      return dueBy === null ? kept : kept - jobs.countDue(of, dueBy)
    })
  }

  stats(): Promise<BackendStats> {
    return this.#expiry.readSwept(({ meta, counts, events, jobs: table }, dueBy) => {
      const { sequence, at, trimmedThrough } = meta.head()
      const byStatus = counts.byStatus()
      if (dueBy !== null)
        for (const [status, kept] of byStatus) byStatus.set(status, kept - table.countDue({ status }, dueBy))
      const jobs = [...byStatus.values()].reduce((total, count) => total + count, 0)
      const size = sequence - trimmedThrough
      return { jobs, events: size, byStatus, oldestEventAt: events.firstAt, newestEventAt: size === 0 ? null : at }
    })
  }
}

/** @throws ProjectionLostError if the row's body is none of ours */
function storedJob(row: JobRow | null, whose: string): StoredJob | null {
  if (row?.body == null) return null
  const job = decodeJob(row.body)
  if (job === undefined)
    throw ProjectionLostError.of(`Row ${row.number} of the table \`jobs\` (${whose}) holds no job.`)
  return { job, version: row.version, lastEventId: String(row.lastEvent) }
}
