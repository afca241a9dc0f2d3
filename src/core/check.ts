import { InvalidJobError, quote } from './errors.ts'
import { REQUIRED_FIELDS, STAMP_FIELDS, type JobFields } from './job.ts'
import type { Statuses } from './statuses.ts'
import { copyStorable, fieldsOf, isPlainObject } from './value.ts'

/** Bytes of UTF-8 that an id, a user's id or a commandId may have. */
const MAX_ID_BYTES = 512

/** Whether a text could be a job's or a user's id: 1 to 512 bytes of UTF-8. */
export function isId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.isWellFormed() &&
    (value.length * 3 <= MAX_ID_BYTES || Buffer.byteLength(value) <= MAX_ID_BYTES)
  )
}

/** A whole job: its id and user, and all its other fields. */
interface CheckedJob {
  id: string
  userId: string
  set: JobFields
}

/**
 * Checks a whole job and copies it: fields given as undefined are left out.
 * @throws InvalidJobError naming the first field that is missing or can't be stored
 */
export function checkJob(job: unknown, statuses: Statuses): CheckedJob {
  if (!isPlainObject(job)) throw InvalidJobError.of('job', 'a plain object', job)
  for (const field of REQUIRED_FIELDS) if (job[field] === undefined) throw missing(field)
  const checked = { id: '', userId: '', set: {} as JobFields }
  for (const field of fieldsOf(job)) {
    if (job[field] === undefined) continue
    const value = checkField(field, job[field], statuses)
    if (field === 'id' || field === 'userId') checked[field] = value as string
    else checked.set[field] = value
  }
  return checked
}

/**
 * Checks the updates of a job: what is set, copied, and the names of what is given as undefined, to be removed.
 * @throws InvalidJobError naming the first field that may not change, may not go, or can't be stored
 */
export function checkUpdates(id: string, updates: unknown, statuses: Statuses): { set: JobFields; removed: string[] } {
  if (!isPlainObject(updates)) throw InvalidJobError.of('updates', 'a plain object', updates)
  const set: JobFields = {}
  const removed: string[] = []
  for (const field of fieldsOf(updates)) {
    const value = updates[field]
    if (field === 'id') {
      if (value !== id) throw InvalidJobError.of('id', `${quote(id)}, since an id can't change`, value)
    } else if (value === undefined) {
      if ((REQUIRED_FIELDS as readonly string[]).includes(field)) throw missing(field)
      removed.push(field)
    } else set[field] = checkField(field, value, statuses)
  }
  return { set, removed }
}

/** Checks a job's progress, and copies it. @throws InvalidJobError */
export function checkProgress(progress: unknown): unknown {
  if (progress === undefined) throw missing('progress')
  checkShape('progress', progress)
  return copyStorable(progress, 'progress')
}

/** Checks one top-level field and copies its value. @throws InvalidJobError */
function checkField(field: string, value: unknown, statuses: Statuses): unknown {
  switch (field) {
    case 'id':
    case 'userId':
      if (!isId(value)) throw InvalidJobError.of(field, `text of 1 to ${MAX_ID_BYTES} bytes of UTF-8`, value)
      return value
    case 'status':
      statuses.check(value)
      return value
    case 'retryCount':
    case 'maxRetries':
      if (!Number.isSafeInteger(value) || (value as number) < 0)
        throw InvalidJobError.of(field, 'a whole number, 0 or more', value)
      return copyStorable(value, field)
    case 'createdAt':
    case 'expiresAt':
    case STAMP_FIELDS[0]:
    case STAMP_FIELDS[1]:
    case STAMP_FIELDS[2]:
      if (!(value instanceof Date)) throw InvalidJobError.of(field, 'a Date', value)
      return copyStorable(value, field)
    default:
      checkShape(field, value)
      return copyStorable(value, field)
  }
}

function checkShape(field: string, value: unknown): void {
  if (field === 'progress') {
    const percent = requireObject(field, value)['percent']
    if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100))
      throw InvalidJobError.of('progress.percent', 'a number from 0 to 100', percent)
  } else if (field === 'error') {
    requireText(value, field, 'code')
    requireText(value, field, 'message')
  } else if (field === 'webhook') requireText(value, field, 'url')
}

function requireText(value: unknown, field: string, key: string): void {
  const text = requireObject(field, value)[key]
  if (typeof text !== 'string') throw InvalidJobError.of(`${field}.${key}`, 'text', text)
}

function requireObject(field: string, value: unknown): JobFields {
  if (!isPlainObject(value)) throw InvalidJobError.of(field, 'a plain object', value)
  return value
}

function missing(field: string): InvalidJobError {
  return InvalidJobError.of(field, 'a value, since every job has one', undefined)
}
