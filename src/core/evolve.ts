import type { EventId } from './event.ts'
import type { JobCore, JobFields } from './job.ts'

/** A job as the fold of its events: `job` is null after deleted or expired, and the version goes on from there. */
export interface JobState {
  job: JobCore | null
  version: number
  lastEventId: EventId
}

/** What evolve needs of an event. `type` may be one that only newer programs know. */
export interface Change {
  id: EventId
  type: string
  jobId: string
  userId: string
  version: number
  data: JobFields
  removed: readonly string[]
}

/**
 * The one definition of what an event does to a job: the Lua scripts and the SQL must equal it. Total: any event is
 * fine after any state, an unknown type sets and removes fields like `updated`. Neither argument is changed, but the
 * result shares values with both.
 */
export function evolve(state: JobState | null, event: Change): JobState {
  return { job: evolveJob(state?.job ?? null, event), version: event.version, lastEventId: event.id }
}

function evolveJob(job: JobCore | null, event: Change): JobCore | null {
  switch (event.type) {
    case 'created':
    case 'snapshotted':
      return { ...event.data, id: event.jobId, userId: event.userId } as unknown as JobCore
    case 'deleted':
    case 'expired':
      return null
    default: {
      if (job === null) return null
      const next = { ...job }
      applyChange(next, event.data, event.removed)
      return next
    }
  }
}

/** What an event between a job's first and its last does to it, in place: for whoever owns the job. */
export function applyChange(job: JobCore, set: JobFields, removed: readonly string[]): void {
  const fields = job as unknown as JobFields
  // A loop with `in` would take what somebody put on Object.prototype for a field.
  Object.assign(fields, set)
  for (const field of removed) delete fields[field]
}

/** The same for a live job's whole state, which becomes what evolve() would make of it. */
export function changeInPlace(
  state: JobState & { job: JobCore },
  { version, data, removed }: Pick<Change, 'version' | 'data' | 'removed'>,
  id: EventId,
): void {
  applyChange(state.job, data, removed)
  state.version = version
  state.lastEventId = id
}

/** Whether the state has a job that a change can go on from. */
export function hasJob(state: JobState | null): state is JobState & { job: JobCore } {
  return state?.job != null
}

/** Whether nothing before this event matters for the state after it. */
export function isWhole(event: { type: string }): boolean {
  switch (event.type) {
    case 'created':
    case 'snapshotted':
    case 'deleted':
    case 'expired':
      return true
    default:
      return false
  }
}

/** Whether a job's life ends with this event. */
export function isEnd({ type }: { type: string }): boolean {
  return type === 'deleted' || type === 'expired'
}

/** Whether a job's time has come: from expiresAt on, nothing finds it. */
export function isExpired(job: JobCore, nowMs: number): boolean {
  return job.expiresAt.getTime() <= nowMs
}
