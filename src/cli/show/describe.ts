import type { JobEvent } from '../../core/event.ts'
import type { JobCore, JobFields } from '../../core/job.ts'
import { jsonOf } from '../terminal/json.ts'
import { printable } from '../../core/printable.ts'
import { cut, dateTime, LONGEST_VALUE, timeOfDay } from '../terminal/text.ts'

/** How values are told. */
interface Telling {
  /** A longer one is cut, in columns. Default LONGEST_VALUE; Infinity: none is. */
  longest?: number | undefined
  /** Of a time on the day of this one, only the time of day is said. */
  at?: Date
}

/** A field's value as a person reads it, on one line. */
export function describeValue(field: string, value: unknown, { longest = LONGEST_VALUE, at }: Telling = {}): string {
  if (value === undefined) return '–'
  if (value instanceof Date) return dayOf(value) === (at && dayOf(at)) ? timeOfDay(value) : dateTime(value)
  if (typeof value === 'string') return cut(printable(value), longest)
  if (field === 'progress' && isProgress(value)) return describeProgress(value, { longest })
  if (field === 'error' && isError(value)) return describeError(value)
  return cut(printable(jsonOf(withoutSecret(field, value))), longest)
}

/** A webhook's secret belongs on no screen, from where it would get into tickets and chats. --json leaves it. */
export function withoutSecret(field: string, value: unknown): unknown {
  const isSecret = field === 'webhook' && typeof value === 'object' && value !== null && 'secret' in value
  return isSecret ? { ...value, secret: '…' } : value
}

/** The same of a whole job, as it stands where one is missing or too many. What is none stays as it is. */
export function jobWithoutSecret(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('webhook' in value)) return value
  return { ...value, webhook: withoutSecret('webhook', value.webhook) }
}

/** What an event changed, given the job before it. */
function describeChange<T extends JobCore>(before: JobFields | null, event: JobEvent<T>, telling: Telling): string {
  const set = Object.entries(event.data as JobFields)
  switch (event.type as string) {
    case 'created':
    case 'snapshotted':
      return `${event.type === 'created' ? 'new' : 'as it was then'}: ${set
        .filter(([field]) => field !== 'id')
        .map(([field, value]) => `${printable(field)} ${describeValue(field, value, telling)}`)
        .join(', ')}`
    case 'deleted':
    case 'expired':
      return 'gone; its history stays'
    default: {
      // What a newer program wrote under a type of its own sets and removes fields too.
      const changes = set.map(([field, value]) => describeField(field, before?.[field], value, telling))
      return [...changes, ...event.removed.map((field) => `${printable(field)} removed`)].join(', ')
    }
  }
}

/** What an event changed, and why, if it says so. @param longest columns of a value */
export function describeEvent<T extends JobCore>(
  before: JobFields | null,
  event: JobEvent<T>,
  longest: number = LONGEST_VALUE,
): string {
  const reason = event.meta?.reason
  const why = reason === undefined ? '' : ` (${describeValue('reason', reason, { longest })})`
  return describeChange(before, event, { longest, at: event.at }) + why
}

/** An error of a job's, on one line. */
export function describeError({ code, message }: NonNullable<JobCore['error']>): string {
  return printable(`${code}: ${message}`)
}

function describeField(field: string, before: unknown, after: unknown, telling: Telling): string {
  if (field === 'progress' && isProgress(before) && isProgress(after))
    return `${before.percent} % → ${describeProgress(after, telling)}`
  const value = describeValue(field, after, telling)
  const name = printable(field)
  return before === undefined ? `${name} ${value}` : `${name} ${describeValue(field, before, telling)} → ${value}`
}

function describeProgress({ percent, stage, message }: JobCore['progress'], telling: Telling): string {
  // Only percent is checked on writing: the others may be anything.
  return [`${Math.round(percent)} %`, stage, message]
    .filter((part) => part !== undefined)
    .map((part) => describeValue('', part, telling))
    .join(', ')
}

/** Drift, or another program, may have left anything there. */
function isProgress(value: unknown): value is JobCore['progress'] {
  return typeof (value as { percent?: unknown } | null)?.percent === 'number'
}

function isError(value: unknown): value is NonNullable<JobCore['error']> {
  return typeof (value as { message?: unknown } | null)?.message === 'string'
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, -14)
}
