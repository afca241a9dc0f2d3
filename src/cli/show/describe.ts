import type { JobEvent } from '../../core/event.ts'
import type { JobCore, JobFields } from '../../core/job.ts'
import { jsonOf } from '../terminal/json.ts'
import { printable } from '../../core/printable.ts'
import { cut, dateTime, timeOfDay } from '../terminal/text.ts'

const LONGEST_VALUE = 60

/** A field's value as a person reads it, on one line. Of a time on the day of `at`, only the time of day. */
export function describeValue(field: string, value: unknown, at?: Date): string {
  if (value === undefined) return '–'
  if (value instanceof Date) return dayOf(value) === (at && dayOf(at)) ? timeOfDay(value) : dateTime(value)
  if (typeof value === 'string') return cut(printable(value), LONGEST_VALUE)
  if (field === 'progress' && isProgress(value)) return describeProgress(value)
  if (field === 'error' && isError(value)) return describeError(value)
  return cut(printable(jsonOf(withoutSecret(field, value))), LONGEST_VALUE)
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
function describeChange<T extends JobCore>(before: JobFields | null, event: JobEvent<T>): string {
  const set = Object.entries(event.data as JobFields)
  switch (event.type as string) {
    case 'created':
    case 'snapshotted':
      return `${event.type === 'created' ? 'new' : 'as it was then'}: ${set
        .filter(([field]) => field !== 'id')
        .map(([field, value]) => `${printable(field)} ${describeValue(field, value, event.at)}`)
        .join(', ')}`
    case 'deleted':
    case 'expired':
      return 'gone; its history stays'
    default: {
      // What a newer program wrote under a type of its own sets and removes fields too.
      const changes = set.map(([field, value]) => describeField(field, before?.[field], value, event.at))
      return [...changes, ...event.removed.map((field) => `${printable(field)} removed`)].join(', ')
    }
  }
}

/** What an event changed, and why, if it says so. */
export function describeEvent<T extends JobCore>(before: JobFields | null, event: JobEvent<T>): string {
  const reason = event.meta?.reason
  return describeChange(before, event) + (reason === undefined ? '' : ` (${describeValue('reason', reason)})`)
}

/** An error of a job's, on one line. */
export function describeError({ code, message }: NonNullable<JobCore['error']>): string {
  return printable(`${code}: ${message}`)
}

function describeField(field: string, before: unknown, after: unknown, at: Date): string {
  if (field === 'progress' && isProgress(before) && isProgress(after))
    return `${before.percent} % → ${describeProgress(after)}`
  const value = describeValue(field, after, at)
  const name = printable(field)
  return before === undefined ? `${name} ${value}` : `${name} ${describeValue(field, before, at)} → ${value}`
}

function describeProgress({ percent, stage, message }: JobCore['progress']): string {
  // Only percent is checked on writing: the others may be anything.
  return [`${Math.round(percent)} %`, stage, message]
    .filter((part) => part !== undefined)
    .map((part) => describeValue('', part))
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
