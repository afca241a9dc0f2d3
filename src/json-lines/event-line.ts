import { isId } from '../core/check.ts'
import { InvalidJobError, InvalidLogError } from '../core/errors.ts'
import type { EventMeta, JobEvent, JobEventType } from '../core/event.ts'
import { REQUIRED_FIELDS, type JobCore, type JobFields } from '../core/job.ts'
import { copyStorable, isPlainObject } from '../core/value.ts'
import { checkEventData } from './check-event-data.ts'
import { mark, readDate, unmark } from './marks.ts'

/** What a line of an event has: these fields, in this order. */
const FIELDS: readonly string[] = [
  'id',
  'type',
  'jobId',
  'userId',
  'version',
  'previous',
  'at',
  'data',
  'removed',
  'meta',
]

const ID = 'text of 1 to 512 bytes of UTF-8'

/** Writes an event as one line, without its end. The cursor, a position in one store's log, is left out. @throws InvalidJobError */
export function encodeEventLine<T extends JobCore>(event: JobEvent<T>): string {
  const { id, type, jobId, userId, version, previous, at, removed } = event
  const data = mark(event.data, 'data')
  const meta = mark(event.meta, 'meta')
  return JSON.stringify({ id, type, jobId, userId, version, previous, at: at.toISOString(), data, removed, meta })
}

/**
 * Reads an event's line. Its cursor is empty: it has no position in any store.
 * @param line its number, for the error
 * @throws InvalidLogError naming the field
 */
export function decodeEventLine(text: string, line: number | null = null): JobEvent<JobCore> {
  return readEvent(parseLine(text, line), line)
}

/** Reads any line of a log: its fields. @throws InvalidLogError */
export function parseLine(text: string, line: number | null): JobFields {
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch (error) {
    throw InvalidLogError.of(line, 'line', `expected JSON, got ${text.length} characters that are none.`, {
      cause: error,
    })
  }
  if (!isPlainObject(fields)) throw InvalidLogError.of(line, 'line', 'expected a JSON object, got another value.')
  return fields
}

/** Makes the event of a line that was parsed. @throws InvalidLogError naming the field */
export function readEvent(fields: JobFields, line: number | null): JobEvent<JobCore> {
  try {
    return checkEvent(fields)
  } catch (error) {
    if (!(error instanceof InvalidJobError)) throw error
    throw InvalidLogError.of(line, error.field, error.message.slice(error.field.length + 2), { cause: error })
  }
}

function checkEvent(fields: JobFields): JobEvent<JobCore> {
  for (const field of Object.keys(fields))
    if (!FIELDS.includes(field)) throw InvalidJobError.of(field, `none but ${FIELDS.join(', ')}`, 'another field')
  const event: JobEvent<JobCore> = {
    id: take(fields, 'id', isId, ID),
    cursor: '',
    type: take(fields, 'type', isId, ID) as JobEventType,
    jobId: take(fields, 'jobId', isId, ID),
    userId: take(fields, 'userId', isId, ID),
    version: take(fields, 'version', isVersion, 'a whole number, 1 or more'),
    previous: take(fields, 'previous', isIdOrNull, `${ID}, or null`),
    at: readTime(fields['at']),
    data: takeObject(fields, 'data'),
    removed: take(fields, 'removed', isArray, 'an array').map(checkRemoved),
    meta: fields['meta'] === null ? null : takeMeta(fields),
  }
  checkEventData(event)
  return event
}

function take<V>(fields: JobFields, field: string, isRight: (value: unknown) => value is V, expected: string): V {
  const value = fields[field]
  if (!isRight(value)) throw InvalidJobError.of(field, expected, value)
  return value
}

function readTime(text: unknown): Date {
  const time = isText(text) ? readDate(text) : undefined
  if (time === undefined) throw InvalidJobError.of('at', 'a date like 2024-01-01T00:00:00.000Z', text)
  return time
}

/** An object of the user's, which no mark may stand for. */
function takeObject(fields: JobFields, field: string): JobFields {
  const value = unmark(fields[field], field)
  if (!isPlainObject(value)) throw InvalidJobError.of(field, 'an object', value)
  return value
}

function takeMeta(fields: JobFields): EventMeta {
  const meta = takeObject(fields, 'meta')
  copyStorable(meta, 'meta')
  return meta
}

function checkRemoved(field: unknown, index: number): string {
  const isName = isText(field) && field.isWellFormed() && field !== '__proto__'
  if (!isName || (REQUIRED_FIELDS as readonly string[]).includes(field))
    throw InvalidJobError.of(`removed[${index}]`, 'the name of a field that a job may be without', field)
  return field
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isArray(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

function isIdOrNull(value: unknown): value is string | null {
  return value === null || isId(value)
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1
}
