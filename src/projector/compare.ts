import { isDeepStrictEqual } from 'node:util'
import type { Drift } from '../contract.ts'
import type { JobState } from '../core/evolve.ts'
import type { JobFields } from '../core/job.ts'
import type { Audit, LiveState } from '../maintenance.ts'

/** Where the live state of one job, its index entries apart, is not what the log says. */
export function compareState(jobId: string, live: LiveState | null, expected: JobState | null): Drift[] {
  if (expected === null) return live === null ? [] : [orphan(jobId, live)]
  if (expected.job === null) {
    if (live === null)
      return [{ kind: 'missingJob', jobId, field: 'tombstone', expected: expected.version, actual: null }]
    return live.job === null ? compareLink(jobId, live, expected) : [orphan(jobId, live)]
  }
  if (live?.job == null) return [{ kind: 'missingJob', jobId, expected: expected.job, actual: null }]
  return [
    ...compareLink(jobId, live, expected),
    ...compareFields(jobId, live.job, expected.job as unknown as JobFields),
  ]
}

/** A job that lives without the log saying so. */
function orphan(jobId: string, live: LiveState): Drift {
  return { kind: 'orphanJob', jobId, expected: null, actual: live.job }
}

/** Its version, and the event that brought it there. */
function compareLink(jobId: string, live: LiveState, expected: JobState): Drift[] {
  const drift: Drift[] = []
  for (const field of ['version', 'lastEventId'] as const)
    if (live[field] !== expected[field])
      drift.push({ kind: 'field', jobId, field, expected: expected[field], actual: live[field] })
  return drift
}

function compareFields(jobId: string, actual: JobFields, expected: JobFields): Drift[] {
  // Mostly nothing has drifted, and one comparison of all costs less than one of each.
  if (isDeepStrictEqual(actual, expected)) return []
  const drift: Drift[] = []
  for (const field of new Set([...Object.keys(expected), ...Object.keys(actual)]))
    if (!isDeepStrictEqual(actual[field], expected[field]))
      drift.push({ kind: 'field', jobId, field, expected: expected[field], actual: actual[field] })
  return drift
}

/** Where a job that should live is not in an index, or at another place there. */
export function compareEntries({ jobId, entries }: Audit, expected: JobState | null): Drift[] {
  const job = expected?.job ?? null
  if (job === null) return []
  const { userId } = job
  const drift: Drift[] = []
  const compare = (kind: Drift['kind'], expectedAt: Date, actual: number | null): void => {
    if (actual !== expectedAt.getTime())
      drift.push({ kind, jobId, userId, expected: expectedAt, actual: actual === null ? null : new Date(actual) })
  }
  compare('userIndex', job.createdAt, entries.user)
  compare('statusIndex', job.createdAt, entries.userStatus)
  compare('expiryIndex', job.expiresAt, entries.expiry)
  return drift
}
