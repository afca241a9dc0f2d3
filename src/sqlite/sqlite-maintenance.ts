import { setImmediate as nextTurn } from 'node:timers/promises'
import { AuditTrail, type GetEvent } from '../audit-trail.ts'
import type { Position } from '../core/cursor.ts'
import type { JobFields } from '../core/job.ts'
import type { Audit, AuditRequest, Census, EventHead, Leftover, Maintenance, Target } from '../maintenance.ts'
import { fieldsOf, type AuditRow } from './job-audit.ts'
import { placeOf } from './job-table.ts'
import { endsOf } from './sqlite-adoption.ts'
import type { SqliteFile } from './sqlite-file.ts'
import type { Tables } from './tables.ts'

/** Rows that one transaction looks at for leftovers: a millisecond or so. */
const ROWS_A_PAGE = 500

/**
 * The upkeep of a store in an SQLite file: audits in read transactions, repairs in write transactions, each of few
 * milliseconds, for which other processes' writers wait, and this process stands still. In between it goes on with other
 * things. A job's index entries are columns of its row, so they go with it.
 */
export class SqliteMaintenance implements Omit<
  Maintenance,
  'outlines' | 'positionBefore' | 'snapshot' | 'trim' | 'adopt' | 'revive' | 'isAdopting'
> {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  census(): Promise<Census> {
    return this.#file.read((tables) => {
      const { counts } = tables
      return { ...endsOf(tables), byStatus: counts.byStatus(), byUser: counts.byUser() }
    })
  }

  async scanHeads(_partition: number, after: Position, limit: number): Promise<EventHead[]> {
    await nextTurn()
    return this.#file.read(({ events }) => events.heads(after.sequence, limit))
  }

  async audit(_partition: number, requests: readonly AuditRequest[], through: Position): Promise<Audit[]> {
    await nextTurn()
    const trail = new AuditTrail(through)
    const audits = await this.#file.read((tables) => requests.map((request) => auditOne(tables, request, trail)))
    while (!trail.isComplete) {
      await nextTurn()
      await this.#file.read((tables) => trail.goOn(eventIn(tables)))
    }
    return audits
  }

  async reconcile(_partition: number, targets: readonly Target[]): Promise<boolean[]> {
    await nextTurn()
    return this.#file.write((tables) => targets.map((target) => reconcileOne(tables, target)))
  }

  /** Tables that are not ours are left in peace: users may keep some beside their jobs, to join them. */
  async *leftovers(): AsyncGenerator<Leftover> {
    for (let after: number | null = Number.MIN_SAFE_INTEGER; after !== null;) {
      const start: number = after
      await nextTurn()
      const page = await this.#file.read(({ jobAudit }) => {
        const end = jobAudit.endOfPage(start, ROWS_A_PAGE)
        return { end, leftovers: end === null ? [] : jobAudit.leftovers(start, end) }
      })
      yield* page.leftovers
      after = page.end
    }
  }

  removeLeftovers(_partition: number, leftovers: readonly Leftover[]): Promise<number> {
    return this.#file.write(({ jobAudit }) => {
      return leftovers.reduce((removed, leftover) => removed + jobAudit.removeLeftover(leftover), 0)
    })
  }

  amendCounts(
    _partition: number,
    byStatus: ReadonlyMap<string, number>,
    byUser: ReadonlyMap<string, number>,
  ): Promise<void> {
    return this.#file.write(({ counts }) => {
      for (const [status, by] of byStatus) counts.addToStatus(status, by)
      for (const [userId, by] of byUser) counts.addToUser(userId, by)
    })
  }
}

function eventIn({ events }: Tables): GetEvent {
  return (id) => events.get(Number(id))
}

function auditOne(tables: Tables, request: AuditRequest, trail: AuditTrail): Audit {
  const row = tables.jobAudit.find(request.jobId)
  const lastEventId = row === null ? null : String(row.lastEvent)
  const job = row === null ? null : fieldsOf(row)
  return {
    jobId: request.jobId,
    live: row === null ? null : { version: row.version, lastEventId, job },
    events: trail.of(request, lastEventId, eventIn(tables)),
    entries: entriesOf(row, request.place ?? job),
  }
}

/** What lists and the expiry queue go by. A list of one status goes by the user, too. */
function entriesOf(row: AuditRow | null, place: JobFields | AuditRequest['place']): Audit['entries'] {
  if (row === null || place === null) return { user: null, userStatus: null, expiry: null }
  const isOfUser = row.userId === place['userId']
  return {
    user: isOfUser ? row.createdAt : null,
    userStatus: isOfUser && row.status === place['status'] ? row.createdAt : null,
    expiry: row.expiresAt,
  }
}

function reconcileOne({ jobs, jobAudit }: Tables, { jobId, seen, state }: Target): boolean {
  const row = jobAudit.find(jobId)
  if ((row === null ? null : String(row.lastEvent)) !== seen) return false
  const place = placeOf(state?.job ?? null)
  if (state === null) {
    if (row !== null) jobAudit.remove(row.number)
  } else if (row === null) jobs.insert(jobId, state, place)
  else jobs.update(row.number, state, place, true)
  return true
}
