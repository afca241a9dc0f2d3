import { encodeValue } from '../codec.ts'
import type { Position } from '../core/cursor.ts'
import { ProjectionLostError, quote } from '../core/errors.ts'
import { isWhole, type JobState } from '../core/evolve.ts'
import type { JobCore, JobFields } from '../core/job.ts'
import type { Snapshot } from '../maintenance.ts'
import { baseBefore, encodeMark, timeOf, type SnapshotBase } from '../reading/snapshots.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { AuditedJob } from './fold.ts'

/**
 * The snapshot that a job needs before the events up to a cut are dropped; null if none: it has ended, or what stays tells
 * everything about the time from the cut on.
 * @throws ProjectionLostError if its live state is another, so that the log alone knows what would be dropped
 */
export function snapshotOf({ audit, state, stateThen, events }: AuditedJob, cut: Position): Snapshot | null {
  const job = state?.job ?? null
  if (state === null || job === null) return null
  const start = events.findLast(isWhole) ?? events[0]
  if (start === undefined || !isNeeded(start, stateThen, events, cut)) return null
  const { live } = audit
  if (live?.job == null || live.version !== state.version || live.lastEventId !== state.lastEventId)
    throw ProjectionLostError.of(
      `The live state of job ${quote(job.id)} is not what the log says, so that nothing may be dropped: rebuild() it.`,
    )
  const { userId, set } = partsOf(job)
  const base = state.version === stateThen?.version ? null : baseAt(stateThen, events)
  const since = new Date(timeOf(events.at(-1) ?? start))
  const meta = encodeMark({ standsFor: start.id, since, base })
  const { version, lastEventId: eventId } = state
  return { jobId: job.id, version, eventId, userId, set, data: encodeValue(set), meta }
}

/**
 * Whether anything is lost with the events up to the cut: the state itself, or, where events come between the cut and the
 * snapshot that the state stands on, what they were applied to.
 */
function isNeeded(
  start: StoredEvent,
  stateThen: JobState | null,
  events: readonly StoredEvent[],
  cut: Position,
): boolean {
  if (start.position.sequence <= cut.sequence) return true
  const next = events.find(({ position }) => position.sequence > cut.sequence)
  if (start.type !== 'snapshotted' || next === undefined || isWhole(next)) return false
  return baseAt(stateThen, events) !== null && baseBefore(next, events) === null
}

/** The job at the cut, for what is asked about the time between that and the next event. */
function baseAt(stateThen: JobState | null, events: readonly StoredEvent[]): SnapshotBase | null {
  const job = stateThen?.job ?? null
  const event = events.find(({ id }) => id === stateThen?.lastEventId)
  if (stateThen === null || job === null || event === undefined) return null
  const { userId, set } = partsOf(job)
  return { version: stateThen.version, eventId: event.id, at: new Date(timeOf(event)), userId, fields: set }
}

function partsOf(job: JobCore): { userId: string; set: JobFields } {
  const { id: _, userId, ...set } = job as JobCore & JobFields
  return { userId, set }
}
