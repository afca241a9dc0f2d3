import type { Backend } from '../backend.ts'
import type { Position } from '../core/cursor.ts'
import type { JobEvent } from '../core/event.ts'
import { evolve, isWhole, type JobState } from '../core/evolve.ts'
import type { JobCore } from '../core/job.ts'
import type { Audit, AuditRequest } from '../maintenance.ts'
import type { Outlines } from '../outlines.ts'
import type { Place } from '../place.ts'
import { baseBefore, stateOfBase } from '../reading/snapshots.ts'
import type { StoredEvent } from '../stored-event.ts'

/** Reads an event's payload, and its fields if an older program wrote it. */
export type Decode = (event: StoredEvent) => JobEvent<JobCore>

/** How events are read. */
export interface Reading {
  decode: Decode
  /** Whether `decode` changes what events say. */
  upcasts: boolean
  /** null if the backend has none, or events are upcast: an outline knows only what is in the log. */
  outlines: Outlines | null
}

/** A job as it was found, and as its events say that it is. */
export interface AuditedJob {
  audit: Audit
  /** By all its events; null if the log has none. */
  state: JobState | null
  /** By those up to the census; null if it was not there yet. */
  stateThen: JobState | null
  /** What it was folded from, oldest first. */
  events: StoredEvent[]
}

/** Audits jobs, and folds the events that come with each. */
export async function auditJobs(
  backend: Backend,
  partition: number,
  requests: readonly AuditRequest[],
  through: Position,
  decode: Decode,
): Promise<AuditedJob[]> {
  const audits = await backend.audit(partition, requests, through)
  return audits.map((audit) => foldAudit(audit, through, decode))
}

function foldAudit(audit: Audit, through: Position, decode: Decode): AuditedJob {
  const events = audit.events.toReversed()
  const [first] = events
  // Where the beginning was compacted away, a snapshot may know the job as it was just before these events.
  const base = first === undefined || isWhole(first) ? null : baseBefore(first, events)
  let state = base === null ? null : stateOfBase(audit.jobId, base)
  let stateThen = state
  for (const event of events) {
    state = evolve(state, decode(event))
    if (event.position.sequence <= through.sequence) stateThen = state
  }
  return { audit, state, stateThen, events }
}

/** What a job's index entries hang on; null if it does not live. */
export function placeOf(state: JobState | null): Place | null {
  return state?.job == null ? null : { userId: state.job.userId, status: state.job.status }
}
