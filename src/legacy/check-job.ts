import { checkJob } from '../core/check.ts'
import { describe, InvalidJobError } from '../core/errors.ts'
import type { Job, JobFields } from '../core/job.ts'
import { Statuses } from '../core/statuses.ts'
import { isPlainObject } from '../core/value.ts'

const STATUSES = new Statuses(undefined, undefined)

/**
 * Makes sure that what was read is a whole job of the requirements document, which any store takes: never a part of one.
 * @throws InvalidJobError naming the field
 */
export function requireJob(fields: JobFields): Job {
  for (const field of ['videoUrl', 'videoId'])
    if (typeof fields[field] !== 'string') throw InvalidJobError.of(field, 'text', fields[field])
  if (!isPlainObject(fields['options'])) throw InvalidJobError.of('options', 'an object', fields['options'])
  const metadata = fields['videoMetadata']
  if (metadata !== undefined && !isPlainObject(metadata))
    throw InvalidJobError.of('videoMetadata', 'an object', metadata)
  checkJob(fields, STATUSES)
  return fields as unknown as Job
}

/** Reads a job, or a part of one; an InvalidJobError on the way also says where that job is. */
export function readAt<R>(place: string, read: () => R): R {
  try {
    return read()
  } catch (error) {
    throw error instanceof InvalidJobError ? error.within(place) : error
  }
}

/** A job's id as a message shows it: whole, so that the job can be found by it. */
export function showId(id: unknown): string {
  return typeof id === 'string' ? JSON.stringify(id) : describe(id)
}

/** Date.parse alone takes almost anything for a date, by local time. */
const ISO_DATE = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/

/** Reads a Date of a job. @throws InvalidJobError */
export function readDate(field: string, text: unknown): Date {
  const date = typeof text === 'string' && ISO_DATE.test(text) ? new Date(text) : null
  if (date === null || Number.isNaN(date.getTime())) throw InvalidJobError.of(field, 'an ISO 8601 date', text)
  return date
}

/** Sets a field. `__proto__` would set none, but change the object. @throws InvalidJobError */
export function setField(fields: JobFields, field: string, value: unknown): void {
  if (field === '__proto__') throw InvalidJobError.of(field, 'another name for a field', field)
  fields[field] = value
}
