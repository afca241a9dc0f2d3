import type { ReplayOptions } from './contract.ts'
import { isId } from './core/check.ts'
import { describe } from './core/errors.ts'
import type { AsOf, EventQuery, SubscribeOptions } from './core/event.ts'
import { isPlainObject } from './core/value.ts'

/** @throws TypeError unless the argument is text; what no job's id could be is simply not there */
export function requireText(argument: string, value: unknown): void {
  if (typeof value !== 'string') throw refused(argument, 'text', value)
}

/** @throws TypeError unless the argument is a whole number, 0 or more */
export function requireCount(argument: string, value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw refused(argument, 'a whole number, 0 or more', value)
  return value as number
}

/** @throws TypeError unless the options are an object, or not given */
export function requireOptions(value: unknown): void {
  if (value !== undefined && !isPlainObject(value)) throw refused('options', 'a plain object', value)
}

/** @throws TypeError unless the argument is a valid Date */
export function requireDate(argument: string, value: unknown): void {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw refused(argument, 'a valid Date', value)
}

/** @throws TypeError naming the option of a walk over the log that is none */
export function requireReplayOptions(options: ReplayOptions): void {
  requireOptions(options)
  requireSignal(options.signal)
  const { onProgress }: { onProgress?: unknown } = options
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw refused('options.onProgress', 'a function', onProgress)
}

/** @throws TypeError unless the argument is a valid Date, { version } or { eventId } */
export function requireAsOf(asOf: AsOf): void {
  if (asOf instanceof Date) {
    if (Number.isNaN(asOf.getTime())) throw refused('asOf', 'a valid Date', asOf)
  } else if (isPlainObject(asOf) && 'version' in asOf) requireCount('asOf.version', asOf.version)
  else if (isPlainObject(asOf) && 'eventId' in asOf) requireText('asOf.eventId', asOf.eventId)
  else throw refused('asOf', 'a Date, { version } or { eventId }', asOf)
}

/** @throws TypeError naming the field of a query that is none */
export function requireQuery(query: EventQuery): void {
  const given: unknown = query
  if (!isPlainObject(given)) throw refused('query', 'a plain object', query)
  if (query.jobId !== undefined) requireText('query.jobId', query.jobId)
  if (query.userId !== undefined) requireText('query.userId', query.userId)
  if (query.types !== undefined && !Array.isArray(query.types)) throw refused('query.types', 'an array', query.types)
}

/** @throws TypeError naming the option of a subscription that is none */
export function requireSubscribeOptions(options: SubscribeOptions): void {
  requireOptions(options)
  requireQuery(options)
  requireSignal(options.signal)
  const { conflateProgress, bufferSize = 1 }: { conflateProgress?: unknown; bufferSize?: unknown } = options
  if (conflateProgress !== undefined && typeof conflateProgress !== 'boolean')
    throw refused('options.conflateProgress', 'true or false', conflateProgress)
  if (!Number.isSafeInteger(bufferSize) || (bufferSize as number) < 1)
    throw refused('options.bufferSize', 'a whole number, 1 or more', bufferSize)
}

/** @throws TypeError naming the option of a watch that is none */
export function requireWatchOptions(options: { signal?: AbortSignal }): void {
  requireOptions(options)
  requireSignal(options.signal)
}

/** Whether a query asks for a job or a user that can't be. */
export function asksForNothing(query: EventQuery): boolean {
  return (query.jobId !== undefined && !isId(query.jobId)) || (query.userId !== undefined && !isId(query.userId))
}

function requireSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw refused('options.signal', 'an AbortSignal', signal)
}

function refused(argument: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${argument}: expected ${expected}, got ${describe(value)}.`)
}
