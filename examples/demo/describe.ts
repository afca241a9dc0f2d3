import type { JobCore, JobEvent } from '../../src/index.ts'
import type { Fields } from './fold.ts'
import { cut, printable, timeOfDay } from './text.ts'

const LONGEST_VALUE = 60

/** A field's value as a person reads it, on one line. Of a time on the day of `at`, only the time of day. */
export function describeValue(field: string, value: unknown, at?: Date): string {
  if (value === undefined) return '–'
  if (value instanceof Date)
    return dayOf(value) === (at && dayOf(at)) ? timeOfDay(value) : `${dayOf(value)} ${timeOfDay(value)}`
  if (typeof value === 'string') return cut(printable(value), LONGEST_VALUE)
  if (field === 'progress') return describeProgress(value as JobCore['progress'])
  if (field === 'error') return describeError(value as NonNullable<JobCore['error']>)
  return cut(printable(JSON.stringify(value) ?? typeof value), LONGEST_VALUE)
}

/** What an event changed, given the job before it. */
export function describeChange<T extends JobCore>(before: Fields | null, event: JobEvent<T>): string {
  const set = Object.entries(event.data as Fields)
  switch (event.type) {
    case 'created':
    case 'snapshotted':
      return `new: ${set
        .filter(([field]) => field !== 'id')
        .map(([field, value]) => `${field} ${describeValue(field, value, event.at)}`)
        .join(', ')}`
    case 'deleted':
    case 'expired':
      return 'gone; its history stays'
    case 'updated':
    case 'statusChanged':
    case 'progressed': {
      const changes = set.map(([field, value]) => describeField(field, before?.[field], value, event.at))
      return [...changes, ...event.removed.map((field) => `${field} removed`)].join(', ')
    }
  }
}

function describeField(field: string, before: unknown, after: unknown, at: Date): string {
  if (field === 'progress' && before !== undefined) {
    const { percent } = before as JobCore['progress']
    return `${percent} % → ${describeProgress(after as JobCore['progress'])}`
  }
  const value = describeValue(field, after, at)
  return before === undefined ? `${field} ${value}` : `${field} ${describeValue(field, before, at)} → ${value}`
}

function describeProgress({ percent, stage, message }: JobCore['progress']): string {
  return [`${Math.round(percent)} %`, stage, message]
    .filter((part) => part !== undefined)
    .map(printable)
    .join(', ')
}

/** An error of a job's, on one line. */
export function describeError({ code, message }: NonNullable<JobCore['error']>): string {
  return printable(`${code}: ${message}`)
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, -14)
}
