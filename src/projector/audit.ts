import type { Backend } from '../backend.ts'
import type { Drift } from '../contract.ts'
import type { Position } from '../core/cursor.ts'
import type { JobFields } from '../core/job.ts'
import type { AuditRequest } from '../maintenance.ts'
import type { Place } from '../place.ts'
import { compareEntries, compareState } from './compare.ts'
import { auditJobs, placeOf, type AuditedJob, type Decode } from './fold.ts'

/** A job with its drift, which may be none. */
export interface SurveyedJob extends AuditedJob {
  drift: Drift[]
}

/** What auditing works with. */
export interface AuditContext {
  partition: number
  /** The log's end by the census. */
  through: Position
  decode: Decode
  /**
   * Whether drift must name exactly those index entries that are wrong, also of a job whose live state is at another place
   * or gone: that takes a second audit of each such job.
   */
  wantsEntries: boolean
  /** @returns the ids of jobs that have gone on meanwhile and are to be audited again */
  onJobs: (jobs: readonly SurveyedJob[]) => Promise<readonly string[]>
}

/** Audits some jobs, again those that had gone on when they were to be put right. */
export async function auditAll(
  backend: Backend,
  requests: readonly AuditRequest[],
  context: AuditContext,
): Promise<SurveyedJob[]> {
  const all = new Map<string, SurveyedJob>()
  let waiting = requests
  while (waiting.length > 0) {
    const jobs = await lookAt(backend, waiting, context)
    for (const job of jobs) all.set(job.audit.jobId, job)
    const again = new Set(await context.onJobs(jobs))
    waiting = waiting.filter(({ jobId }) => again.has(jobId))
  }
  return [...all.values()]
}

/**
 * Audits jobs and compares them. Those that live elsewhere than they should are audited at the place where they should
 * too, if it is asked for: which of their entries are right can only be seen there.
 */
async function lookAt(
  backend: Backend,
  requests: readonly AuditRequest[],
  { partition, through, decode, wantsEntries }: AuditContext,
): Promise<SurveyedJob[]> {
  const found = new Map<string, SurveyedJob>()
  let waiting = requests
  while (waiting.length > 0) {
    const misplaced: AuditRequest[] = []
    for (const [index, job] of (await auditJobs(backend, partition, waiting, through, decode)).entries()) {
      const request = waiting[index] as AuditRequest
      const { audit, state } = job
      const drift = [...compareState(audit.jobId, audit.live, state), ...compareEntries(audit, state)]
      found.set(audit.jobId, { ...job, drift })
      const place = placeOf(state)
      if (place !== null && wantsEntries && !isAt(place, request.place ?? audit.live?.job))
        misplaced.push({ ...request, eventId: state?.lastEventId ?? null, place })
    }
    waiting = misplaced
  }
  return [...found.values()]
}

function isAt(place: Place, seen: Place | JobFields | null | undefined): boolean {
  return seen?.['userId'] === place.userId && seen['status'] === place.status
}
