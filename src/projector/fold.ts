import type { Backend } from '../backend.ts'
import type { Position } from '../core/cursor.ts'
import { evolve, isWhole, type JobState } from '../core/evolve.ts'
import type { JobCore } from '../core/job.ts'
import type { JobEvent } from '../core/event.ts'
import type { Audit, AuditRequest } from '../maintenance.ts'
import type { StoredEvent } from '../stored-event.ts'

/** Events of one job that are fetched at once, where an audit could not give all. */
const PAGE = 256

/** Reads an event's payload, and its fields if an older program wrote it. */
export type Decode = (event: StoredEvent) => JobEvent<JobCore>

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
  return Promise.all(
    audits.map(async (audit) => foldAudit(audit, await complete(backend, audit, through), through, decode)),
  )
}

/** The audit's events, oldest first, and those before them that did not fit in. */
async function complete(backend: Backend, audit: Audit, through: Position): Promise<StoredEvent[]> {
  const events = [...audit.events]
  let { next } = audit
  while (next !== null) {
    const page = await backend.history(audit.jobId, next, PAGE)
    const end = page.events.findIndex((event) => isWhole(event) && event.position.sequence <= through.sequence)
    events.push(...(end < 0 ? page.events : page.events.slice(0, end + 1)))
    next = end < 0 && !page.isTruncated ? page.next : null
  }
  return events.reverse()
}

function foldAudit(audit: Audit, events: StoredEvent[], through: Position, decode: Decode): AuditedJob {
  let state: JobState | null = null
  let stateThen: JobState | null = null
  for (const event of events) {
    state = evolve(state, decode(event))
    if (event.position.sequence <= through.sequence) stateThen = state
  }
  return { audit, state, stateThen, events }
}
