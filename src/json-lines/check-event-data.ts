import { checkJob, checkUpdates } from '../core/check.ts'
import { InvalidJobError, quote } from '../core/errors.ts'
import type { JobEvent } from '../core/event.ts'
import type { JobCore } from '../core/job.ts'
import { Statuses } from '../core/statuses.ts'

/** A log does not say which statuses its store had: any name that a status could have is one. */
class AnyStatus extends Statuses {
  override check(status: unknown): asserts status is string {
    if (typeof status !== 'string' || status === '' || status.length > 64 || !status.isWellFormed())
      throw InvalidJobError.of('status', 'a name of 1 to 64 characters', status)
  }
}

const ANY_STATUS: Statuses = new AnyStatus(undefined, undefined)

/**
 * Makes sure that an event from outside does to a job what an event of a store could: else the fold, and every index that
 * rests on it, would break far from here. Types that only newer programs know are taken as `updated`, as by evolve.
 * @throws InvalidJobError naming the field, like `data.createdAt`
 */
export function checkEventData(event: JobEvent<JobCore>): void {
  const { data, jobId, userId } = event
  try {
    if (event.type === 'created' || event.type === 'snapshotted') checkJob(data, ANY_STATUS)
    else checkUpdates(jobId, data, ANY_STATUS)
    requireSame('id', data.id, jobId, 'jobId')
    requireSame('userId', data.userId, userId, 'userId')
  } catch (error) {
    throw error instanceof InvalidJobError ? error.under('data') : error
  }
}

function requireSame(field: string, value: string | undefined, expected: string, beside: string): void {
  if (value !== undefined && value !== expected)
    throw InvalidJobError.of(field, `${quote(expected)}, as ${beside} says`, value)
}
