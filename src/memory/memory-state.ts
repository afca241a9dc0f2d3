import type { EncodedCommand, StoredJob } from '../backend.ts'
import { EMPTY_MAP } from '../codec.ts'
import { stampOf, type Draft } from '../core/decide.ts'
import { changeInPlace, evolve, isExpired, hasJob, type JobState } from '../core/evolve.ts'
import type { JobFields } from '../core/job.ts'
import { copyValue } from '../core/value.ts'
import { unfinishedImport } from '../unfinished-import.ts'
import { EventLog } from './event-log.ts'
import { Indexes } from './indexes.ts'

/** What a store in memory is: the log, and what is made of it. */
export class MemoryState {
  readonly log: EventLog = new EventLog()
  /** Every job that there ever was, but for ended ones whose events were compacted away. */
  readonly states: Map<string, JobState> = new Map()
  readonly indexes: Indexes = new Indexes()
  /** Another log's events were adopted, and the state was not made of them yet. */
  isAdopting = false
  /** The clock, in ms since 1970: it says what is due. */
  readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  /** The time of the next event: the clock, but never earlier than the newest event. */
  eventMs(): number {
    return Math.max(this.now(), this.log.lastAt ?? 0)
  }

  /** The one place where a command changes anything: the log first, then the job, then the indexes. */
  append(draft: Draft, at: number, encoded: EncodedCommand | null): void {
    const before = this.states.get(draft.jobId) ?? null
    const { data, removed } = draft
    const id = this.log.append({
      type: draft.type,
      stamp: encoded === null ? null : stampOf(draft, encoded.command),
      jobId: draft.jobId,
      userId: draft.userId,
      version: draft.version,
      previous: before?.lastEventId ?? null,
      at,
      removed: removed.length === 0 ? NOTHING : [...removed],
      meta: encoded?.meta ?? null,
      data: encoded?.data ?? EMPTY_MAP,
    })
    // Nothing else holds the job, and most commands are of this kind.
    if (hasJob(before) && encoded?.command.kind === 'change' && !isMove(data)) return changeInPlace(before, draft, id)
    const after = evolve(before, { ...draft, id })
    this.states.set(draft.jobId, after)
    this.indexes.move(before?.job ?? null, after.job)
  }

  /** A copy of a live job; null for one whose time has come by then. */
  find(id: string, now: number): StoredJob | null {
    const state = this.states.get(id)
    if (state?.job == null || isExpired(state.job, now)) return null
    return { job: copyValue(state.job), version: state.version, lastEventId: state.lastEventId }
  }

  /** @throws ProjectionLostError while the state is not what the log says */
  requireWhole(): void {
    if (this.isAdopting) throw unfinishedImport()
  }
}

const NOTHING: string[] = []

/** Whether lists, counts or the expiry queue hang on what is set. */
function isMove(data: JobFields): boolean {
  return 'status' in data || 'userId' in data || 'createdAt' in data || 'expiresAt' in data
}
