import type { AsOf, JobEvent } from '../core/event.ts'
import { evolve, isEnd, isWhole, type JobState } from '../core/evolve.ts'
import type { JobCore } from '../core/job.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { ArchivedLog } from './archive.ts'
import { isBeginning, timeOf } from './snapshots.ts'

/** What is asked of an archive. */
interface Asked {
  /** The oldest event that the log still has of the job: what the archive has is older, and ends with the one before it. */
  oldest: StoredEvent | null
  /** The moment; null for the one just before the log's oldest event. */
  asOf: AsOf | null
  decode: (event: StoredEvent) => JobEvent<JobCore>
}

/** What an archive says of a moment. */
export type ArchivedState =
  | { kind: 'found'; stateThen: { state: JobState; atMs: number } }
  /** The job was not there yet. */
  | { kind: 'none' }
  /** Something is missing, here or between here and the log. */
  | { kind: 'unknown' }

/**
 * One job's state at a moment that its log no longer tells of, folded through the archive from its beginning: events are
 * held one at a time. An event that does not follow on the one before it ends what is known, until one stands for the
 * whole job again.
 */
export async function archivedState(archive: ArchivedLog, jobId: string, asked: Asked): Promise<ArchivedState> {
  const { oldest, asOf, decode } = asked
  let state: JobState | null = null
  let last: StoredEvent | null = null
  let found: ArchivedState = { kind: 'none' }
  let isComplete = true
  for await (const event of archive.history(jobId)) {
    if (oldest !== null && event.position.sequence >= oldest.position.sequence) break
    const follows = isNext(last, event)
    isComplete &&= follows
    // What is asked for by its time lies just before this event, or in what is missing.
    if (asOf instanceof Date && event.at > asOf.getTime()) return follows ? found : { kind: 'unknown' }
    state = isWhole(event) || (follows && state !== null) ? evolve(state, decode(event)) : null
    last = event
    if (isIn(event, asOf)) {
      const atMs = asOf instanceof Date ? asOf.getTime() : timeOf(event)
      found = state === null ? { kind: 'unknown' } : { kind: 'found', stateThen: { state, atMs } }
    }
  }
  const isExact = asOf !== null && !(asOf instanceof Date) && found.kind === 'found'
  const isCertain = isExact || (isEndOf(last, oldest) && (found.kind !== 'none' || isComplete))
  return isCertain ? found : { kind: 'unknown' }
}

function isIn(event: StoredEvent, asOf: AsOf | null): boolean {
  if (asOf === null || asOf instanceof Date) return true
  return 'version' in asOf ? event.version === asOf.version : event.id === asOf.eventId
}

/** Whether nothing was between two events of a job; null: before the first. An id that was forgotten begins anew. */
function isNext(last: StoredEvent | null, event: StoredEvent): boolean {
  if (isBeginning(event)) return last === null || isEnd(last)
  return event.previous !== null && last?.id === event.previous
}

/** Whether what the log has goes on where the archive ends; an ended job may be forgotten by the log. */
function isEndOf(last: StoredEvent | null, oldest: StoredEvent | null): boolean {
  return oldest === null ? last === null || isEnd(last) : isNext(last, oldest)
}
