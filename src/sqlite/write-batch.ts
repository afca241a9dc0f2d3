import { Applied, type EncodedCommand, type Outcome } from '../backend.ts'
import { EMPTY_MAP } from '../codec.ts'
import { decide, expire, stampOf, type Draft } from '../core/decide.ts'
import { changeInPlace, evolve, hasJob, type JobState } from '../core/evolve.ts'
import { copyValue } from '../core/value.ts'
import { decodeJob, placeOf, type DueRow, type Place } from './job-table.ts'
import type { Tables } from './tables.ts'

/** A job that the batch has touched. */
interface Entry {
  /** Its row; null if it has none yet. */
  readonly number: number | null
  /** Where the row, the indexes and the counts have it. */
  readonly place: Pick<Place, 'userId' | 'status'> | Place | null
  state: JobState | null
  isChanged: boolean
  /** A caller gets state.job as the outcome of a command: it may not be built upon. */
  isHandedOut: boolean
}

/**
 * What one write transaction does. Events go to the log at once; a job is read when it is first touched, and written,
 * with the indexes and counts, once at the end, in save(). An error in between rolls all of it back.
 */
export class WriteBatch {
  readonly #tables: Tables
  readonly #now: number
  /** The time of its events. */
  readonly #eventMs: number
  readonly #entries = new Map<string, Entry>()
  readonly #start: number
  #sequence: number

  /**
   * @param now the clock, ms since 1970: says what is due. The log's time goes on from its newest event if it was set back
   * @throws ProjectionLostError
   */
  constructor(tables: Tables, now: number) {
    const head = tables.meta.headOfWhole()
    this.#tables = tables
    this.#now = now
    this.#eventMs = Math.max(now, head.at)
    this.#start = this.#sequence = head.sequence
  }

  /** Applies one command, or refuses it. */
  apply(encoded: EncodedCommand): Outcome {
    const { command, digest } = encoded
    const { jobId, commandId } = command
    const { commands } = this.#tables
    if (commandId !== null && digest !== null) {
      const seen = commands.find(jobId, commandId, digest, this.#now)
      if (seen !== null) return seen
    }
    const entry = this.#entries.get(jobId) ?? this.#load(jobId)
    if (entry === null) return { kind: 'unreadable', what: 'its row in the table `jobs` holds no job' }

    const decision = decide(entry.state, command, this.#now, this.#eventMs)
    if (decision.kind !== 'accepted') return decision
    const last = decision.drafts.length - 1
    for (const [index, draft] of decision.drafts.entries()) this.#append(entry, draft, index === last ? encoded : null)

    const state = entry.state as JobState
    if (commandId !== null && digest !== null) commands.remember(jobId, commandId, digest, state.version, this.#now)
    if (command.kind !== 'change') return new Applied(state.version, null)
    entry.isHandedOut = true
    return new Applied(state.version, state.job)
  }

  /** Ends jobs whose time has come, with one `expired` event each. @returns how many, at most `limit` */
  expireDue(limit: number): number {
    const due = this.#tables.jobs.due(this.#now, limit)
    for (const row of due) this.#append(this.#enter(row), expire(row, row.version + 1), null)
    return due.length
  }

  /** Writes what the events made of the jobs. Call it once, at the end. */
  save(): void {
    if (this.#sequence === this.#start) return
    const byStatus = new Map<string, number>()
    const byUser = new Map<string, number>()
    for (const [id, entry] of this.#entries) {
      if (!entry.isChanged) continue
      const place = this.#saveJob(id, entry)
      move(byStatus, entry.place?.status, place?.status)
      move(byUser, entry.place?.userId, place?.userId)
    }
    for (const [status, by] of byStatus) this.#tables.counts.addToStatus(status, by)
    for (const [userId, by] of byUser) this.#tables.counts.addToUser(userId, by)
    this.#tables.meta.advance(this.#sequence, this.#eventMs)
  }

  #saveJob(id: string, entry: Entry): Place | null {
    const state = entry.state as JobState
    const place = placeOf(state.job)
    if (entry.number === null) this.#tables.jobs.insert(id, state, place)
    else this.#tables.jobs.update(entry.number, state, place, !isSame(entry.place, place))
    return place
  }

  /** @returns null if the row's body is none of ours */
  #load(id: string): Entry | null {
    const row = this.#tables.jobs.find(id)
    const job = row?.body == null ? null : decodeJob(row.body)
    if (job === undefined) return null
    const state = row === null ? null : { job, version: row.version, lastEventId: String(row.lastEvent) }
    const entry = { number: row?.number ?? null, place: placeOf(job), state, isChanged: false, isHandedOut: false }
    this.#entries.set(id, entry)
    return entry
  }

  /** A due job's body is not decoded: whatever it is, the job ends here. */
  #enter(row: DueRow): Entry {
    const { id, number, userId, status, version, lastEvent } = row
    const state = { job: null, version, lastEventId: String(lastEvent) }
    const entry = { number, place: { userId, status }, state, isChanged: false, isHandedOut: false }
    this.#entries.set(id, entry)
    return entry
  }

  /** The one place where anything changes: the log first, then the job. */
  #append(entry: Entry, draft: Draft, encoded: EncodedCommand | null): void {
    const before = entry.state
    const sequence = ++this.#sequence
    this.#tables.events.append({
      sequence,
      type: draft.type,
      stamp: encoded === null ? null : stampOf(draft, encoded.command),
      jobId: draft.jobId,
      userId: draft.userId,
      version: draft.version,
      previous: before === null ? null : Number(before.lastEventId),
      at: this.#eventMs,
      removed: draft.removed,
      meta: encoded?.meta ?? null,
      data: encoded?.data ?? EMPTY_MAP,
    })
    const id = String(sequence)
    if (hasJob(before) && encoded?.command.kind === 'change') {
      if (entry.isHandedOut) before.job = copyValue(before.job)
      changeInPlace(before, draft, id)
    } else entry.state = evolve(before, { ...draft, id })
    entry.isChanged = true
    entry.isHandedOut = false
  }
}

function move(counts: Map<string, number>, from: string | undefined, to: string | undefined): void {
  if (from === to) return
  if (from !== undefined) counts.set(from, (counts.get(from) ?? 0) - 1)
  if (to !== undefined) counts.set(to, (counts.get(to) ?? 0) + 1)
}

function isSame(before: Entry['place'], after: Place | null): boolean {
  if (before === null || after === null) return before === after
  if (before.userId !== after.userId || before.status !== after.status) return false
  return 'createdAt' in before && before.createdAt === after.createdAt && before.expiresAt === after.expiresAt
}
